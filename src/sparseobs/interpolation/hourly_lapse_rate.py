"""The lapse rate of an hour, from the stations of that hour and what is usual."""

import numpy as np

from sparseobs.interpolation.inverse_distance import require_values
from sparseobs.stations.geography import DEGREE, Points

# Priors of the hourly regression on height and position.
RESIDUAL = 1.2  # K: what height and position leave unexplained at one station
ANYTHING = 1e4  # K: nothing is known of the level
GRADIENT = 0.01  # K per km: horizontal gradient that is not unusual
LIMITS = (-5.0, 11.0)  # K per km: lapse rates between a strong inversion and beyond dry-adiabatic


def hourly_lapse_rate(context: Points, values: np.ndarray, lapse_rate: float, lapse_rate_std: float) -> np.ndarray:
    """Return each hour's lapse rate (hour,), K per km: posterior mean of a regression on height and position.

    Where heights hardly vary it stays at the prior.

    Args:
        context: where the values are.
        values: (hour, context), degC, NaN where missing.
        lapse_rate: K per km, prior mean.
        lapse_rate_std: K per km, prior standard deviation; 0 leaves every hour at the prior.
    """
    values = require_values(context, values)
    if lapse_rate_std == 0:
        return np.full(len(values), lapse_rate)
    middle = context.latitude.mean(), context.longitude.mean()
    east = (context.longitude - middle[1]) * DEGREE * np.cos(np.radians(middle[0]))
    north = (context.latitude - middle[0]) * DEGREE
    above = (context.height - context.height.mean()) * 1e-3
    columns = np.column_stack([np.ones(len(context)), north, east, -above])
    present = np.isfinite(values).astype(float)
    offset = np.sum(np.where(present, values, 0), axis=1) / np.maximum(present.sum(axis=1), 1)
    prior = np.array([0.0, 0.0, 0.0, lapse_rate])
    precision = RESIDUAL**2 / np.array([ANYTHING, GRADIENT, GRADIENT, lapse_rate_std]) ** 2
    matrix = np.einsum("ci,tc,cj->tij", columns, present, columns, optimize=True) + np.diag(precision)
    departure = np.where(present, values - offset[:, None], 0)
    right = departure @ columns + precision * prior
    return np.clip(np.linalg.solve(matrix, right[:, :, None])[:, 3, 0], *LIMITS)
