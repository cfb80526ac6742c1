"""Scores of Gaussian predictions in the units of what is predicted."""

from typing import NamedTuple

import numpy as np
import scoringrules
from numpy.typing import ArrayLike
from scipy.stats import norm

from sparseobs.errors import InputError


class GaussianScores(NamedTuple):
    """Means over all pairs.

    Attributes:
        mae: mean absolute error of the mean, in the units of the data.
        rmse: root of the mean squared error of the mean, in the units of the data.
        bias: mean of prediction less observation, in the units of the data.
        nll: negative log-likelihood, nats; a change of units adds the logarithm of the factor.
        crps: continuous ranked probability score, in the units of the data.
        coverage: share of the observations within the central 90 % interval.
        n: pairs scored.
    """

    mae: float
    rmse: float
    bias: float
    nll: float
    crps: float
    coverage: float
    n: int


def score_gaussian(mean: ArrayLike, std: ArrayLike, observed: ArrayLike) -> GaussianScores:
    """Return the scores of predictions against observations; observations that are NaN are left out.

    Args:
        mean: any shape.
        std: the same shape, positive.
        observed: the same shape, NaN where nothing was measured.

    Raises:
        InputError: shapes differ, nothing was observed, something observed is infinite, or a prediction asked for is
            not a Gaussian.

    References: [gneiting2007].
    """
    mean, std, observed = gaussian_pairs(mean, std, observed)
    error = observed - mean
    return GaussianScores(
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt(np.square(error).mean())),
        bias=float(-error.mean()),
        nll=float(negative_log_density(mean, std, observed).mean()),
        crps=float(scoringrules.crps_normal(observed, mean, std).mean()),
        coverage=float((np.abs(error) <= 1.6448536269514722 * std).mean()),
        n=int(observed.size),
    )


def negative_log_density(mean: ArrayLike, std: ArrayLike, observed: ArrayLike) -> np.ndarray:
    """Return the negative logarithm of each predicted density at what was observed, nats.

    The logarithm of a computed density would be infinite from 38 standard deviations on.

    Args:
        mean: of each prediction, any shape.
        std: of each prediction, above 0.
        observed: what came.
    """
    return -norm.logpdf(observed, mean, std)


def gaussian_pairs(mean: ArrayLike, std: ArrayLike, observed: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the three, flat and without the pairs that were not observed, or raise `InputError`, see above."""
    mean, std, observed = (np.asarray(values, dtype=float) for values in (mean, std, observed))
    if not mean.shape == std.shape == observed.shape:
        raise InputError("mean, std, observed", (mean.shape, std.shape, observed.shape), "one shape", "broadcasting")
    present = ~np.isnan(observed)
    mean, std, observed = mean[present], std[present], observed[present]
    if not observed.size:
        raise InputError("observed", "no finite value", "at least one observation", "other stations or hours")
    if not np.isfinite(observed).all():
        raise InputError("observed", "infinity", "finite values, NaN where nothing was measured", "NaN in its place")
    if not (np.isfinite(mean).all() and np.isfinite(std).all() and (std > 0).all()):
        raise InputError("mean, std", "a value that is not finite, or std <= 0", "a Gaussian a pair", "checking it")
    return mean, std, observed
