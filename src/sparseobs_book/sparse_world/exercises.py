"""What the page's exercises ask, and which mistakes are usual."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sparseobs.observing.patterns import EveryKth, Failing
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

PLACES = ("beside it", "half way", "past half way")


def judge_darkest(prediction: object, error: ArrayLike) -> str:
    """Ask where between two fixed instruments the AmEnF's error is largest.

    Args:
        prediction: one of `PLACES`, counted to the right from an instrument.
        error: (site,), of the run shown, by sites to the right of an observed one.
    """
    if chosen(prediction, PLACES) != "past half way":
        raise NotYet(
            "What an instrument has seen travels to the right and is lost on the way. Where is nothing left of it?"
        )
    error = np.asarray(error)
    return (
        f"In this run the error is largest {error.argmax()} sites to the right, at {error.max():.1f}, "
        f"and {error[1]:.1f} "
        "right beside the instrument. What the next instrument sees does not travel left."
    )


def judge_failing(pattern: object, scores: pd.DataFrame) -> str:
    """Ask for an instrument at every fourth site, rotating, that fails half of the time.

    Args:
        pattern: of `sparseobs.observing.patterns`.
        scores: of the run with that pattern: `rmse` by method.
    """
    if not isinstance(pattern, Failing):
        raise NotYet("This instrument never fails. `Failing` takes a pattern, a rate and a seed.")
    if pattern.failure_rate != 0.5:
        raise NotYet(f"It fails with a probability of {pattern.failure_rate:g}; half of the time is asked for.")
    if pattern.pattern != EveryKth(4):
        raise NotYet(
            "Half of the time at every fourth site is one site in eight. How often does yours look, and where?"
        )
    return ", ".join(f"{method} errs by {rmse:.1f}" for method, rmse in scores["rmse"].items()) + " with it."


def judge_claimed(claimed_variance: Callable[[float, float, int], float]) -> str:
    """Ask what variance a filter claims that took its own forecast n times for an observation.

    Args:
        claimed_variance: of the forecast's variance, the noise variance and n.
    """
    cases = [(1.0, 1.0, 1), (1.0, 1.0, 10), (2.0, 0.5, 3), (0.3, 4.0, 7)]
    given = np.array([as_array(claimed_variance(*case), name="The variance") for case in cases])
    wanted = np.array([_updated(*case) for case in cases])
    if is_near(given, wanted):
        return (
            "After ten cycles with equal variances the filter claims an eleventh, a standard "
            "deviation of 0.30. Its mean "
            "has not moved at all, and its true error is still 1."
        )
    if is_near(given, [variance * (noise / (variance + noise)) ** n for variance, noise, n in cases]):
        raise NotYet("The gain falls with the variance: the second update begins from what the first has left.")
    if is_near(given, np.sqrt(wanted)):
        raise NotYet("This is the standard deviation; the variance is asked for.")
    if is_near(given[[0]], wanted[[0]]):
        raise NotYet("Right once. What does the next update begin from?")
    raise NotYet("One update turns a variance P into P R / (P + R). Look at 1 / P: what is added to it each time?")


def _updated(variance: float, noise_variance: float, n: int) -> float:
    for _ in range(n):
        variance *= 1 - variance / (variance + noise_variance)
    return variance


def judge_lost(is_lost: Callable[[ArrayLike, float, int], bool]) -> str:
    """Ask whether an error stays above a limit for n cycles in a row, or ceases to be finite.

    Args:
        is_lost: of the errors (cycle,), the limit and n.
    """
    high, low = 2.0, 0.5
    cases = {
        "Three cycles in a row are beyond the limit here, and three are enough.": ([low, high, high, high, low], True),
        "Four cycles are beyond the limit here, but never three in a row.": ([high, high, low, high, high], False),
        "The last three cycles count too.": ([low, low, high, high, high], True),
        "None is beyond the limit here.": ([low] * 5, False),
        "A run that ceased to be finite is lost at once.": ([low, low, low, low, math.nan], True),
    }
    for sentence, (error, lost) in cases.items():
        if bool(is_lost(np.array(error), 1.0, 3)) != lost:
            raise NotYet(f"Errors {error}, limit 1, three in a row: {sentence}")
    return "One rule for every method, also for one whose states are bounded and never cease to be finite."
