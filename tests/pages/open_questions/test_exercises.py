"""The page's judges take right answers, and tell usual mistakes apart."""

import pandas as pd
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.open_questions import exercises


def test_clusters():
    shares = {"next station": 0.3, "held-out station": 0.95}
    assert "held-out station 95%" in exercises.judge_clusters("held-out station", shares)
    with pytest.raises(NotYet, match="two stations"):
        exercises.judge_clusters("next station", shares)


def test_hurt():
    cost = pd.Series({"IDW": 30.0, "Sim2Real": 5.0})
    assert "cost IDW most, 30 %" in exercises.judge_hurt("crps", cost)
    for score, told in (("nll", "no perfect"), ("mae", "asked for")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_hurt(score, cost)
