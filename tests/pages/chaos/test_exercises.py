"""The judges of the page on chaos accept what is right and name what people get wrong."""

import math

import pytest

from sparseobs_book.chaos import exercises
from sparseobs_book.checking import NotYet

EXPONENT = 1.69


@pytest.mark.parametrize(
    "judge, answers",
    [
        (exercises.time_bought, (2.7, EXPONENT)),
        (exercises.growth_time, (lambda factor, exponent: math.log(factor) / exponent,)),
        (exercises.stormier, (10.0, 1.5)),
        (exercises.neutral, ("later",)),
    ],
)
def test_what_is_right_is_accepted(judge, answers):
    assert judge(*answers)


@pytest.mark.parametrize(
    "judge, answers, said",
    [
        (exercises.time_bought, (1.2, EXPONENT), "natural logarithms"),
        (exercises.time_bought, (6.6, EXPONENT), "how many times"),
        (exercises.time_bought, (100, EXPONENT), "dashed line"),
        (exercises.growth_time, (lambda factor, exponent: ...,), "still open"),
        (exercises.growth_time, (lambda factor, exponent: math.log(factor) * exponent,), "faster growth"),
        (exercises.growth_time, (lambda factor, exponent: math.log2(factor) / exponent,), "another base"),
        (exercises.growth_time, (lambda factor, exponent: math.log10(factor) / exponent,), "another base"),
        (exercises.growth_time, (lambda factor, exponent: factor / exponent,), "should give the factor"),
        (exercises.stormier, (8.0, 2.1), "still is 8"),
        (exercises.stormier, (12.0, 1.3), "F = 10"),
        (exercises.stormier, (10.0, 0.3), "five days"),
        (exercises.neutral, ("larger",), "another trajectory"),
        (exercises.neutral, ("random",), "grows fastest"),
        (exercises.neutral, ("none",), "none of the choices"),
    ],
)
def test_what_is_wrong_is_named(judge, answers, said):
    with pytest.raises(NotYet, match=said):
        judge(*answers)


def test_the_steps_that_judge_a_formula_are_fine_enough():
    assert exercises.stepped_until(2.0, 1.0) == pytest.approx(math.log(2), abs=1e-5)
