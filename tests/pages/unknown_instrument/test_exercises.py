"""The page's judges take right answers, and tell usual mistakes apart."""

import pytest
import torch

from sparseobs_book.checking import NotYet
from sparseobs_book.unknown_instrument import exercises


def test_noise():
    assert "from 0.32 to 1.51" in exercises.judge_noise("enkf", (1.33, 0.32), (1.74, 1.51))
    with pytest.raises(NotYet, match="accurate channels"):
        exercises.judge_noise("learned", (1.33, 0.32), (1.74, 1.51))


def fit(states, channels):
    return torch.linalg.lstsq(states - states.mean(0), channels - channels.mean(0)).solution.mT


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda states, channels: fit(states, channels).mT, "transpose"),
        (lambda states, channels: torch.linalg.lstsq(states, channels).solution.mT, "offset"),
        (
            lambda states, channels: (channels - channels.mean(0)).mT @ (states - states.mean(0)) / len(states),
            "divided",
        ),
        (lambda states, channels: torch.zeros(3, 6), "is off by"),
        (lambda states, channels: ..., "still open"),
    ],
)
def test_regression(answer, told):
    assert "easy to calibrate" in exercises.judge_regression(fit)
    with pytest.raises(NotYet, match=told):
        exercises.judge_regression(answer)
