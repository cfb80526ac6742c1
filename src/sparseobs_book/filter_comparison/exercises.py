"""What the page's exercises ask, and which mistakes are usual."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from scipy import stats

from sparseobs.scores.ensemble import ensemble_crps
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

GROWTHS = ("as it was", "2.5 times", "more")


def judge_growth(prediction: object, growth: float) -> str:
    """Ask what the error of iEnKS with five members does when noise grows from 1 to 2.5.

    Args:
        prediction: one of `GROWTHS`.
        growth: the factor on Lorenz-96 in the stored table.
    """
    if chosen(prediction, GROWTHS) != "as it was":
        raise NotYet("Look at the first figure: where is this filter at noise 1 already?")
    return (
        f"Its error grows by a factor of {growth:.2f}: a filter that has lost the truth reads no observation any more."
    )


def judge_method(method: object, pairs: pd.DataFrame) -> str:
    """Ask for the comparison of iEnKS with LETKF.

    Args:
        method: name of the method compared.
        pairs: of `summary.beside_letkf` with it: `ahead` a case.
    """
    if chosen(method, ("iEnKS", "AmEnF", "EnKF", "4D-Var")) != "iEnKS":
        raise NotYet("This compares another method with LETKF. Put the name of the iterative smoother in.")
    counts = pairs["ahead"].value_counts()
    return f"LETKF is ahead in {counts.get('LETKF', 0)} cases, iEnKS in {counts.get('iEnKS', 0)}; " + (
        f"in {counts.get('neither', 0)} the seeds do not tell."
    )


def judge_crps(crps: Callable[[np.ndarray, float], float]) -> str:
    """Ask for the continuous ranked probability score of one ensemble.

    Args:
        crps: of the members (member,) and the truth.
    """
    rng = np.random.default_rng(4)
    cases = [(rng.normal(0, 1, m), truth) for m, truth in ((2, 0.3), (5, -1.0), (9, 4.0))]
    given = np.array([as_array(crps(*case), name="The score") for case in cases])
    error = np.array([np.abs(members - truth).mean() for members, truth in cases])
    apart = np.array([np.abs(members[:, None] - members).mean() for members, _ in cases])
    sizes = np.array([len(members) for members, _ in cases])
    wrong = {
        "This is the mean distance from the truth. What do the members' distances from each other take off?": error,
        "The distance between members comes in with a half.": error - apart,
        "The distance between members is taken off, not added.": error + apart / 2,
        "This counts pairs of different members only, which is the fair score; the plain one divides by m squared.": (
            error - apart * sizes / (sizes - 1) / 2
        ),
        "This scores the mean alone: its distance from the truth.": np.array(
            [abs(members.mean() - truth) for members, truth in cases]
        ),
    }
    for sentence, values in wrong.items():
        if is_near(given, values):
            raise NotYet(sentence)
    wanted = [
        ensemble_crps(torch.tensor(members)[:, None, None], torch.full((1, 1), truth, dtype=torch.float64)).item()
        for members, truth in cases
    ]
    if not is_near(given, wanted):
        raise NotYet(f"Members {cases[0][0].round(3)} and truth 0.3 score {wanted[0]:.4f}; yours is {given[0]:.4f}.")
    return "It is the library's score. One member alone scores its distance from the truth."


def judge_honesty(expected_crps: Callable[[float, float], float]) -> str:
    """Ask for the expected CRPS of a Gaussian forecast whose standard deviation is not that of its error.

    Args:
        expected_crps: of the standard deviation said and that of the error.
    """
    cases = [(1.0, 1.0), (0.3, 1.0), (0.0, 2.0), (2.0, 0.7)]
    given = np.array([as_array(expected_crps(*case), name="The score") for case in cases])
    said, true = np.array(cases).T
    first = math.sqrt(2 / math.pi) * np.hypot(said, true)
    wrong = {
        "This is the first term. Half of the mean distance of two draws of the forecast comes off.": first,
        "Two draws of the forecast are sqrt(2) standard deviations apart, not one.": (
            first - said * math.sqrt(2 / math.pi) / 2
        ),
        "The mean distance of two draws comes in with a half.": first - 2 * said / math.sqrt(math.pi),
        "The error and the draw add up as variances.": (
            math.sqrt(2 / math.pi) * (said + true) - said / math.sqrt(math.pi)
        ),
    }
    for sentence, values in wrong.items():
        if is_near(given, values):
            raise NotYet(sentence)
    if not is_near(given, [_averaged(*case) for case in cases], 1e-5):
        raise NotYet(f"An honest forecast with standard deviation 1 scores 0.5642; yours scores {given[0]:.4f}.")
    return (
        "An honest forecast scores 0.56 of its standard deviation. One that says three tenths of its error scores "
        "0.66, a sixth more; one without any spread 0.80."
    )


def _averaged(said: float, true: float) -> float:
    """Return the expected score by quadrature over the error, of the score of a Gaussian [gneiting2007]."""
    nodes, weights = np.polynomial.legendre.leggauss(401)
    error = 5 * true * (nodes + 1)  # the score is even, and smooth on either side of zero
    scores = np.abs(error)
    if said:
        z = error / said
        scores = said * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    return float(2 * (5 * true * weights * stats.norm.pdf(error, 0, true)) @ scores)
