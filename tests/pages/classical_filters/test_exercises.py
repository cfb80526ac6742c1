"""The judges of the page on classical filters accept what is right and name what people get wrong."""

import pandas as pd
import pytest
import torch

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs_book.checking import NotYet
from sparseobs_book.classical_filters import exercises

KEPT, LOST = (pd.DataFrame({"lost": [lost]}) for lost in (False, True))


def running(start, end=1):
    """Return a reader's function whose window goes from `start(t, window)` to `t + end`."""

    def surprise(squares, expected, window):
        windows = [slice(start(t, window), t + end) for t in range(len(squares))]
        return torch.stack([squares[one].mean() / expected[one].mean() for one in windows])

    return surprise


def of_quotients(squares, expected, window):
    quotients = squares / expected
    return torch.stack([quotients[max(0, t + 1 - window) : t + 1].mean() for t in range(len(squares))])


@pytest.mark.parametrize(
    "judge, answers",
    [
        (exercises.radius_of_many, ("larger",)),
        (exercises.five_members, (LETKFSettings(1.07, 1.0), KEPT)),
        (exercises.climate_histogram, ("flat",)),
        (exercises.surprise, (running(lambda t, window: max(0, t + 1 - window)),)),
    ],
)
def test_what_is_right_is_accepted(judge, answers):
    assert judge(*answers)


@pytest.mark.parametrize(
    "judge, answers, said",
    [
        (exercises.radius_of_many, ("smaller",), "neighbours know"),
        (exercises.radius_of_many, ("same",), "as large with thirty"),
        (exercises.five_members, (LETKFSettings(1.1, 4.0), KEPT), "still is the setting"),
        (exercises.five_members, (LETKFSettings(1.1, 7.0), KEPT), "radius must be smaller"),
        (exercises.five_members, (LETKFSettings(1.0, 2.0), LOST), "lost all the same"),
        (exercises.climate_histogram, ("hollow",), "too narrow"),
        (exercises.climate_histogram, ("hump",), "wider"),
        (exercises.surprise, (lambda squares, expected, window: ...,), "still open"),
        (exercises.surprise, (lambda squares, expected, window: squares.mean(),), "shape"),
        (exercises.surprise, (running(lambda t, window: 0),), "all cycles"),
        (exercises.surprise, (running(lambda t, window: max(0, t - window)),), "too many"),
        (exercises.surprise, (running(lambda t, window: t, end=4),), "future"),
        (exercises.surprise, (of_quotients,), "mean of quotients"),
        (exercises.surprise, (lambda squares, expected, window: expected / squares,), "first cycle"),
    ],
)
def test_what_is_wrong_is_named(judge, answers, said):
    with pytest.raises(NotYet, match=said):
        judge(*answers)
