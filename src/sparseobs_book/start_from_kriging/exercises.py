"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sparseobs.randomness import numpy_stream
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

ANSWERS = ("MAE", "NLL", "both", "neither")


def judge_worse(prediction: object, scores: pd.DataFrame) -> str:
    """Ask by which score a network that only fields have taught is worse than its start.

    Args:
        prediction: of `ANSWERS`.
        scores: the start's, then the network's; of the columns the first is the MAE, K, the second the NLL, nats.
    """
    (error, nll), (of_network, nll_of_network) = scores.iloc[:, :2].to_numpy()
    worse = (of_network > error, nll_of_network > nll)
    right = {(True, False): "MAE", (False, True): "NLL", (True, True): "both", (False, False): "neither"}[worse]
    if chosen(prediction, ANSWERS) != right:
        raise NotYet("Fields have no thermometer's error. Is it the mean that misses it, or the standard deviation?")
    return f"The MAE goes from {error:.2f} to {of_network:.2f} K, the NLL from {nll:.2f} to {nll_of_network:.2f} nats."


def judge_gradient(gradient: Callable[[float], object]) -> str:
    """Ask for the derivatives of a reading's negative log-likelihood by move and factor, both zero.

    Args:
        gradient: the reader's, of the start's error in its standard deviations; returns the two derivatives.
    """
    z = 1.7
    move, factor = as_array(gradient(z), (2,), name="The pair of derivatives")
    if is_near(move, z):
        raise NotYet("The first has the wrong sign: a reading above the start's mean has to pull the mean up.")
    if not is_near(move, -z):
        raise NotYet("By the move: the loss holds (z - a)² / 2 where b is zero.")
    if is_near(factor, (z**2 - 1) / 2):
        raise NotYet("The second has the wrong sign: an error of more than one standard deviation has to widen.")
    for wrong, sentence in (
        (-(z**2) / 2, "By the factor: the logarithm of the standard deviation is in the loss as well."),
        (1 - z**2, "By the factor you are off by two: b is the logarithm of the variance's change."),
        (1 - z**2 / 2, "By the factor: half of the logarithm of the variance is in the loss."),
    ):
        if is_near(factor, wrong):
            raise NotYet(sentence)
    if not is_near(factor, (1 - z**2) / 2):
        raise NotYet("By the factor: the loss is b / 2 + z² exp(-b) / 2, and what does not change.")
    return "The mean is pulled to the reading. The spread grows where an error exceeds one standard deviation."


def judge_share(best_share: Callable[..., object]) -> str:
    """Ask for the share of a correction that makes the squared error least.

    Args:
        best_share: the reader's, of the start's mean, the network's, and readings with gaps, (hour, station) each, K.
    """
    random = numpy_stream(0, "corrections of an exercise")
    start = random.normal(10.0, 5.0, (6, 40))
    move = random.normal(0.4, 1.0, start.shape)
    reading = start + 0.6 * move + random.normal(0.0, 0.5, start.shape)
    reading[2, :7] = np.nan
    wanted, got = reading - start, best_share(start, start + move, reading)
    product = np.nansum(wanted * move)
    right = product / (move**2)[np.isfinite(wanted)].sum()
    if isinstance(got, float) and np.isnan(got):  # a number of numpy's is a float too
        raise NotYet("The share is NaN: readings have gaps, and a sum over a gap is one.")
    here = np.isfinite(wanted)
    for wrong, sentence in (
        (-right, "The sign is wrong: the correction is the network less the start."),
        (product / np.nansum(wanted**2), "You divide by the square of what is wanted. Which of the two has the share?"),
        (product / (move**2).sum(), "Where a reading is missing, the correction does not count either."),
        (np.polyfit(move[here], wanted[here], 1)[0], "That line has an intercept. A share of nothing is nothing."),
    ):
        if is_near(got, wrong, name="The share"):
            raise NotYet(sentence)
    if not is_near(got, right, name="The share"):
        raise NotYet("Another share has a smaller squared error. Set its derivative to zero.")
    return f"With {right:.2f} of it the correction serves best; the readings were made with 0.6."
