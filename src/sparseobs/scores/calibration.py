"""Whether Gaussian predictions are as wide as they ought to be, and the one number that mends most of it."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from sparseobs.errors import InputError, require_number
from sparseobs.scores.gaussian import gaussian_pairs, negative_log_density


def variance_offset(mean: ArrayLike, std: ArrayLike, observed: ArrayLike) -> float:
    """Return the variance, at least 0, that added to every prediction gives the lowest negative log-likelihood.

    Scholz et al. (2023) add such a number in their code's evaluation and look for it on the test set; here it is to be
    fitted on validation data.

    Args:
        mean: any shape.
        std: the same shape, positive.
        observed: the same shape, NaN where nothing was measured.

    Raises:
        InputError: as `score_gaussian`.

    References: [scholz2023].
    """
    mean, std, observed = gaussian_pairs(mean, std, observed)

    def loss(offset: float) -> float:
        return float(negative_log_density(mean, np.sqrt(std**2 + offset), observed).mean())

    squares = np.square(observed - mean)
    if not squares.any():
        return 0.0
    # Beyond the largest squared error no added variance can pay.
    options = {"xatol": 1e-6 * float(squares.mean())}
    found = minimize_scalar(loss, bounds=(0.0, float(squares.max())), method="bounded", options=options)
    return float(found.x) if found.fun < loss(0.0) else 0.0


def widened(std: ArrayLike, offset: float) -> np.ndarray:
    """Return standard deviations with a variance (at least 0) added.

    Args:
        std: any shape.
        offset: the variance, in the square of the unit.
    """
    return np.sqrt(np.square(std) + require_number("offset", offset, least=0))


def pit(mean: ArrayLike, std: ArrayLike, observed: ArrayLike) -> np.ndarray:
    """Return the probability integral transform of every observation, (pair,): uniform if predictions are right.

    Args:
        mean: any shape.
        std: the same shape, positive.
        observed: the same shape, NaN where nothing was measured.

    References: [gneiting2007].
    """
    mean, std, observed = gaussian_pairs(mean, std, observed)
    return norm.cdf(observed, mean, std)


def pit_shares(values: ArrayLike, n_bins: int = 10) -> np.ndarray:
    """Return the share of the transforms in each of `n_bins` equal bins of 0 to 1; 1 / n_bins each if calibrated.

    Args:
        values: (pair,), from `pit`.
        n_bins: how many bins.
    """
    require_number("n_bins", n_bins, least=1, whole=True)
    values = np.asarray(values, dtype=float)
    if not values.size or not ((values >= 0) & (values <= 1)).all():
        raise InputError("values", values, "probabilities", "pit(mean, std, observed)")
    return np.histogram(values, n_bins, (0.0, 1.0))[0] / values.size
