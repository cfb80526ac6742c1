"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sparseobs.neural_process.tasks import NONE_SHOWN
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

PLACES = ("the same everywhere", "smaller over the sea", "zero")
CLUSTER = 30  # cells shown


def judge_none(prediction: object, std: ArrayLike, land: ArrayLike) -> str:
    """Ask what the standard deviation looks like when no cell is shown.

    Args:
        prediction: one of `PLACES`.
        std: (cell,), K.
        land: (cell,), share of land around each.
    """
    given = chosen(prediction, PLACES)
    if given == "zero":
        raise NotYet("The network has seen no value of this hour. How sure can it be of one?")
    if given != "smaller over the sea":
        raise NotYet("Where does the temperature depart least from its mean for the season and the hour?")
    std, land = np.asarray(std, dtype=float), np.asarray(land)
    return f"On average {std[land < 0.5].mean():.1f} K over the sea and {std[land >= 0.5].mean():.1f} K over land."


def judge_share(share_below: Callable[[int, int], float]) -> str:
    """Ask for the share of tasks that show fewer than n cells where the logarithm of the number is uniform.

    Args:
        share_below: takes n, 1 or more, and the most cells that may be shown.
    """
    uniform = (np.arange(200_000) + 0.5) / 200_000
    for n, most in ((7, 50), (20, 600), (40, 50), (1, 50)):
        right = NONE_SHOWN + (1 - NONE_SHOWN) * np.mean(np.floor((most + 1) ** uniform) < n)
        given = as_array(share_below(n, most), name="The share")
        wrong = {
            (right - NONE_SHOWN) / (1 - NONE_SHOWN): "One task in ten shows none. Count it.",
            NONE_SHOWN + (1 - NONE_SHOWN) * n / (most + 1): "This is for numbers that are all alike.",
            right - NONE_SHOWN: "The tasks without a cell show fewer than n as well.",
        }
        if is_near(given, right, 2e-4):
            continue
        for other, said in wrong.items():
            if is_near(given, other, 2e-4):
                raise NotYet(said)
        raise NotYet(f"With n = {n} and at most {most} cells it is not {given:.3f}.")
    return "Of tasks that show up to 600 cells, 52 in 100 show fewer than 20, where 3 in 100 would if all were alike."


def judge_cluster(
    nearest: Callable[[np.ndarray, int, int], ArrayLike],
    plane: np.ndarray,
    scattered: np.ndarray,
    error_with: Callable[[np.ndarray], list[float]],
) -> str:
    """Ask for the cells nearest to one.

    Args:
        nearest: takes coordinates (cell, 2), a position among them and a number; returns positions.
        plane: (cell, 2), of the page.
        scattered: positions of as many cells as `CLUSTER`, anywhere.
        error_with: takes positions of cells shown; returns the mean absolute errors (K) of network and kriging.
    """
    places = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    order = np.argsort(np.hypot(*(places - places[3]).T))
    found = as_array(nearest(places, 3, 7), (7,), "The list of seven cells").astype(int)
    if set(found) == set(order[-7:]):
        raise NotYet("These are the cells farthest away.")
    if set(found) == set(order[1:8]):
        raise NotYet("The cell in the middle is missing.")
    if set(found) == set(np.argsort(np.abs(places - places[3])[:, 0])[:7]):
        raise NotYet("These are nearest along one axis. A distance has two components.")
    if set(found) != set(order[:7]):
        raise NotYet("These are other cells than the seven nearest.")
    middle = int(np.argmin(np.square(plane - plane.mean(axis=0)).sum(axis=1)))
    (network, kriging), before = (error_with(cells) for cells in (nearest(plane, middle, CLUSTER), scattered))
    return (
        f"From {CLUSTER} cells in the middle of the map the network errs by {network:.2f} K and kriging by "
        f"{kriging:.2f} K; from as many scattered ones by {before[0]:.2f} K and {before[1]:.2f} K."
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
