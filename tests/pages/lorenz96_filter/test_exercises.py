"""The judges of the page on the learned filter accept what is right and name what people get wrong."""

import pytest

from sparseobs_book.checking import NotYet
from sparseobs_book.lorenz96_filter import exercises

RATIOS = {"AmEnF": 1.9, "LETKF": 2.3}


@pytest.mark.parametrize(
    "judge, answers",
    [
        (exercises.suffers_more, ("letkf", RATIOS)),
        (exercises.suffers_more, ("AmEnF", {"AmEnF": 2.5, "LETKF": 2.3})),
        (exercises.few_members, (3,)),
        (exercises.forecast_error, (lambda loss, sigma: sigma * (loss - 1) ** 0.5,)),
    ],
)
def test_what_is_right_is_accepted(judge, answers):
    assert judge(*answers)


@pytest.mark.parametrize(
    "judge, answers, said",
    [
        (exercises.suffers_more, ("AmEnF", RATIOS), "chosen for noise 1"),
        (exercises.suffers_more, ("neither", RATIOS), "none of the choices"),
        (exercises.suffers_more, ("LETKF", RATIOS | {"LETKF": float("nan")}), "diverged"),
        (exercises.few_members, (10,), "still are ten"),
        (exercises.few_members, (4,), "Three members"),
        (exercises.forecast_error, (lambda loss, sigma: ...,), "still open"),
        (exercises.forecast_error, (lambda loss, sigma: (loss - 1) ** 0.5,), "state units"),
        (exercises.forecast_error, (lambda loss, sigma: sigma**2 * (loss - 1),), "mean square"),
        (exercises.forecast_error, (lambda loss, sigma: sigma * loss**0.5,), "all of the loss"),
        (exercises.forecast_error, (lambda loss, sigma: loss,), "mean zero"),
    ],
)
def test_what_is_wrong_is_named(judge, answers, said):
    with pytest.raises(NotYet, match=said):
        judge(*answers)
