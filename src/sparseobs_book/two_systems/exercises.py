"""What the page's exercises ask, and which mistakes are usual."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

SMALL = 1e-6  # an amplitude whose square is nothing beside it


def judge_growth(growth_rate: Callable[[float, float], float]) -> str:
    """Ask at what rate a small wave of the Kuramoto-Sivashinsky equation grows, against one step of the simulator.

    Args:
        growth_rate: of the waves around the ring and its length, per time unit.
    """
    cases = [(waves, period) for period in (32 * math.pi, 60.0) for waves in (1, 5, 9, 14, 17)]
    wanted = np.array([_measured_growth(*case) for case in cases])
    given = np.array([as_array(growth_rate(*case), name="The growth rate") for case in cases])
    wave = np.array([2 * math.pi * waves / period for waves, period in cases])
    if is_near(given, wanted, 1e-6):
        return "It is what one step of the simulator does to a small wave. Wave 11 grows fastest, by 0.25 a time unit."
    if is_near(given, -wanted, 1e-6):
        raise NotYet("Long waves have to grow and short ones to be damped. Look at the signs in the equation again.")
    if is_near(given, -(wave**2) - wave**4, 1e-6):
        raise NotYet("Both terms damp here. Two derivatives of a wave bring a minus, and the equation another.")
    numbers = np.array([waves for waves, _ in cases], dtype=float)
    if is_near(given, numbers**2 - numbers**4, 1e-6):
        raise NotYet("A derivative brings the wavenumber per unit of length, not the number of waves around the ring.")
    raise NotYet(
        f"Wave 1 on a ring of {cases[0][1]:.1f} grows by {wanted[0]:.6f} a time unit; yours by {given[0]:.6f}."
    )


def _measured_growth(waves: int, period: float) -> float:
    system = KuramotoSivashinsky(period=period)
    place = torch.arange(system.n_sites, dtype=torch.float64) / system.n_sites
    start = SMALL * torch.cos(2 * math.pi * waves * place)
    length = system.schedule.step
    return math.log(system.step(start, length).norm() / start.norm()) / length


def judge_noise(prediction: object, growth: pd.Series) -> str:
    """Ask whether LETKF's error grows by less than the noise does, as much or more.

    Args:
        prediction: less, as much or more.
        growth: by method, the factor of the stored table's errors from noise 1 to noise 2.5.
    """
    if chosen(prediction, ("less", "as much", "more")) != "more":
        raise NotYet("With a fixed gain it would grow as much. What does a filter do to its gain when noise grows?")
    return (
        f"LETKF's error grows by a factor of {growth['LETKF']:.1f}, the AmEnF's by {growth['AmEnF']:.2f}. "
        "LETKF leans longer on its forecasts, in which errors grow."
    )


def judge_root(root_at_every_point: Callable[[Tensor], object]) -> str:
    """Ask for the score whose root is over the variables alone, before the mean over points.

    Args:
        root_at_every_point: of errors (cycle, truth, variable, site), state units.
    """
    error = torch.randn(5, 3, 2, 7, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    square = error.square()
    given = as_array(root_at_every_point(error), name="The score")
    wrong = {
        square.mean((-1, -2)).sqrt().mean(): "This is the root over the whole state. Leave the sites out of that mean.",
        square.mean().sqrt(): "This is one root of everything. The mean over points comes after the root.",
        error.abs().mean(): "This is a mean of sizes: the two variables of a point share one root.",
        square.sum(-2).sqrt().mean(): "This sums the two variables. The root is of their mean.",
    }
    for value, sentence in wrong.items():
        if is_near(given, value):
            raise NotYet(sentence)
    if not is_near(given, square.mean(-2).sqrt().mean()):
        raise NotYet("Square, mean over the variables (dimension -2), root, and then the mean over all that is left.")
    return "The same errors, and a smaller number: the root of a mean is never below the mean of roots."


def judge_shift(shift: Callable[[float, float, float], float]) -> str:
    """Ask how far a constant error of the heating moves a temperature, against a numerical integration.

    Args:
        shift: of the heating error, the time and the friction.
    """
    cases = [(4.0, 0.1, 1.0), (4.0, 0.4, 1.0), (-2.0, 1.5, 0.5), (0.7, 3.0, 2.0)]
    given = np.array([as_array(shift(*case), name="The shift") for case in cases])
    wanted = np.array([_integrated(*case) for case in cases])
    heating, time, friction = np.array(cases).T
    if is_near(given, wanted, 1e-5):
        return (
            "A heating that is off by 4 moves a temperature by 0.38 in a cycle, and by 1.3 in the four cycles until "
            "the point is seen again: more than the noise of an observation."
        )
    if is_near(given, heating * time, 1e-5):
        raise NotYet("Right for short times only: friction acts on what has been added already.")
    if is_near(given, heating * (1 - np.exp(-friction * time)), 1e-5):
        raise NotYet("After a long time the shift is where friction takes away what heating brings in. Is yours?")
    if is_near(given, -wanted, 1e-5):
        raise NotYet("More heating makes it warmer. Look at the sign again.")
    raise NotYet(
        f"A heating error of 4 without an end ends at a shift of 4 / friction; after 0.4 yours is {given[1]:.3f}."
    )


def _integrated(heating: float, time: float, friction: float) -> float:
    path = solve_ivp(lambda _, shift: heating - friction * shift, (0, time), [0.0], rtol=1e-9, atol=1e-12)
    return path.y[0, -1]


def judge_colder(change: object, error: float) -> str:
    """Ask for a world that heats less than the model.

    Args:
        change: of the heating.
        error: the AmEnF's in that world.
    """
    if as_array(change, name="The change") >= 0:
        raise NotYet("This world heats more than the model, or as much. Turn the sign.")
    return f"The AmEnF errs by {error:.2f} in the colder world. The table above has its error in the warmer one."
