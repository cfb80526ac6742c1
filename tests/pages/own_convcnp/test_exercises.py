"""The judges of the page's exercises accept what is right and name what people get wrong."""

import numpy as np
import pytest
import torch

from sparseobs_book.checking import NotYet
from sparseobs_book.own_convcnp import exercises
from sparseobs_book.own_convcnp import run as line

NODES = line.OwnConvCNP().nodes
SPACING = 1 / 16


def weights(x):
    return torch.exp(-0.5 * ((x[..., None] - NODES) / SPACING) ** 2)


def channels(w, y):
    density = w.sum(1)
    return torch.stack([density, (w * y[..., None]).sum(1) / (density + 0.01)], dim=1)


def plain(x, y):
    return channels(weights(x), y)


def test_far_from_all_readings():
    assert "levels at 1.12" in exercises.judge_far(1.12, 0.5, 1.118, 1.1)
    for guess, said in ((0.5, "noise"), (3, "does not grow"), (0.9, "nothing at all")):
        with pytest.raises(NotYet, match=said):
            exercises.judge_far(guess, 0.5, 1.118, 1.1)


def test_the_best_std():
    assert "root mean square" in exercises.judge_best_std(lambda e: np.sqrt((e**2).mean()))
    slips = {
        "variance": lambda e: (e**2).mean(),
        "mean error": np.std,
        "mean absolute error": lambda e: np.abs(e).mean(),
        "derivative": lambda e: 1.0,
        "still open": lambda e: ...,
    }
    for said, slip in slips.items():
        with pytest.raises(NotYet, match=said):
            exercises.judge_best_std(slip)


def test_the_set_convolution_with_gaps():
    def right(x, y, mask):
        return channels(weights(x) * mask[..., None], y.masked_fill(~mask, 0))

    def not_zero_divided(x, y, mask):
        found = right(x, y, mask)
        return torch.stack([found[:, 0], found[:, 1] * (found[:, 0] + 0.01)], dim=1)

    assert "adds nothing" in exercises.judge_gaps(right, plain)
    slips = {
        "NaN times zero": lambda x, y, mask: channels(weights(x), y * mask),
        "density counts": lambda x, y, mask: channels(weights(x), y.masked_fill(~mask, 0)),
        "signal is not": not_zero_divided,
        "still open": lambda x, y, mask: ...,
        "shape": lambda x, y, mask: weights(x),
    }
    for said, slip in slips.items():
        with pytest.raises(NotYet, match=said):
            exercises.judge_gaps(slip, plain)


def test_reading_linearly():
    def read(features, x, swap=False, whole=torch.floor):
        at = (x - NODES[0]) / SPACING
        left = whole(at).long()
        index = left[:, None].expand(-1, features.shape[1], -1)
        share = (at - left)[:, None]
        share = 1 - share if swap else share
        return (1 - share) * features.gather(2, index) + share * features.gather(2, index + 1)

    assert "sum to one" in exercises.judge_linear(read, NODES)
    for said, slip in {
        "swapped": lambda features, x: read(features, x, swap=True),
        "np.interp": lambda features, x: read(features, x, whole=lambda at: at.floor() + 1),
        "still open": lambda features, x: ...,
    }.items():
        with pytest.raises(NotYet, match=said):
            exercises.judge_linear(slip, NODES)
