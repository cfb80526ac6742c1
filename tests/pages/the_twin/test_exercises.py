"""The page's judges take right answers, and tell usual mistakes apart."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.the_twin import exercises


def test_hour():
    errors = {"valleys": (3.4, -2.2), "summits": (-2.2, 2.5)}
    assert "valleys +3.40 K at 3 and -2.20 K" in exercises.judge_hour("Too cold", errors)
    for prediction, told in (("too warm", "By day no cold air"), ("grow", "none of the choices")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_hour(prediction, errors)


def test_date():
    assert "17 K warmer" in exercises.judge_date("2001-07-19", 18.0, 1.0)
    for start, told in (("2001-01-01", "day 1 "), ("July", "no date")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_date(start, 1.0, 1.0)
