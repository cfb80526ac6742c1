"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest

from sparseobs_book.checking import NotYet, check
from sparseobs_book.data_you_can_trust import exercises


def test_limit():
    assert "15%" in exercises.judge_limit("no", 0.01, 0.15)
    with pytest.raises(NotYet, match="varies"):
        exercises.judge_limit("yes", 0.01, 0.15)


def test_offset(capsys):
    def not_believed(offset):
        return offset / 8.4

    assert "4.2 K" in exercises.judge_offset(4.2, not_believed)
    for offset, told in ((1.0, "not kelvin"), (8.0, "already"), ("far", "a number")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_offset(offset, not_believed)
    check(exercises.judge_offset, ..., not_believed)
    assert capsys.readouterr().out.startswith("Not yet. Put"), "an open answer is right with no limit whatever"


def spells(readings, n, gaps=False, whole=True):
    found = np.zeros(len(readings), dtype=bool)
    for end in range(n, len(readings) + 1):
        part = readings[end - n : end]
        if (part == part[0]).all() or (gaps and np.isnan(part).all()):
            found[end - n if whole else end - 1 : end] = True
    return found


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda readings, n: spells(readings, n, gaps=True), "gaps"),
        (lambda readings, n: spells(readings, n, whole=False), "1 of them"),
        (lambda readings, n: np.r_[spells(readings, n)[:9], [False] * 3], "at the end"),
        (lambda readings, n: spells(readings, 2), "by chance"),
        (lambda readings, n: spells(readings, 3), "use n"),
        (lambda readings, n: ..., "still open"),
    ],
)
def test_stuck(answer, told):
    assert "looks at time" in exercises.judge_stuck(spells)
    with pytest.raises(NotYet, match=told):
        exercises.judge_stuck(answer)
