"""What the exercises of the page `gp_laboratory` ask, and what their answers show."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from sparseobs_book.checking import NotYet, as_array, chosen, is_near

WAYS = ("FiLM", "all weights")


def judge_growing(prediction: str, leads: pd.DataFrame) -> str:
    """Judge which adaptation is ahead with 16 tasks where the length scale grows from 0.2 to 1.

    Args:
        prediction: one of `WAYS`.
        leads: rows of `summary.film_lead` of the stored table.
    """
    guess = chosen(prediction, WAYS)
    row = leads.query("gap == 'growing' and length_scale == 1 and n_tasks == 16").iloc[0]
    if guess != ("FiLM" if row["mean"] > 0 else "all weights"):
        raise NotYet("Sixteen tasks ask for 240 readings. How many numbers does each adaptation set by them?")
    sure = "contains zero" if row["low"] < 0 < row["high"] else "does not contain zero"
    return (
        f"{guess} is ahead by {abs(row['mean']):.3f} nats in the mean over {row['n']:.0f} seeds; the 95 % interval, "
        f"{row['low']:.3f} to {row['high']:.3f}, {sure}."
    )


def judge_belief(lost: Callable[[float, float], float], example: tuple[float, float]) -> str:
    """Judge the nats that a wrong standard deviation costs on average, the mean being right.

    Args:
        lost: takes the standard deviation believed and the true one.
        example: believed and true, of which the sentence says the cost.
    """
    nodes, shares = np.polynomial.hermite_e.hermegauss(40)
    shares = shares / shares.sum()
    for believed, true in ((0.5, 1.0), (1.0, 0.5), (2.0, 0.3)):
        found = float(as_array(lost(believed, true), name="lost(believed, true)"))
        gap = norm.logpdf(true * nodes, 0, true) - norm.logpdf(true * nodes, 0, believed)
        right = float(np.sum(shares * gap))
        if is_near(found, -right, 1e-4):
            raise NotYet("The sign: a wrong belief loses, so the answer is above zero.")
        if is_near(found, right + 0.5, 1e-4):
            raise NotYet("Take off what the right belief costs: its own last term has the mean 1/2.")
        other = float(np.log(true / believed) + believed**2 / (2 * true**2) - 0.5)
        if is_near(found, other, 1e-4):
            raise NotYet("Believed and true have changed places: readings scatter by the true one.")
        if not is_near(found, right, 1e-4):
            raise NotYet("Take the mean of both log densities over readings that scatter by the true one.")
    small, large = lost(*example), lost(*example[::-1])
    return (
        f"Believing {example[0]:g} where {example[1]:g} is true loses {small:.2f} nats, the reverse {large:.2f}: "
        "too sure costs more than too doubtful."
    )


def judge_fresh(method: str, real_only: str, lost: Callable[[str], float], chosen_rate: float) -> str:
    """Judge which method was trained, and say what the pre-training was worth.

    Args:
        method: the reader's.
        real_only: the method that begins with fresh weights.
        lost: trains a method at the rate of the pre-training; returns nats below the exact prediction.
        chosen_rate: the same of all weights at their chosen rate.
    """
    if method != real_only:
        raise NotYet(
            f"{method!r} begins with the pre-trained weights, or is no method. Which one begins with fresh ones?"
        )
    return (
        f"From fresh weights {lost(method):.3f} nats below the exact prediction; all weights from the pre-training, at "
        f"their chosen rate, {chosen_rate:.3f}."
    )
