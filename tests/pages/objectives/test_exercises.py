"""The judges of the page on objectives accept what is right and name what people get wrong."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.objectives import exercises


def right_pull(E, C):
    return (E - C) / (E + 1 - 2 * C)


def right_objective(members, y, mask, sigma):
    return ((members.mean(1) - y)[..., mask] / sigma).square().mean()


@pytest.mark.parametrize(
    "judge, answer",
    [
        (exercises.copied_noise, 2),
        (exercises.cross_term, lambda slope, sigma: -2 * sigma**2 * slope),
        (exercises.best_pull, right_pull),
        (exercises.forecast_objective, right_objective),
        (exercises.biased_noise, 2.0),
    ],
)
def test_what_is_right_is_accepted(judge, answer):
    assert judge(answer)


@pytest.mark.parametrize(
    "judge, answer, said",
    [
        (exercises.copied_noise, 1.0, "error at noise 1"),
        (exercises.copied_noise, 4.0, "variance"),
        (exercises.copied_noise, 3.0, "repeats what it is told"),
        (exercises.cross_term, lambda slope, sigma: ..., "still open"),
        (exercises.cross_term, lambda slope, sigma: 2 * sigma**2 * slope, "sign"),
        (exercises.cross_term, lambda slope, sigma: -(sigma**2) * slope, "twice"),
        (exercises.cross_term, lambda slope, sigma: -2 * sigma * slope, "standard deviation"),
        (exercises.cross_term, lambda slope, sigma: -2 * slope**2, "integral"),
        (exercises.best_pull, lambda E, C: E / (E + 1), "has read it"),
        (exercises.best_pull, lambda E, C: 1, "analysis loss likes"),
        (exercises.best_pull, lambda E, C: 1 - right_pull(E, C), "weight of the analysis"),
        (exercises.best_pull, lambda E, C: E - C, "should not be moved"),
        (exercises.forecast_objective, lambda x, y, mask, s: ((x.mean(1) - y) / s).square().mean(), "every site"),
        (
            exercises.forecast_objective,
            lambda x, y, mask, s: ((x - y[:, None])[..., mask] / s).square().mean(),
            "each member",
        ),
        (exercises.forecast_objective, lambda x, y, mask, s: right_objective(x, y, mask, 1), "unit is wrong"),
        (exercises.forecast_objective, lambda x, y, mask, s: x[..., mask], "shape"),
        (exercises.biased_noise, 1, "is the variance"),
        (exercises.biased_noise, 4, "before squaring"),
    ],
)
def test_what_is_wrong_is_named(judge, answer, said):
    with pytest.raises(NotYet, match=said):
        judge(answer)
