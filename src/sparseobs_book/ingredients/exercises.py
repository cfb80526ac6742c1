"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from sparseobs_book.checking import NotYet, as_array, chosen, is_near


def judge_members(prediction: object, few: float, many: float) -> str:
    """Ask whether cutting the memory off hurts more or less with twenty members than with five.

    Args:
        prediction: more or less.
        few: what it costs with the page's members, state units.
        many: what it costs with twenty.
    """
    if chosen(prediction, ("more", "less")) != "less":
        raise NotYet("With twenty members the covariances are well known. How much does the network still add to them?")
    return f"Memory is worth {few:.3f} with the page's members, and {many:.3f} with twenty."


def judge_scatter(paired_scatter: Callable[[float, float, float], float]) -> str:
    """Ask for the standard deviation of the difference of two correlated scores.

    Args:
        paired_scatter: of both standard deviations and the correlation.
    """
    cases = [(1.0, 1.0, 0.75), (1.0, 1.0, 0.0), (2.0, 0.5, 0.6), (0.3, 0.4, -0.5)]
    given = np.array([as_array(paired_scatter(*case), name="The scatter") for case in cases])
    one, two, correlation = np.array(cases).T
    wanted = [
        np.linalg.cholesky([[a * a, r * a * b], [r * a * b, b * b]]).T @ np.array([1.0, -1.0]) for a, b, r in cases
    ]
    wanted = np.array([np.linalg.norm(column) for column in wanted])
    if is_near(given, wanted):
        return (
            "Equal scatters have to be correlated by 0.75 for pairing to halve the scatter. Below 0 pairing would harm."
        )
    wrong = {
        "This is a variance; the standard deviation is asked for.": wanted**2,
        "The scores' fluctuations are shared, so they cancel: what is the sign of the last term?": np.sqrt(
            one**2 + two**2 + 2 * correlation * one * two
        ),
        "The mixed term of a square comes twice.": np.sqrt(one**2 + two**2 - correlation * one * two),
        "This is the scatter without pairing. Where is the correlation?": np.hypot(one, two),
    }
    for sentence, values in wrong.items():
        if is_near(given, values):
            raise NotYet(sentence)
    raise NotYet("Write the variance of a - b out: the variances, and twice the covariance.")


def judge_interval(paired_interval: Callable[[np.ndarray, np.ndarray], object]) -> str:
    """Ask for the mean difference of paired scores with its 95 % Student interval.

    Args:
        paired_interval: of the scores (repeat,) of two variants; returns difference, low and high.
    """
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 1, 6)
    first, second = shared + 0.3 + rng.normal(0, 0.1, 6), shared + rng.normal(0, 0.1, 6)
    mean, low, high = as_array(paired_interval(first, second), (3,), "The answer (difference, low, high)")
    difference = first - second
    if not is_near(mean, difference.mean()):
        if is_near(mean, -difference.mean()):
            raise NotYet("The difference has the wrong sign: the first less the second.")
        raise NotYet("The first number is the mean of the differences.")
    half, error = (high - low) / 2, stats.sem(difference)
    quantile = stats.t.ppf(0.975, 5)
    wrong = {
        "With 1.96 the interval is too narrow for six repeats: take Student's quantile, with 5 degrees of freedom.": (
            1.96 * error
        ),
        "Divide by the number of repeats less one in the variance (`ddof=1`).": quantile * difference.std() / 6**0.5,
        "This is the scatter of one difference. The mean of six is known better, by the root of six.": (
            quantile * difference.std(ddof=1)
        ),
        "These scores are paired: take the scatter of the differences, not of the two scores.": (
            quantile * np.hypot(stats.sem(first), stats.sem(second))
        ),
    }
    for sentence, value in wrong.items():
        if is_near(half, value, 1e-3):
            raise NotYet(sentence)
    if not is_near([low, high], stats.ttest_rel(first, second).confidence_interval(), 1e-6):
        raise NotYet("The interval is the mean, less and plus Student's quantile times the mean's standard error.")
    return "It is the interval of the paired t-test; the page's tables have it for every score."
