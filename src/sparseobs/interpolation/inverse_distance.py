"""Weighted means of the stations that report: every hour has its own, and none is needed twice."""

import numpy as np

from sparseobs.errors import InputError, require_number
from sparseobs.stations.geography import Points, great_circle

STEEP = 30.0  # power beyond which a weight at a station overflows, or all of them vanish far away
TOUCHING = 1e-9  # km: a target this close to a station takes its value


def inverse_distance(context: Points, values: np.ndarray, targets: Points, power: float = 2.0) -> np.ndarray:
    """Return Shepard's inverse-distance mean at the targets, (hour, target); NaN in hours without any value.

    Args:
        context: where the values are.
        values: (hour, context), NaN where missing.
        targets: where to interpolate; exact at a reporting context point.
        power: of the great-circle distance, above 0.

    Raises:
        InputError: shapes that do not fit, or a power that is not positive.
    """
    require_number("power", power, above=0)
    values = require_values(context, values)
    distance = np.maximum(great_circle(targets, context), TOUCHING)
    present = np.isfinite(values)
    if power > STEEP:
        return np.array([_steep(distance[:, p], row[p], power) for p, row in zip(present, values, strict=True)])
    weights = distance**-power
    total = present @ weights.T
    mean = np.where(present, values, 0.0) @ weights.T
    return np.divide(mean, total, out=np.full_like(mean, np.nan), where=total > 0)


def _steep(distance: np.ndarray, values: np.ndarray, power: float) -> np.ndarray:
    """Return an hour's means at the targets, distances (target, reporting station) taken in units of the nearest."""
    if not values.size:
        return np.full(len(distance), np.nan)
    weights = (distance / distance.min(axis=1, keepdims=True)) ** -power
    return weights @ values / weights.sum(axis=1)


def nearest_station(context: Points, values: np.ndarray, targets: Points) -> np.ndarray:
    """Return the value of the nearest reporting station, (hour, target); NaN in hours without any."""
    values = require_values(context, values)
    present = np.isfinite(values)
    order = np.argsort(great_circle(targets, context), axis=1)
    # For each hour and target, the first station in order of distance that reports.
    first = present[:, order].argmax(axis=2)
    chosen = np.take_along_axis(np.broadcast_to(order, (len(values), *order.shape)), first[:, :, None], axis=2)
    return np.take_along_axis(values, chosen[:, :, 0], axis=1)


def nearest_distance(context: Points, values: np.ndarray, targets: Points) -> np.ndarray:
    """Return the distance to the nearest reporting station, (hour, target), km; NaN in hours without any."""
    present = np.isfinite(require_values(context, values))
    distance = great_circle(targets, context)
    patterns, hours = np.unique(present, axis=0, return_inverse=True)
    shortest = [distance[:, p].min(axis=1) if p.any() else np.full(len(targets), np.nan) for p in patterns]
    return np.array(shortest)[hours.ravel()]


def require_values(context: Points, values: np.ndarray) -> np.ndarray:
    """Return the values as float64 (hour, context), or raise `InputError`."""
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(context) or len(context) == 0:
        hint = "values.T" if values.ndim == 2 and len(values) == len(context) else "values[None, :]"
        given = f"shape {values.shape} at {len(context)} points"
        raise InputError("values", given, "(hour, context) with one column a point", hint)
    return values
