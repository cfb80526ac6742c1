"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.pretraining import exercises


def test_none():
    assert "between 3.0 and 3.0 K" in exercises.judge_none("nearly the same", np.full((4, 5), 3.0), 3.1)
    with pytest.raises(NotYet, match="place is all"):
        exercises.judge_none("zero", np.full((4, 5), 3.0), 3.1)


def test_factor():
    assert "hold 90%" in exercises.judge_factor(2.6, 0.9)
    for factor, coverage, told in (
        (2.0, 0.8, "more is needed"),
        (4.0, 0.97, "less is needed"),
        (-1, 0.9, "above zero"),
    ):
        with pytest.raises(NotYet, match=told):
            exercises.judge_factor(factor, coverage)
