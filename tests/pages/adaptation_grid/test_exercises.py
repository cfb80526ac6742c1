"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pandas as pd
import pytest

from sparseobs.scores.calibration import variance_offset
from sparseobs_book.adaptation_grid import exercises
from sparseobs_book.checking import NotYet


def test_few():
    mae = pd.DataFrame({20: [2.3, 3.0], 500: [0.9, 1.2]}, index=["sim-only", "real-only"])
    assert "real-only gains 1.80 K" in exercises.judge_few("real-only", mae)
    with pytest.raises(NotYet, match="nothing but the stations"):
        exercises.judge_few("sim-only", mae)


def best_added(errors, variance):
    return max(0.0, np.mean(errors**2) - variance)


def test_variance(said):
    assert "Right. With 1.74 K² added" in said(exercises.judge_variance, best_added)
    assert "still open" in said(exercises.judge_variance, lambda errors, variance: ...)


@pytest.mark.parametrize(
    ("sentence", "slip"),
    [
        ("is stated already", lambda errors, variance: np.mean(errors**2)),
        ("no root of it", lambda errors, variance: np.mean(errors**2) - np.sqrt(variance)),
        ("is a standard deviation", lambda errors, variance: np.sqrt(best_added(errors, variance))),
        ("pays for the bias", lambda errors, variance: max(0.0, np.var(errors) - variance)),
        ("absolute errors", lambda errors, variance: np.abs(errors).mean() - variance),
        ("states too much", lambda errors, variance: np.mean(errors**2) - variance),
        ("is not the highest", lambda errors, variance: 0.0),
    ],
)
def test_slips_with_the_variance(told, sentence, slip):
    assert sentence in told(exercises.judge_variance, slip)


def test_the_variance_asked_for_is_that_of_the_package():
    errors = np.random.default_rng(3).normal(0.2, 2.0, 300)
    for stated in (0.5, 9.0):
        std = np.full_like(errors, np.sqrt(stated))
        found = variance_offset(np.zeros_like(errors), std, errors)
        assert found == pytest.approx(best_added(errors, stated), abs=1e-3)
