"""What the exercises of the page on classical filters accept."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

LARGEST_RADIUS_OF_FIVE = 2.0  # sites, of the settings that keep five members on all truths of the tuning


def radius_of_many(answer: str) -> str:
    """Whether thirty members want a larger, a smaller or the same localization radius as ten."""
    word = chosen(answer, ("larger", "smaller", "same"))
    if word == "smaller":
        raise NotYet("A small radius throws away what the neighbours know. Do thirty members need that more than ten?")
    if word == "same":
        raise NotYet("The radius cuts off spurious correlations. Are they as large with thirty members?")
    return "Larger: spurious correlations are 1/sqrt(29) = 0.19 instead of 0.33, so there is less to cut off."


def five_members(settings: LETKFSettings, scores: pd.DataFrame) -> str:
    """A setting with which five members keep the truth.

    Args:
        settings: the reader's.
        scores: of the run with them, as of `score_members`.
    """
    if (settings.inflation, settings.radius) == (1.1, 4.0):
        raise NotYet("This still is the setting of ten members.")
    if settings.radius > LARGEST_RADIUS_OF_FIVE:
        raise NotYet("Five members invent more correlations than ten; so the radius must be smaller.")
    if scores["lost"].iloc[0]:
        raise NotYet("The truth is lost all the same. Look for noise 1 and five members in the figure.")
    return "Five members keep the truth: so small an ensemble may listen to what is near, and to nothing else."


def climate_histogram(answer: str) -> str:
    """Which shape the rank histogram of random states of the climate has."""
    word = chosen(answer, ("flat", "hollow", "hump"))
    if word == "hollow":
        raise NotYet("Hollow is an ensemble that is too narrow. Which spread have random states of the climate?")
    if word == "hump":
        raise NotYet("A hump is an ensemble that is wider than its error. How large is the error of such an ensemble?")
    return "Truth and members are draws of one distribution: flat, and useless."


def surprise(function: Callable[[Tensor, Tensor, int], Tensor]) -> str:
    """A running ratio of innovations to what is expected: `function(squares, expected, window)`."""
    stream = torch.Generator().manual_seed(0)
    squares, expected = 0.5 + torch.rand(2, 12, generator=stream, dtype=torch.float64)
    found = as_array(function(squares, expected, 4), (12,), "The ratio")
    right = np.array([ratio(squares, expected, slice(max(0, t - 3), t + 1)) for t in range(12)])
    if is_near(found, right):
        return "Each value reads the last cycles only, so it can be printed while the filter runs."
    cases = {
        "Each value here reads all cycles up to it: only the last `window` of them count.": lambda t: slice(0, t + 1),
        "One cycle is missing: the window ends with the cycle itself.": lambda t: slice(max(0, t - 4), max(1, t)),
        "One cycle too many: the window is as long as its name says.": lambda t: slice(max(0, t - 4), t + 1),
        "A warning cannot read the future: the last cycles are asked for.": lambda t: slice(t, t + 4),
    }
    for sentence, window in cases.items():
        if is_near(found, [ratio(squares, expected, window(t)) for t in range(12)]):
            raise NotYet(sentence)
    quotients = squares / expected
    if is_near(found, [quotients[max(0, t - 3) : t + 1].mean() for t in range(12)]):
        raise NotYet("This is a mean of quotients; the quotient of two means is steadier.")
    raise NotYet("At the first cycle it should be squares[0] / expected[0]; later, a quotient of two means.")


def ratio(squares: Tensor, expected: Tensor, window: slice) -> float:
    """Return the quotient of the two means over some cycles."""
    return (squares[window].mean() / expected[window].mean()).item()
