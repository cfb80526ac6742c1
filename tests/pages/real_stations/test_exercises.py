"""The page's judges take right answers, and tell usual mistakes apart."""

import pytest
import torch

from sparseobs_book.checking import NotYet
from sparseobs_book.real_stations import exercises

NORTH, EAST = torch.tensor([0.0, 1.0, 2.0, 4.0]), torch.tensor([3.0, -1.0, 0.5, 0.0])


def test_few():
    before = {"learned covariance": 0.85, "kriging + elevation drift": 0.86}
    after = {"learned covariance": 0.84, "kriging + elevation drift": 0.86}
    assert "learned covariance changes most, by -0.010 K" in exercises.judge_few(exercises.UNTOUCHED, before, after)
    with pytest.raises(NotYet, match="never read"):
        exercises.judge_few("learned covariance", before, after)


def by_direction(north_length, east_length, a, b, scale=100):
    north, east = (axis[a, None] - axis[None, b] for axis in (NORTH, EAST))
    return (scale * north / north_length) ** 2 + (scale * east / east_length) ** 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda north, east, a, b: by_direction(east, north, a, b), "changed places"),
        (lambda north, east, a, b: by_direction(north, east, a, b, scale=1), "100 km"),
        (lambda north, east, a, b: by_direction(north, torch.inf, a, b), "missing"),
        (lambda north, east, a, b: by_direction(north, north, a, b), "no difference"),
        (lambda north, east, a, b: by_direction(north, east, a, b).T, "shape"),
        (lambda north, east, a, b: None, "returns nothing"),
    ],
)
def test_squares(answer, told):
    assert "give the squared distance" in exercises.judge_squares(by_direction, NORTH, EAST)
    with pytest.raises(NotYet, match=told):
        exercises.judge_squares(answer, NORTH, EAST)
