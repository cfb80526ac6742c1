"""What the exercises of the page `how_a_convcnp_sees` ask, and what their answers show."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sparseobs.neural_process.conv_cnp import ConvCNPConfig
from sparseobs.neural_process.tiles import convolution_reach
from sparseobs_book.checking import NotYet, as_array, is_near


def judge_separation(separation_for: Callable[[float], float], kept: Callable[[float, float], float]) -> str:
    """Judge the distance at which a share of two stations' difference is left, in spacings.

    Args:
        separation_for: takes the share, between 0 and 1.
        kept: the page's measurement: takes a distance and a spacing; returns the share.
    """
    for share in (0.2, 0.5, 0.9):
        found = float(as_array(separation_for(share), name=f"separation_for({share})"))
        neighbour = (1 - share) / (1 + share)  # the weight of the other station
        slips = {
            "The root is missing: the exponent holds the square of the distance.": -2 * np.log(neighbour),
            "The 2 in the exponent, d² / 2, is missing.": np.sqrt(-np.log(neighbour)),
            "That is where the neighbour's weight is 1 - share. What is left of the difference is (1 - w) / (1 + w).": (
                np.sqrt(-2 * np.log(1 - share))
            ),
        }
        for sentence, value in slips.items():
            if is_near(found, value, 1e-3):
                raise NotYet(sentence)
        if not is_near(found, np.sqrt(-2 * np.log(neighbour)), 1e-3):
            raise NotYet("Write down both means at the stations' places, subtract them, and solve for w, then for d.")
    half = separation_for(0.5)
    return f"Half of the difference is left at {half:.2f} spacings; measured there: {kept(half, 1.0):.2f}."


def judge_levels(levels: int, paper: ConvCNPConfig) -> str:
    """Judge the fewest levels with which kernels of 3 reach as far as the paper's network with kernels of 5.

    Args:
        levels: the reader's number.
        paper: the paper's architecture.
    """
    number = float(as_array(levels, name="The number of levels"))
    if number != int(number) or not 1 <= number <= 20:
        raise NotYet("A whole number of levels is needed, 1 to 20.")
    far = convolution_reach(paper)
    reach = convolution_reach(replace(paper, kernel=3, channels=(96,) * int(number)))
    if reach < far:
        raise NotYet(f"That reaches {reach} nodes, less than the paper's {far}. What does one more level do?")
    if convolution_reach(replace(paper, kernel=3, channels=(96,) * (int(number) - 1))) >= far:
        raise NotYet(f"That reaches {reach} nodes and is more than needed: the paper's reaches {far}.")
    return f"{reach} nodes, the paper's {far}: a level doubles the reach, the smaller kernel halves it."


def judge_flow(half_distance: Callable[[Sequence[float], Sequence[float]], float]) -> str:
    """Judge the distance within which half of a gradient lies.

    Args:
        half_distance: takes distances (nodes), ascending, and the gradient at each; returns the least distance within
            which at least half of the sum of its magnitudes lies.
    """
    distances, gradient = np.arange(6.0), np.array([0.5, -2.0, 1.0, -1.0, 2.5, 0.0])
    found = float(as_array(half_distance(distances, gradient), name="half_distance(...)"))
    if found == distances[np.argmax(np.cumsum(gradient) >= gradient.sum() / 2)]:
        raise NotYet("Signs cancel: an input matters if its gradient is large, of either sign. Take magnitudes.")
    if found != 2.0:
        raise NotYet("Add up the magnitudes from the nearest node on. Where do they pass half of their sum?")
    return "Half of the magnitudes lie within that distance: the effective field, whatever the architecture allows."
