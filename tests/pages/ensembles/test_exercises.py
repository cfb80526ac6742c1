"""The judges of the page on ensembles accept what is right and name what people get wrong."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.ensembles import exercises

RATIO = 0.36


@pytest.mark.parametrize(
    "judge, answers",
    [
        (exercises.spread_of_many, ("stay",)),
        (exercises.honest_error, (lambda s, m: s * (1 + 1 / m) ** 0.5,)),
        (exercises.stretched_by, (1 / RATIO, RATIO)),
    ],
)
def test_what_is_right_is_accepted(judge, answers):
    assert judge(*answers)


@pytest.mark.parametrize(
    "judge, answers, said",
    [
        (exercises.spread_of_many, ("grow",), "no range"),
        (exercises.spread_of_many, ("shrink",), "single one"),
        (exercises.honest_error, (lambda s, m: ...,), "still open"),
        (exercises.honest_error, (lambda s, m: s / m**0.5,), "a draw too"),
        (exercises.honest_error, (lambda s, m: s,), "infinitely many"),
        (exercises.honest_error, (lambda s, m: s**2 * (1 + 1 / m),), "its root"),
        (exercises.honest_error, (lambda s, m: s * m,), "independent numbers add"),
        (exercises.stretched_by, (1.0, RATIO), "leaves the members"),
        (exercises.stretched_by, (RATIO, RATIO), "narrower still"),
        (exercises.stretched_by, (1 / RATIO**2, RATIO), "not of variances"),
        (exercises.stretched_by, (5.0, RATIO), "what times the ratio"),
    ],
)
def test_what_is_wrong_is_named(judge, answers, said):
    with pytest.raises(NotYet, match=said):
        judge(*answers)
