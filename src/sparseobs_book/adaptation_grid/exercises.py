"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sparseobs.randomness import numpy_stream
from sparseobs_book.checking import NotYet, as_array, chosen, is_near


def judge_few(prediction: object, mae: pd.DataFrame) -> str:
    """Ask which method's error changes most from 20 to 500 stations.

    Args:
        prediction: name of a method.
        mae: of the grid, methods down, numbers of stations across, K.
    """
    gain = mae[20] - mae[500]
    wanted, sim_only = gain.idxmax(), gain["sim-only"]
    if chosen(prediction, tuple(mae.index)) != wanted:
        raise NotYet("Of these methods one has nothing but the stations to learn from. Which?")
    return (
        f"{wanted} gains {gain[wanted]:.2f} K. Sim-only, which learns nothing from stations, gains "
        f"{sim_only:.2f} K: it is shown more."
    )


def judge_variance(added: Callable[[np.ndarray, float], object]) -> str:
    """Ask for the variance, 0 or more, that added to a stated one makes the negative log-likelihood least.

    Args:
        added: the reader's, of errors (n,), K, and the variance stated, K^2.
    """
    errors = numpy_stream(0, "errors of an exercise").normal(0.3, 1.5, 200)
    mean_square = np.mean(errors**2)
    sure, doubtful = 0.2 * mean_square, 2.0 * mean_square
    answer = as_array(added(errors, sure), name="The variance")
    for wrong, sentence in (
        (mean_square, "That is the whole variance. How much of it is stated already?"),
        (mean_square - np.sqrt(sure), "The stated variance is a variance already: take no root of it."),
        (np.sqrt(mean_square - sure), "That is a standard deviation. A variance is asked for."),
        (errors.var() - sure, "That is the variance about the mean error. A density also pays for the bias."),
        (np.abs(errors).mean() - sure, "That has absolute errors in it. What does the derivative have?"),
    ):
        if is_near(answer, wrong):
            raise NotYet(sentence)
    if not is_near(answer, mean_square - sure):
        raise NotYet("With that variance added the likelihood is not the highest. Set its derivative to zero.")
    if not is_near(added(errors, doubtful), 0.0):
        raise NotYet("Right where the network is too sure. Where it states too much, what of 0 or more is best?")
    return (
        f"With {mean_square - sure:.2f} K² added, the stated variance is the mean squared error, {mean_square:.2f} K². "
        "Nothing is added to a network that states too much."
    )
