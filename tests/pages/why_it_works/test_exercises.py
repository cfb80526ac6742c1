"""The judges of the page on theory accept what is right and name what people get wrong."""

import numpy as np
import pytest

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.checking import NotYet
from sparseobs_book.why_it_works import exercises


def unpaired(one, other):
    first, second = repeat_interval(one), repeat_interval(other)
    return first.mean - second.mean, first.low - second.high, first.high - second.low


@pytest.mark.parametrize(
    "judge, answer",
    [
        (exercises.price_of_noise, lambda E: (E + 1) / E),
        (exercises.cost_at_more_noise, "More"),
        (exercises.compared, lambda one, other: repeat_interval(one - other)[:3]),
        (exercises.cycles_until, lambda share, exponent, tau: np.log(share) / exponent / tau),
    ],
)
def test_what_is_right_is_accepted(judge, answer):
    assert judge(answer)


@pytest.mark.parametrize(
    "judge, answer, said",
    [
        (exercises.price_of_noise, lambda E: ..., "still open"),
        (exercises.price_of_noise, lambda E: 1 + 1 / E**0.5, "no root"),
        (exercises.price_of_noise, lambda E: 1 / E, "Both parts"),
        (exercises.price_of_noise, lambda E: 1 + E, "upside down"),
        (exercises.price_of_noise, lambda E: 2.0, "independent parts add"),
        (exercises.cost_at_more_noise, "less", "its share"),
        (exercises.cost_at_more_noise, "equal", "none of the choices"),
        (exercises.compared, lambda one, other: ..., "still open"),
        (exercises.compared, lambda one, other: repeat_interval(other - one)[:3], "sign"),
        (exercises.compared, unpaired, "truth by truth"),
        (exercises.compared, lambda one, other: (0, 0, 0), "Take the difference first"),
        (exercises.cycles_until, lambda share, exponent, tau: np.log(share) / exponent, "a time"),
        (exercises.cycles_until, lambda share, exponent, tau: np.log(1 / share) / exponent / tau, "sign"),
        (exercises.cycles_until, lambda share, exponent, tau: np.log(share) / exponent * tau, "longer a cycle"),
        (exercises.cycles_until, lambda share, exponent, tau: 1 - share, "logarithm of both sides"),
    ],
)
def test_what_is_wrong_is_named(judge, answer, said):
    with pytest.raises(NotYet, match=said):
        judge(answer)
