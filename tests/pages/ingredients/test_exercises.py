"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest
from scipy import stats

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import NotYet
from sparseobs_book.ingredients import exercises


def test_members():
    assert "0.010 with twenty" in exercises.judge_members("less", 0.08, 0.01)
    with pytest.raises(NotYet, match="well known"):
        exercises.judge_members("more", 0.08, 0.01)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda a, b, r: a * a + b * b - 2 * r * a * b, "variance"),
        (lambda a, b, r: (a * a + b * b + 2 * r * a * b) ** 0.5, "sign"),
        (lambda a, b, r: (a * a + b * b - r * a * b) ** 0.5, "twice"),
        (lambda a, b, r: (a * a + b * b) ** 0.5, "without pairing"),
        (lambda a, b, r: 0.0, "Write the variance"),
    ],
)
def test_scatter(answer, told):
    assert "0.75" in exercises.judge_scatter(lambda a, b, r: (a * a + b * b - 2 * r * a * b) ** 0.5)
    with pytest.raises(NotYet, match=told):
        exercises.judge_scatter(answer)


def interval(first, second, factor=None, ddof=1, root=True):
    difference = first - second
    factor = factor or stats.t.ppf(0.975, len(difference) - 1)
    half = factor * difference.std(ddof=ddof) / (len(difference) ** 0.5 if root else 1)
    return difference.mean(), difference.mean() - half, difference.mean() + half


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda a, b: interval(b, a), "sign"),
        (lambda a, b: interval(a, b, factor=1.96), "1.96"),
        (lambda a, b: interval(a, b, ddof=0), "ddof"),
        (lambda a, b: interval(a, b, root=False), "root of six"),
        (lambda a, b: interval(a, b, factor=1.0), "standard error"),
        (lambda a, b: ((a - b).mean(), 0, 1, 2), "shape"),
    ],
)
def test_interval(answer, told):
    assert "t-test" in exercises.judge_interval(interval)
    with pytest.raises(NotYet, match=told):
        exercises.judge_interval(answer)


def test_unpaired_interval_is_told():
    def unpaired(first, second):
        wide = [repeat_interval(np.array(scores)) for scores in (first, second)]
        half = np.hypot(*((one.high - one.low) / 2 for one in wide))
        mean = (first - second).mean()
        return mean, mean - half, mean + half

    with pytest.raises(NotYet, match="paired"):
        exercises.judge_interval(unpaired)
