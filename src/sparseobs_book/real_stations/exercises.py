"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparseobs_book.checking import NotYet, chosen, is_near, is_open

UNTOUCHED = "covariance of the simulator"
NAMES = (UNTOUCHED, "kriging + elevation drift", "learned covariance", "learned covariance, simulator first")


def judge_few(prediction: object, before: dict[str, float], after: dict[str, float]) -> str:
    """Ask which row does not change at all when the stations have a hundred hours in place of four.

    Args:
        prediction: one of `NAMES`.
        before: mean absolute error with four hours, K, by name.
        after: with a hundred, of those that were fitted again.
    """
    if chosen(prediction, NAMES) != UNTOUCHED:
        raise NotYet("This one was fitted to the stations' readings. Which has never read a station?")
    largest = max(after, key=lambda name: abs(after[name] - before[name]))
    change = after[largest] - before[largest]
    return f"It reads no station. Of the others {largest} changes most, by {change:+.3f} K."


def judge_squares(squares: Callable[..., Tensor], north: Tensor, east: Tensor) -> str:
    """Ask for squared distances with a length to the north and another to the east.

    Args:
        squares: of both lengths (km) and two index arrays; returns (first, second).
        north, east: places, in 100 km.
    """
    a, b = torch.tensor([0, 1, 2]), torch.tensor([1, 3])
    one, two = ((100 * (axis[a, None] - axis[None, b])).double() for axis in (north, east))
    given = squares(300.0, 500.0, a, b)
    if is_open(given):
        raise NotYet("Your function returns nothing.")
    given = given.double()
    if given.shape != (3, 2):
        raise NotYet(f"For three and two places the answer has shape {tuple(given.shape)}; (3, 2) is needed.")
    wrong = {
        "North and east have changed places: the first length belongs to the north.": (one / 500) ** 2
        + (two / 300) ** 2,
        "`NORTH` and `EAST` are in 100 km, the lengths in km.": (one / 300e2) ** 2 + (two / 500e2) ** 2,
        "A square is missing: r² is a sum of squares of ratios.": one**2 / 300 + two**2 / 500,
        "The distance east is missing.": (one / 300) ** 2,
    }
    for sentence, values in wrong.items():
        if is_near(given, values.numpy(), 1e-4):
            raise NotYet(sentence)
    wanted = ((one / 300) ** 2 + (two / 500) ** 2).numpy()
    if not is_near(given, wanted, 1e-4):
        if np.allclose(given, squares(300.0, 100.0, a, b)):
            raise NotYet("The length to the east makes no difference in your function.")
        raise NotYet("Each difference is divided by its own length, squared, and the two are added.")
    return "Equal lengths give the squared distance back, over the squared length."
