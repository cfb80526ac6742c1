"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest
from scipy.stats import norm

from sparseobs_book.checking import NotYet
from sparseobs_book.failure_signatures import exercises


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda before, after: (after - before) ** 2, "square before"),
        (lambda before, after: after - before, "standard deviations"),
        (lambda before, after: (after**2 - before**2) ** 0.5, "root"),
        (lambda before, after: before**2 - after**2, "sign"),
        (lambda before, after: after**2, "gained"),
        (lambda before, after: ..., "still open"),
    ],
)
def test_added_variance(answer, told):
    assert "2.16" in exercises.judge_added(lambda before, after: after**2 - before**2)
    with pytest.raises(NotYet, match=told):
        exercises.judge_added(answer)


def covered(said, true):
    return 2 * norm.cdf(norm.ppf(0.95) * said / true) - 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda said, true: norm.cdf(1.6449 * said / true), "lower end"),
        (lambda said, true: covered(true, said), "upside down"),
        (lambda said, true: covered(said**2, true**2), "variances"),
        (lambda said, true: 2 * norm.cdf(1.96 * said / true) - 1, "95 %"),
        (lambda said, true: min(0.9 * said / true, 1), "proportional"),
        (lambda said, true: 0.5, "honest"),
    ],
)
def test_coverage(answer, told):
    assert "68 %" in exercises.judge_coverage(covered)
    with pytest.raises(NotYet, match=told):
        exercises.judge_coverage(answer)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda error, std: np.nanquantile(np.abs(error) / std, 0.9), "already reaches"),
        (lambda error, std: np.quantile(np.abs(error) / std, 0.9) / 1.645, "NaN"),
        (lambda error, std: np.nanquantile(np.abs(error) / std, 0.95) / 1.645, "not 95"),
        (lambda error, std: np.nanmean((error / std) ** 2) ** 0.5, "mean square"),
        (lambda error, std: 1.0, "are covered"),
    ],
)
def test_factor(answer, told):
    assert "nine readings" in exercises.judge_factor(
        lambda error, std: np.nanquantile(np.abs(error) / std, 0.9) / 1.645
    )
    with pytest.raises(NotYet, match=told):
        exercises.judge_factor(answer)
