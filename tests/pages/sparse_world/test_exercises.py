"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.observing.patterns import EveryKth, Failing
from sparseobs.scores.lost import lost_truths
from sparseobs_book.checking import NotYet
from sparseobs_book.sparse_world import exercises


def test_darkest_place():
    error = np.array([1.0, 3.0, 3.2, 3.4, 3.9, 3.6])
    assert "4 sites to the right, at 3.9, and 3.0 right beside" in exercises.judge_darkest("past half way", error)
    with pytest.raises(NotYet, match="travels to the right"):
        exercises.judge_darkest("half way", error)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (EveryKth(8, "random"), "never fails"),
        (Failing(EveryKth(4), 0.25), "0.25"),
        (Failing(EveryKth(8), 0.5), "How often"),
    ],
)
def test_failing_instrument(pattern, told):
    scores = pd.DataFrame({"rmse": [2.2, 2.9]}, index=["AmEnF", "LETKF"])
    assert "LETKF errs by 2.9" in exercises.judge_failing(Failing(EveryKth(4), 0.5, seed=7), scores)
    with pytest.raises(NotYet, match=told):
        exercises.judge_failing(pattern, scores)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda p, r, n: p * (r / (p + r)) ** n, "gain falls"),
        (lambda p, r, n: (1 / (1 / p + n / r)) ** 0.5, "standard deviation"),
        (lambda p, r, n: p * r / (p + r), "Right once"),
        (lambda p, r, n: p, "1 / P"),
        (lambda p, r, n: ..., "still open"),
    ],
)
def test_claimed_variance(answer, told):
    assert "0.30" in exercises.judge_claimed(lambda p, r, n: 1 / (1 / p + n / r))
    with pytest.raises(NotYet, match=told):
        exercises.judge_claimed(answer)


def judged_as_the_package(error, limit, n):
    return lost_truths(torch.as_tensor(error)[:, None], 2 * limit, n).item()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda error, limit, n: (error > limit).sum() >= n, "never three in a row"),
        (lambda error, limit, n: (error[-n:] > limit).all(), "three are enough"),
        (lambda error, limit, n: not np.isfinite(error).all(), "Three cycles in a row"),
        (lambda error, limit, n: any((error[i : i + n] > limit).all() for i in range(len(error) - n)), "last three"),
        (lambda error, limit, n: any((error[i : i + n] > limit).all() for i in range(len(error) - n + 1)), "finite"),
    ],
)
def test_lost(answer, told):
    assert "One rule" in exercises.judge_lost(judged_as_the_package)
    with pytest.raises(NotYet, match=told):
        exercises.judge_lost(answer)
