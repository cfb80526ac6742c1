"""The page's judges take right answers, and tell usual mistakes apart."""

import math

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.filter_comparison import exercises


def test_growth():
    assert "1.02" in exercises.judge_growth("as it was", 1.02)
    with pytest.raises(NotYet, match="first figure"):
        exercises.judge_growth("2.5 times", 1.02)


def test_method():
    pairs = pd.DataFrame({"ahead": ["LETKF"] * 3 + ["neither"]})
    assert "ahead in 3 cases, iEnKS in 0; in 1 " in exercises.judge_method("iEnKS", pairs)
    with pytest.raises(NotYet, match="another method"):
        exercises.judge_method("AmEnF", pairs)


def by_pairs(members, truth, factor=0.5, pairs=None):
    m = len(members)
    apart = np.abs(members[:, None] - members).sum() / (pairs or m * m)
    return np.abs(members - truth).mean() - factor * apart


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda members, truth: np.abs(members - truth).mean(), "mean distance"),
        (lambda members, truth: by_pairs(members, truth, factor=1), "half"),
        (lambda members, truth: by_pairs(members, truth, factor=-0.5), "not added"),
        (lambda members, truth: by_pairs(members, truth, pairs=len(members) * (len(members) - 1)), "fair"),
        (lambda members, truth: abs(members.mean() - truth), "mean alone"),
        (lambda members, truth: 0.0, "yours is 0.0000"),
        (lambda members, truth: ..., "still open"),
    ],
)
def test_crps(answer, told):
    assert "library" in exercises.judge_crps(by_pairs)
    with pytest.raises(NotYet, match=told):
        exercises.judge_crps(answer)


def gaussian(said, true):
    return math.sqrt(2 / math.pi) * math.hypot(said, true) - said / math.sqrt(math.pi)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda said, true: math.sqrt(2 / math.pi) * math.hypot(said, true), "first term"),
        (lambda said, true: math.sqrt(2 / math.pi) * (math.hypot(said, true) - said / 2), r"sqrt\(2\)"),
        (lambda said, true: gaussian(said, true) - said / math.sqrt(math.pi), "with a half"),
        (lambda said, true: math.sqrt(2 / math.pi) * (said + true) - said / math.sqrt(math.pi), "as variances"),
        (lambda said, true: true, "0.5642"),
    ],
)
def test_honesty(answer, told):
    assert "0.66" in exercises.judge_honesty(gaussian)
    with pytest.raises(NotYet, match=told):
        exercises.judge_honesty(answer)
