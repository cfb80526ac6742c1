"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np

from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.stations.geography import Points, great_circle
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

IGNORES, KNOWS = "IDW", "kriging + elevation drift"
REDUCED = "lapse rate + kriging"


def judge_fewer(prediction: object, errors: dict[str, float]) -> str:
    """Ask which of two methods errs more when two hundred stations are left out.

    Args:
        prediction: one of the two methods.
        errors: mean absolute error of either in that run, K.
    """
    if chosen(prediction, (IGNORES, KNOWS)) != IGNORES:
        raise NotYet("What does each still know of a mountain when the station on it is gone?")
    return (
        f"{IGNORES} errs by {errors[IGNORES]:.2f} K and {KNOWS} by {errors[KNOWS]:.2f} K: a few "
        "heights give a lapse rate."
    )


def judge_reduced(method: object, error: float, drift: float) -> str:
    """Ask for the error of kriging of reduced readings.

    Args:
        method: name of the method that was run.
        error: its mean absolute error, K.
        drift: that of kriging with a drift.
    """
    if str(method) != REDUCED:
        raise NotYet("This is another method. The first figure and the section on kriging name it.")
    return (
        f"Reduced {error:.2f} K, drift {drift:.2f} K. The reduced way has a prior for the lapse "
        "rate, the drift has none."
    )


def judge_bound(largest: Callable[[float, float], float]) -> str:
    """Ask for the largest mean absolute error that the mean of two predictions can have.

    Args:
        largest: of the mean absolute errors of the two.
    """
    rng = np.random.default_rng(8)
    warm = np.abs(rng.normal(0, 1, (2, 50))) * [[1.0], [0.4]]  # both too warm everywhere
    pairs = [warm, rng.normal(0, 1, (2, 50)) * [[1.0], [0.5]]]
    for errors in pairs:
        each, both = np.abs(errors).mean(1), np.abs(errors.mean(0)).mean()
        bound = float(as_array(largest(*each), name="The bound"))
        if bound < both - 1e-9:
            raise NotYet(
                f"Two predictions with {each[0]:.2f} and {each[1]:.2f} K had a mean with {both:.2f} K, "
                f"above your {bound:.2f}."
            )
        if is_near(bound, each.max()):
            raise NotYet(
                "It is never above the larger one, but it cannot come that near either. Use |a + b| <= |a| + |b|."
            )
        if not is_near(bound, each.sum() / 2):
            raise NotYet(
                f"Your {bound:.2f} is never passed, but never reached: look for two predictions that reach a bound."
            )
    return (
        "It is reached where both err to the same side at every place. So the mean of two never "
        "errs more than they do on average."
    )


def judge_idw(predict: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> str:
    """Ask for inverse-distance predictions with gaps in the readings.

    Args:
        predict: of distances (target, station) in km and readings (station,), NaN where missing; returns (target,).
    """
    rng = np.random.default_rng(9)
    stations, targets = (Points(rng.uniform(48, 52, n), rng.uniform(8, 12, n), np.zeros(n)) for n in (12, 5))
    distance = great_circle(targets, stations)
    readings = rng.normal(10, 3, 12)
    given = as_array(predict(distance, readings), (5,), "The predictions without gaps")
    wrong = {
        "These weights fall with the distance; they have to fall with its square.": 1 / distance,
        "Near stations have to count more than far ones: this weighs with the square itself.": distance**2,
    }
    for sentence, weights in wrong.items():
        if is_near(given, (weights / weights.sum(1, keepdims=True)) @ readings):
            raise NotYet(sentence)
    if is_near(given, (distance**-2.0) @ readings):
        raise NotYet("Weights have to sum to one.")
    if not is_near(given, inverse_distance(stations, readings[None], targets)[0]):
        raise NotYet(
            "Every prediction is a mean of the readings, weighted by 1 / distance², the weights of a "
            "target summing to one."
        )
    readings[[2, 7]] = np.nan
    given = np.asarray(predict(distance, readings), dtype=float)
    if np.isnan(given).any():
        raise NotYet("A missing reading makes your prediction NaN. Leave its station out, weight and all.")
    if not is_near(given, inverse_distance(stations, readings[None], targets)[0]):
        raise NotYet("With gaps the weights of those that read have to sum to one again; a gap is no zero.")
    return "It is the library's prediction, gaps included."
