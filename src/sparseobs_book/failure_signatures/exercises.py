"""What the page's exercises ask, and which mistakes are usual."""

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from sparseobs_book.checking import NotYet, as_array, is_near


def judge_added(added_variance: Callable[[float, float], float]) -> str:
    """Ask by how much the variance that is added has to grow when thermometers become noisier.

    Args:
        added_variance: of the noise's standard deviation before and after.
    """
    cases = [(0.3, 1.5), (0.0, 1.0), (0.5, 0.8)]
    given = np.array([as_array(added_variance(*case), name="The variance") for case in cases])
    before, after = np.array(cases).T
    wanted = after**2 - before**2
    wrong = {
        "Independent errors add up as variances: square before you subtract.": (after - before) ** 2,
        "These are standard deviations. What adds up are variances.": after - before,
        "This is the root; a variance is asked for.": np.sqrt(wanted),
        "More noise needs more variance. Look at the sign.": -wanted,
    }
    for sentence, values in wrong.items():
        if is_near(given, values):
            raise NotYet(sentence)
    if not is_near(given, wanted):
        raise NotYet("The old noise is within the old spread already. What has been gained?")
    return (
        "From 0.3 to 1.5 K the variance grows by 2.16 K²; sim-only has to be told, and an adapted "
        "network reads it itself."
    )


def judge_coverage(coverage: Callable[[float, float], float]) -> str:
    """Ask how much a central 90 % interval covers if its standard deviation is not that of the errors.

    Args:
        coverage: of the standard deviation said and the true one.
    """
    cases = [(1.0, 1.0), (0.6, 1.0), (2.0, 1.0), (0.5, 2.0)]
    given = np.array([as_array(coverage(*case), name="The coverage") for case in cases])
    ratio = np.array([said / true for said, true in cases])
    central = stats.norm.ppf(0.95)
    wrong = {
        "This share lies below the upper end. The interval has a lower end too.": stats.norm.cdf(central * ratio),
        "The ratio of the two is upside down: who says too little covers too little.": (
            2 * stats.norm.cdf(central / ratio) - 1
        ),
        "The ratio of standard deviations counts, not that of variances.": 2 * stats.norm.cdf(central * ratio**2) - 1,
        "1.96 belongs to 95 %.": 2 * stats.norm.cdf(1.96 * ratio) - 1,
        "Coverage is not proportional to the width.": np.minimum(0.9 * ratio, 1),
    }
    for sentence, values in wrong.items():
        if is_near(given, values, 1e-4):
            raise NotYet(sentence)
    if not is_near(given, [_inside(*case) for case in cases], 2e-3):
        raise NotYet(
            f"An honest interval covers 0.9; yours covers {given[0]:.3f}. Count the share within 1.645 said deviations."
        )
    return "Who says 0.6 of the true standard deviation covers 68 %, and who says twice as much 99.9 %."


def _inside(said: float, true: float) -> float:
    """Return the share within the interval, by integrating the density."""
    errors = np.linspace(-1, 1, 20001) * stats.norm.ppf(0.95) * said
    return float(np.trapezoid(np.exp(-0.5 * (errors / true) ** 2) / (true * math.sqrt(2 * math.pi)), errors))


def judge_factor(factor_for: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Ask for the factor on standard deviations that makes central 90 % intervals hold 90 % of the readings.

    Args:
        factor_for: of the errors and the standard deviations, NaN where nothing was read.
    """
    rng = np.random.default_rng(6)
    std = rng.uniform(0.3, 2.0, 2000)
    error = 1.7 * std * rng.normal(size=2000)
    error[rng.random(2000) < 0.1] = np.nan
    factor = factor_for(error, std)
    if np.isnan(np.asarray(factor, dtype=float)).any():
        raise NotYet("Missing readings are NaN, and so is your factor: take a quantile that leaves them out.")
    factor = float(as_array(factor, name="The factor"))
    known = np.isfinite(error)
    ratio = np.abs(error[known]) / std[known]
    if is_near(factor, np.quantile(ratio, 0.9)):
        raise NotYet("This is in standard deviations. The interval already reaches 1.645 of them to either side.")
    if is_near(factor, np.quantile(ratio, 0.95) / 1.645, 1e-3):
        raise NotYet("Sizes of errors have no sign: 90 % of them, not 95 %, have to be within.")
    if is_near(factor, np.sqrt(np.mean(ratio**2)), 1e-3):
        raise NotYet(
            "This makes the mean square right. The coverage is asked for; for other than Gaussian errors they differ."
        )
    covered = np.mean(ratio <= 1.645 * factor)
    if abs(covered - 0.9) > 0.004:
        raise NotYet(f"With your factor {covered:.0%} of the readings are covered.")
    return "It covers nine readings in ten where it is found. Find it at validation stations, and judge it elsewhere."
