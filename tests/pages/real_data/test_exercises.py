"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.real_data import exercises


def test_fewer():
    errors = {exercises.IGNORES: 1.2, exercises.KNOWS: 0.7}
    assert "1.20 K" in exercises.judge_fewer("IDW", errors)
    with pytest.raises(NotYet, match="mountain"):
        exercises.judge_fewer(exercises.KNOWS, errors)


def test_reduced():
    assert "Reduced 0.60 K" in exercises.judge_reduced(exercises.REDUCED, 0.6, 0.61)
    with pytest.raises(NotYet, match="another method"):
        exercises.judge_reduced("lapse rate + IDW", 0.6, 0.61)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (min, "above your"),
        (max, "larger one"),
        (lambda a, b: a + b, "never reached"),
        (lambda a, b: ..., "still open"),
    ],
)
def test_bound(answer, told):
    assert "same side" in exercises.judge_bound(lambda a, b: (a + b) / 2)
    with pytest.raises(NotYet, match=told):
        exercises.judge_bound(answer)


def weighted(distance, readings, power=2.0, zeros=False, sums=True):
    known = np.isfinite(readings)
    weights = distance**-power
    values = np.where(known, readings, 0.0)
    if not zeros:
        weights = weights * known
    return weights @ values / (weights.sum(1) if sums else 1)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda distance, readings: weighted(distance, readings, power=1), "its square"),
        (lambda distance, readings: weighted(distance, readings, power=-2), "count more"),
        (lambda distance, readings: weighted(distance, readings, sums=False), "sum to one"),
        (lambda distance, readings: np.full(5, 10.0), "weighted by"),
        (lambda distance, readings: (distance**-2 / (distance**-2).sum(1, keepdims=True)) @ readings, "NaN"),
        (lambda distance, readings: weighted(distance, readings, zeros=True), "no zero"),
    ],
)
def test_idw(answer, told):
    assert "gaps included" in exercises.judge_idw(weighted)
    with pytest.raises(NotYet, match=told):
        exercises.judge_idw(answer)
