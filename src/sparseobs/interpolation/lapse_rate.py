"""Nearest station, inverse distance, and lapse rate plus inverse distance: what needs no library."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sparseobs.errors import require_number
from sparseobs.interpolation.inverse_distance import (
    inverse_distance,
    nearest_distance,
    nearest_station,
    require_values,
)
from sparseobs.interpolation.tuning import Sample, StationInterpolation, best_of, fit_spread, residuals, station_folds
from sparseobs.stations.geography import DEGREE, Points

POWERS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
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


@dataclass(frozen=True)
class NearestStation(StationInterpolation):
    """Take what the nearest reporting station reads.

    Attributes:
        std_near: K, predictive standard deviation beside a station.
        std_per_100_km: K, what it grows by over 100 km to the nearest reporting station.

    Raises:
        InputError: a standard deviation that is not positive.
    """

    std_near: float = 1.0
    std_per_100_km: float = 0.5

    def __post_init__(self):
        require_number("std_near", self.std_near, above=0)
        require_number("std_per_100_km", self.std_per_100_km, least=0)

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), see `StationInterpolation`."""
        distance = nearest_distance(context, values, targets)
        return nearest_station(context, values, targets), self.std_near + self.std_per_100_km * distance / 100


@dataclass(frozen=True)
class LapseRateIDW(StationInterpolation):
    """Reduce to sea level, interpolate by inverse distance, and go back up to the target's height.

    The lapse rate of an hour is that of `hourly_lapse_rate`. With `lapse_rate=0` and `lapse_rate_std=0` this is
    plain inverse-distance weighting.

    Attributes:
        power: of the distance.
        lapse_rate: K per km, prior mean.
        lapse_rate_std: K per km, prior standard deviation.
        std_near: K, predictive standard deviation beside a station.
        std_per_100_km: K, what it grows by over 100 km to the nearest reporting station.

    Raises:
        InputError: a power or standard deviation that is not positive.
    """

    power: float = 2.0
    lapse_rate: float = 6.5
    lapse_rate_std: float = 2.0
    std_near: float = 1.0
    std_per_100_km: float = 0.5

    def __post_init__(self):
        require_number("power", self.power, above=0)
        require_number("lapse_rate", self.lapse_rate, least=LIMITS[0], most=LIMITS[1])
        require_number("lapse_rate_std", self.lapse_rate_std, least=0)
        require_number("std_near", self.std_near, above=0)
        require_number("std_per_100_km", self.std_per_100_km, least=0)

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), see `StationInterpolation`."""
        values = require_values(context, values)
        lapse_rate = self.estimate(context, values)[:, None] * 1e-3  # K per m
        reduced = inverse_distance(context, values + lapse_rate * context.height, targets, self.power)
        distance = nearest_distance(context, values, targets)
        return reduced - lapse_rate * targets.height, self.std_near + self.std_per_100_km * distance / 100

    def estimate(self, context: Points, values: np.ndarray) -> np.ndarray:
        """Return each hour's lapse rate (hour,), K per km."""
        return hourly_lapse_rate(context, values, self.lapse_rate, self.lapse_rate_std)


SpreadByDistance = TypeVar("SpreadByDistance", NearestStation, LapseRateIDW)


def fit_lapse_rate_idw(sample: Sample, n_folds: int = 10) -> LapseRateIDW:
    """Return lapse rate plus inverse distance whose power, lapse rate and spread suit stations that it does not see.

    Chosen by cross-validation over the sample's stations, each fold predicted from the others: power and prior by
    mean absolute error, then the spread by likelihood.

    Args:
        sample: of stations and hours, see `methods.tune`.
        n_folds: of stations, at least two.
    """
    candidates = [LapseRateIDW(power=power, lapse_rate_std=std) for power in POWERS for std in (0.0, 1.0, 3.0)]
    return _fit(candidates, sample, n_folds)


def fit_idw(sample: Sample, n_folds: int = 10) -> LapseRateIDW:
    """Return plain inverse-distance weighting tuned on a sample of stations.

    Args:
        sample: of stations.
        n_folds: parts of the stations, each predicted from the others.
    """
    return _fit([LapseRateIDW(power=power, lapse_rate=0.0, lapse_rate_std=0.0) for power in POWERS], sample, n_folds)


def fit_nearest(sample: Sample, n_folds: int = 10) -> NearestStation:
    """Return the nearest station's value with its spread tuned on a sample of stations.

    Args:
        sample: of stations.
        n_folds: parts of the stations, each predicted from the others.
    """
    return _fit([NearestStation()], sample, n_folds)


def _fit(candidates: Sequence[SpreadByDistance], sample: Sample, n_folds: int) -> SpreadByDistance:
    folds = station_folds(sample.places, n_folds)
    best = best_of(candidates, sample, folds)
    near, slope = fit_spread(residuals(best, sample, folds))
    return dataclasses.replace(best, std_near=near, std_per_100_km=slope)
