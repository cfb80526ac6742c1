"""The judges of the page's exercises accept what is right and name what people get wrong."""

from types import SimpleNamespace

import numpy as np
import pytest

from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig
from sparseobs_book.checking import NotYet
from sparseobs_book.temperature_from_stations import exercises

ROOT = np.sqrt(2 / np.pi)


def test_a_perfect_forecaster():
    assert "1.64 K" in exercises.judge_perfect(lambda *stds: ROOT * np.sqrt(np.square(stds).sum()))
    slips = {
        "standard deviation. The mean": lambda *stds: np.sqrt(np.square(stds).sum()),
        "variances add": lambda *stds: ROOT * sum(stds),
        "root of the sum": lambda *stds: ROOT * np.square(stds).sum(),
        "First the standard": lambda *stds: 0.7,
        "still open": lambda *stds: ...,
    }
    for said, slip in slips.items():
        with pytest.raises(NotYet, match=said):
            exercises.judge_perfect(slip)


def test_a_part_of_the_network():
    model, other = (ConvCNP(ConvCNPConfig(channels=(4, 4), kernel=3), seed) for seed in (0, 1))
    asked = []

    def scores(part):
        asked.append(part)
        return SimpleNamespace(mae=0.5, nll=0.9)

    def head(network):
        return network.unet.head.parameters()

    assert "beats FiLM's 1.000" in exercises.judge_part(head, model, scores, 1.0)
    assert "does not beat" in exercises.judge_part(head, model, scores, 0.9)
    slips = {
        "still open": lambda network: ...,
        "list of parameters": lambda network: [],
        "at least one": lambda network: [network.unet.head],
        "from the model": lambda network: list(other.unet.head.parameters()),
        "own ways": lambda network: network.film_parameters(),
        "Invent": lambda network: network.parameters(),
    }
    asked.clear()
    for said, slip in slips.items():
        with pytest.raises(NotYet, match=said):
            exercises.judge_part(slip, model, scores, 1.0)
    assert not asked, "nothing is trained for an answer that is refused"
