"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.start_from_kriging import exercises


@pytest.mark.parametrize(
    ("network", "right"), [([0.6, 4.0], "NLL"), ([0.8, 1.0], "MAE"), ([0.8, 4.0], "both"), ([0.6, 1.0], "neither")]
)
def test_which_score_is_worse(network, right):
    scores = pd.DataFrame([[0.7, 1.3], network], columns=["MAE (K)", "NLL (nats)"])
    assert f"from 1.30 to {network[1]:.2f} nats" in exercises.judge_worse(right, scores)
    for wrong in {*exercises.ANSWERS} - {right}:
        with pytest.raises(NotYet, match="thermometer"):
            exercises.judge_worse(wrong, scores)


def gradient(z):
    return -z, (1 - z**2) / 2


def test_the_gradient_asked_for_is_that_of_the_loss(said):
    assert "Right. The mean is pulled" in said(exercises.judge_gradient, gradient)
    assert "still open" in said(exercises.judge_gradient, lambda z: ...)

    def loss(a, b, z):
        return b / 2 + (z - a) ** 2 * np.exp(-b) / 2

    small = 1e-5
    for z in (-0.3, 2.0):
        found = [(loss(*plus, z) - loss(*minus, z)) / (2 * small) for plus, minus in _around_zero(small)]
        np.testing.assert_allclose(gradient(z), found, atol=1e-6)


def _around_zero(small):
    return [((small, 0.0), (-small, 0.0)), ((0.0, small), (0.0, -small))]


@pytest.mark.parametrize(
    ("sentence", "slip"),
    [
        ("first has the wrong sign", lambda z: (z, (1 - z**2) / 2)),
        ("By the move", lambda z: (-(z**2), (1 - z**2) / 2)),
        ("second has the wrong sign", lambda z: (-z, (z**2 - 1) / 2)),
        ("logarithm of the standard deviation", lambda z: (-z, -(z**2) / 2)),
        ("off by two", lambda z: (-z, 1 - z**2)),
        ("half of the logarithm", lambda z: (-z, 1 - z**2 / 2)),
        ("what does not change", lambda z: (-z, 0.0)),
        ("shape", lambda z: -z),
    ],
)
def test_slips_with_the_gradient(told, sentence, slip):
    assert sentence in told(exercises.judge_gradient, slip)


def best_share(start, network, reading):
    correction, wanted = network - start, reading - start
    there = np.isfinite(wanted)
    return (correction * wanted)[there].sum() / (correction**2)[there].sum()


def test_share(said):
    assert "Right. With 0.59 of it" in said(exercises.judge_share, best_share)
    assert "still open" in said(exercises.judge_share, lambda start, network, reading: ...)


@pytest.mark.parametrize(
    ("sentence", "slip"),
    [
        ("have gaps", lambda s, n, r: ((n - s) * (r - s)).sum() / ((n - s) ** 2).sum()),
        ("sign is wrong", lambda s, n, r: -best_share(s, n, r)),
        ("what is wanted", lambda s, n, r: np.nansum((n - s) * (r - s)) / np.nansum((r - s) ** 2)),
        ("is missing", lambda s, n, r: np.nansum((n - s) * (r - s)) / ((n - s) ** 2).sum()),
        ("intercept", lambda s, n, r: np.polyfit((n - s)[np.isfinite(r)], (r - s)[np.isfinite(r)], 1)[0]),
        ("smaller squared error", lambda s, n, r: 1.0),
    ],
)
def test_slips_with_the_share(told, sentence, slip):
    assert sentence in told(exercises.judge_share, slip)
