"""What the exercises of the page on chaos accept."""

import math
from collections.abc import Callable

import numpy as np

from sparseobs_book.checking import NotYet, as_array, chosen, is_near

DIFFERENCES = ("later", "larger", "random")


def time_bought(answer: float, exponent: float) -> str:
    """By how many time units longer pairs stay together that begin a hundred times closer, to a tenth.

    Args:
        answer: the reader's.
        exponent: the leading one, per time unit.
    """
    right = math.log(100) / exponent
    if is_near(answer, right, 0.03, "The time"):
        return f"The pairs stay together for ln(100) / {exponent:.2f} = {right:.1f} units more."
    if is_near(answer, 2 / exponent, 0.03):
        raise NotYet("The exponent is a rate of natural logarithms; two factors of ten are not ln(100).")
    if is_near(answer, math.log2(100), 0.05):
        raise NotYet("That is how many times the difference doubles. How long does each doubling take?")
    raise NotYet("Look at the dashed line: by which factor does a difference grow in one unit of time?")


def growth_time(function: Callable[[float, float], float]) -> str:
    """The time in which a difference grows by a factor: `function(factor, exponent)`, beside small Euler steps."""
    cases = np.random.default_rng(0).uniform((1.5, 0.1), (50, 3), (4, 2))
    found = [as_array(function(*case), name="The time").item() for case in cases]
    steps = [stepped_until(factor, exponent) for factor, exponent in cases]
    if is_near(found, steps, 2e-3):
        return "A thousandth of a time unit a step takes as long. A factor of two takes ln(2) / lambda."
    logs = np.log(cases[:, 0])
    if is_near(found, logs * cases[:, 1], 2e-3):
        raise NotYet("It grows with the exponent: a faster growth would take longer.")
    if is_near(found, logs / np.log(2) / cases[:, 1], 2e-3) or is_near(found, logs / np.log(10) / cases[:, 1], 2e-3):
        raise NotYet("The logarithm has another base than the exponential in the hint.")
    raise NotYet("Put your time into exp(exponent * time): it should give the factor.")


def stepped_until(factor: float, exponent: float, step: float = 1e-3) -> float:
    """Return when a difference has grown by the factor, by Heun's steps."""
    each = 1 + exponent * step + (exponent * step) ** 2 / 2
    size, time = 1.0, 0.0
    while size * each < factor:
        size, time = size * each, time + step
    return time + step * (factor / size - 1) / (each - 1)


def stormier(forcing: float, days: float) -> str:
    """Set the forcing to ten and read the doubling time in days."""
    if is_near(forcing, 8.0):
        raise NotYet("The forcing still is 8.")
    if not is_near(forcing, 10.0):
        raise NotYet("Lorenz's second number is of F = 10.")
    if not 1.2 <= as_array(days, name="The doubling time") <= 1.8:
        raise NotYet("The forcing is right, but the doubling time is not his. Is the unit five days?")
    return f"{days:.1f} days at F = 10, where Lorenz has 1.5: our model agrees."


def neutral(answer: str) -> str:
    """Which small difference neither grows nor shrinks in the long run."""
    if chosen(answer, DIFFERENCES) == "random":
        raise NotYet("A push in a random direction has a part along what grows fastest.")
    if chosen(answer, DIFFERENCES) == "larger":
        raise NotYet("A state made larger is on another trajectory, and two trajectories part.")
    return "The same trajectory a moment later stays a moment later: its exponent is zero."
