"""What the page's exercises ask, and which mistakes are usual."""

from collections.abc import Callable

import numpy as np

from sparseobs.randomness import numpy_stream
from sparseobs_book.checking import NotYet, as_array, chosen, is_near

MORE_OR_LESS = ("more", "less")
WAVE = 3.0  # K: noise of the made-up readings


def judge_milder(prediction: object, as_given: float, milder: float) -> str:
    """Ask whether the fine map of the terrain wins more or less with a milder lapse rate.

    Args:
        prediction: one of `MORE_OR_LESS`.
        as_given: K, what the map wins with the page's fixed rate.
        milder: K, what it wins with the other rate.
    """
    wanted = MORE_OR_LESS[0] if milder > as_given else MORE_OR_LESS[1]
    if chosen(prediction, MORE_OR_LESS) != wanted:
        raise NotYet("Which rate is nearer to those of most hours? A map is worth more the nearer its rate.")
    return f"The map wins {milder:.2f} K with the other rate and {as_given:.2f} K with the page's."


def judge_scaled(best: Callable[[np.ndarray, np.ndarray], object]) -> str:
    """Ask which scale and shift bring a smooth ground nearest to the true one, and what variance is left.

    Args:
        best: the reader's, of smooth and true ground (n,), m; returns scale, shift (m) and variance left (m^2).
    """
    draws = numpy_stream(0, "ground of an exercise").normal(size=(2, 400))
    true = 500 + 300 * draws[0]
    smooth = 450 + 0.6 * (true - 500) + 80 * draws[1]
    covariance = np.cov(smooth, true, bias=True)
    scale = covariance[0, 1] / covariance[0, 0]
    shift, left = true.mean() - scale * smooth.mean(), covariance[1, 1] - scale * covariance[0, 1]
    given = as_array(best(smooth, true), (3,), "The answer (scale, shift, variance)")
    for wrong, sentence in (
        (covariance[0, 1] / covariance[1, 1], "Divided by the variance of the true ground. Which one is scaled?"),
        (np.sqrt(covariance[1, 1] / covariance[0, 0]), "That makes the variances equal, not the error least."),
        ((smooth @ true) / (smooth @ smooth), "That is the best scale without a shift. FiLM has both."),
    ):
        if is_near(given[0], wrong):
            raise NotYet(sentence)
    if not is_near(given[0], scale):
        raise NotYet("The scale is not the best. Set the derivative of the mean squared error to zero.")
    if not is_near(given[1], shift):
        raise NotYet("The scale is right. The best shift makes the mean error zero.")
    if is_near(given[2], np.sqrt(left)):
        raise NotYet("What is left is a standard deviation there. Its square is asked for.")
    if not is_near(given[2], left):
        raise NotYet("Scale and shift are right. What is left is the variance of true less scaled.")
    return (
        f"{left / covariance[1, 1]:.0%} of the variance are left, 1 less the squared correlation. "
        "No scale changes a correlation."
    )


def judge_drawn(rate_of: Callable[..., object]) -> str:
    """Ask for an hour's lapse rate that is drawn towards a usual one.

    Args:
        rate_of: the reader's, of heights (n,), km, readings (n,), degC, the usual rate and its standard deviation,
            K per km, and the standard deviation of one reading about the line, K; returns K per km.
    """
    generator = numpy_stream(0, "few stations of an exercise")
    height = generator.uniform(0.1, 1.0, 8)
    readings = 10 - 2.0 * height + generator.normal(0, WAVE, 8)
    usual, usual_std, noise = 6.5, 2.0, 1.5
    x, y = height - height.mean(), readings - readings.mean()
    told, own = usual / usual_std**2, -(x @ y) / noise**2
    precision = 1 / usual_std**2, (x @ x) / noise**2
    right = (told + own) / sum(precision)
    given = as_array(rate_of(height, readings, usual, usual_std, noise), name="The rate")
    for wrong, sentence in (
        (own / precision[1], "That is the line of the readings alone. Where is the usual rate?"),
        (usual, "That is the usual rate. The readings say something too."),
        ((told - own) / sum(precision), "A lapse rate is above zero where it gets colder upwards: mind the sign."),
        (
            (usual / usual_std - (x @ y) / noise) / (1 / usual_std + (x @ x) / noise),
            "Weights are one over variances, not over standard deviations.",
        ),
        ((usual - (x @ y)) / (1 + x @ x), "Both count alike there. How sure is each?"),
    ):
        if is_near(given, wrong):
            raise NotYet(sentence)
    if not is_near(given, right):
        raise NotYet("Each of the two is weighted by one over its variance. That of a slope is noise² / sum of x².")
    return (
        f"The readings alone say {own / precision[1]:.1f} K per km, with the usual rate it is {right:.1f}. "
        f"The readings have {precision[1] / sum(precision):.0%} of the weight."
    )
