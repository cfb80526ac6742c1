"""What the page's exercises ask, and which mistakes are usual."""

import numpy as np
from numpy.typing import ArrayLike

from sparseobs_book.checking import NotYet, as_array, chosen

PLACES = ("nearly the same", "larger over the sea", "zero")


def judge_none(prediction: object, std: ArrayLike, rmse: float) -> str:
    """Ask what the standard deviation looks like when no cell is shown.

    Args:
        prediction: one of `PLACES`.
        std: of the map, K.
        rmse: with nothing shown, over all hours, K.
    """
    if chosen(prediction, PLACES) != "nearly the same":
        raise NotYet("Season, hour and place is all that the network has. Is there a place of which it knows more?")
    low, high = np.nanquantile(np.asarray(std, dtype=float), [0.05, 0.95])
    return (
        f"Nine tenths of the map lie between {low:.1f} and {high:.1f} K; the error with nothing shown is {rmse:.1f} K."
    )


def judge_factor(factor: object, coverage: float) -> str:
    """Ask for the factor on standard deviations that makes 90 % intervals hold 90 % of the readings.

    Args:
        factor: of the reader.
        coverage: with it.
    """
    factor = float(as_array(factor, name="The factor"))
    if factor <= 0:
        raise NotYet("A standard deviation is above zero, and so is its factor.")
    if abs(coverage - 0.9) > 0.015:
        more = "more" if coverage < 0.9 else "less"
        raise NotYet(f"With {factor:.2f} the intervals hold {coverage:.0%}: {more} is needed.")
    return f"With {factor:.2f} the intervals hold {coverage:.0%}, at the stations that the factor was found at."
