"""The page's judges take right answers, and tell usual mistakes apart."""

import pandas as pd
import pytest

from sparseobs_book.adaptation_grid import exercises
from sparseobs_book.checking import NotYet


def test_few():
    mae = pd.DataFrame({20: [2.3, 3.0], 500: [0.9, 1.2]}, index=["sim-only", "real-only"])
    assert "real-only gains 1.80 K" in exercises.judge_few("real-only", mae)
    with pytest.raises(NotYet, match="nothing but the stations"):
        exercises.judge_few("sim-only", mae)


def test_cheapest():
    assert "needs 2000 hours" in exercises.judge_cheapest("real-only", 2000, 0.05)
    with pytest.raises(NotYet, match="asked for"):
        exercises.judge_cheapest("Sim2Real", 80, 0.05)
