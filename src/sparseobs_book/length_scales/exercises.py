"""What the page's exercises ask, and which mistakes are usual."""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from sparseobs_book.checking import NotYet, as_array, chosen, is_near


def judge_few(prediction: object, half: float, spacing: float) -> str:
    """Ask how the shortest wave that comes back by half compares with twice the spacing of a hundred stations.

    Args:
        prediction: shorter, equal or longer.
        half: km, from which wavelength on half of the amplitude comes back in the run shown; NaN if from none.
        spacing: km, of the stations.
    """
    if chosen(prediction, ("shorter", "equal", "longer")) != "longer":
        raise NotYet(
            "Two readings a wave are the least that could do, on a regular network. Is this one "
            "regular, and is noise absent?"
        )
    found = f"from {half:g} km on" if half == half else "of no wave tried"
    return f"Twice the mean spacing is {2 * spacing:.0f} km; half of the amplitude comes back {found}."


def judge_half(half_wavelength: Callable[[float], float]) -> str:
    """Ask at which wavelength two set convolutions leave half of the amplitude.

    Args:
        half_wavelength: of the distance between nodes; both in km.
    """
    lengths = (4.3, 7.0, 14.0)
    given = np.array([as_array(half_wavelength(length), name="The wavelength") for length in lengths])
    wanted = np.array(
        [
            brentq(lambda wave, node=node: math.exp(-((2 * math.pi * node / wave) ** 2)) - 0.5, node, 100 * node)
            for node in lengths
        ]
    )
    around = 2 * math.pi * np.array(lengths)
    wrong = {
        "The exponent is a square: a root is missing.": around / math.log(2),
        "This is for one set convolution. There are two: one lays readings on the grid, one reads the map off it.": (
            around / math.sqrt(2 * math.log(2))
        ),
        "A wavelength is meant, not a wavenumber: turn it over and mind the factor of 2 pi.": math.sqrt(math.log(2))
        / around,
        "The factor of 2 pi between wavelength and wavenumber is missing.": np.array(lengths) / math.sqrt(math.log(2)),
    }
    for sentence, values in wrong.items():
        if is_near(given, values, 1e-4):
            raise NotYet(sentence)
    if not is_near(given, wanted):
        raise NotYet("Put your wavelength back into the formula: it has to give one half.")
    return "It is 7.5 times the distance of the nodes: 106 km for nodes 14 km apart."
