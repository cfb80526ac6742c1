"""Stations that moved: one station in the books, several places, and in no split on both sides."""

import numpy as np

MARK = "@"  # between a station's number and the day it came to a place: 00320@1962-04-02


def elsewhere(names: np.ndarray, positions: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return those of the positions whose station has no place among the others, in their order.

    What is learnt at a station's old place is known of it at its new one: its surroundings, and its errors.

    Args:
        names: (station,), with `MARK` and a day where a station has several places.
        positions: along `names`, to choose from.
        others: along `names`.
    """
    stations = np.array([str(name).partition(MARK)[0] for name in names])
    return positions[~np.isin(stations[positions], stations[others])]
