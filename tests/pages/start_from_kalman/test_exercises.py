"""The judges of the page on the smoother accept what is right and name what people get wrong."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.start_from_kalman import exercises


@pytest.mark.parametrize(
    "judge, answers",
    [
        (exercises.twice_the_lag, ("larger",)),
        (exercises.gap_without_gain, (4,)),
        (exercises.share_of_gain, (lambda k: 1 / (1 + (1 - k) ** 0.5),)),
        (exercises.other_sizes, (7, 0)),
    ],
)
def test_what_is_right_is_accepted(judge, answers):
    assert judge(*answers)


@pytest.mark.parametrize(
    "judge, answers, said",
    [
        (exercises.twice_the_lag, ("smaller",), "linear"),
        (exercises.twice_the_lag, ("equal",), "one unit of time"),
        (exercises.gap_without_gain, (2,), "Look more rarely"),
        (exercises.gap_without_gain, (8,), "stops earlier"),
        (exercises.share_of_gain, (lambda k: ...,), "still open"),
        (exercises.share_of_gain, (lambda k: 0.5,), "small gain only"),
        (exercises.share_of_gain, (lambda k: 1.0,), "is its square"),
        (exercises.share_of_gain, (lambda k: -1 / (1 + (1 - k) ** 0.5),), "sign"),
        (exercises.share_of_gain, (lambda k: 1 - (1 - k) ** 0.5,), "Divide by the gain"),
        (exercises.share_of_gain, (lambda k: k,), "should be 1 - k"),
        (exercises.other_sizes, (10, 0), "it was trained"),
        (exercises.other_sizes, (2, 3), "It lost 3"),
    ],
)
def test_what_is_wrong_is_named(judge, answers, said):
    with pytest.raises(NotYet, match=said):
        judge(*answers)
