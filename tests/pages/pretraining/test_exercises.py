"""The page's judges take right answers, and tell usual mistakes apart."""

import numpy as np
import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.pretraining import exercises

STD, LAND = np.array([1.5, 1.6, 3.5, 3.6]), np.array([0.0, 0.2, 0.9, 1.0])
PLANE = np.stack(np.meshgrid(np.arange(12.0), np.arange(10.0)), axis=-1).reshape(-1, 2)


def test_none():
    assert "1.6 K over the sea and 3.5 K over land" in exercises.judge_none("smaller over the sea", STD, LAND)
    for given, told in (("zero", "no value of this hour"), ("the same everywhere", "depart least")):
        with pytest.raises(NotYet, match=told):
            exercises.judge_none(given, STD, LAND)


def test_share():
    assert "52 in 100" in exercises.judge_share(lambda n, most: 0.1 + 0.9 * np.log(n) / np.log(most + 1))


@pytest.mark.parametrize(
    "share, told",
    [
        (lambda n, most: np.log(n) / np.log(most + 1), "Count it"),
        (lambda n, most: 0.1 + 0.9 * n / (most + 1), "all alike"),
        (lambda n, most: 0.9 * np.log(n) / np.log(most + 1), "fewer than n as well"),
        (lambda n, most: 0.1 + 0.9 * np.log(n) / np.log(most), "it is not"),
        (lambda n, most: 0.1 + 0.9 * np.log(n + 1) / np.log(most + 1), "it is not"),
        (lambda n, most: ..., "still open"),
    ],
)
def test_share_mistakes(share, told):
    with pytest.raises(NotYet, match=told):
        exercises.judge_share(share)


def crowd(coordinates, centre, n):
    return np.argsort(np.square(coordinates - coordinates[centre]).sum(axis=1))[:n]


def test_cluster():
    shown = []

    def error_with(cells):
        shown.append(np.asarray(cells))
        return [2.0, 1.9] if len(shown) == 1 else [0.8, 0.7]

    said = exercises.judge_cluster(crowd, PLANE, np.arange(exercises.CLUSTER), error_with)
    assert "errs by 2.00 K and kriging by 1.90 K" in said and "0.80 K and 0.70 K" in said
    assert len(shown[0]) == exercises.CLUSTER and np.ptp(PLANE[shown[0]], axis=0).max() <= 6


@pytest.mark.parametrize(
    "nearest, told",
    [
        (lambda places, centre, n: np.argsort(-np.square(places - places[centre]).sum(1))[:n], "farthest"),
        (lambda places, centre, n: crowd(places, centre, n + 1)[1:], "in the middle is missing"),
        (lambda places, centre, n: np.argsort(np.abs(places - places[centre])[:, 0])[:n], "one axis"),
        (lambda places, centre, n: crowd(places, 0, n), "other cells"),
        (lambda places, centre, n: crowd(places, centre, n + 2), "shape"),
        (lambda places, centre, n: ..., "still open"),
    ],
)
def test_cluster_mistakes(nearest, told):
    with pytest.raises(NotYet, match=told):
        exercises.judge_cluster(nearest, PLANE, np.arange(exercises.CLUSTER), lambda cells: [0.0, 0.0])


def test_factor():
    assert "hold 90%" in exercises.judge_factor(2.6, 0.9)
    for factor, coverage, told in (
        (2.0, 0.8, "more is needed"),
        (4.0, 0.97, "less is needed"),
        (-1, 0.9, "above zero"),
    ):
        with pytest.raises(NotYet, match=told):
            exercises.judge_factor(factor, coverage)
