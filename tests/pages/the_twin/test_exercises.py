"""The page's judges take right answers, and tell usual mistakes apart."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.the_twin import exercises


def test_hour():
    errors = {"valleys": (-0.2, -0.5), "summits": (0.5, 0.9)}
    assert "summits +0.50 K at 6 and +0.90 K" in exercises.judge_hour("grow", errors)
    with pytest.raises(NotYet, match="cold pool"):
        exercises.judge_hour("shrink", errors)


def test_date():
    assert "17 K warmer" in exercises.judge_date("2001-07-19", 18.0, 1.0)
    for start, told in (("2001-01-01", "day 1 "), ("July", "no date")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_date(start, 1.0, 1.0)
