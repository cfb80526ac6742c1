"""Lapse rate plus inverse distance: what a careful meteorologist would do with the stations alone."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from sparseobs.errors import InputError, require_number
from sparseobs.interpolation.inverse_distance import inverse_distance, nearest_distance, require_values
from sparseobs.stations.geography import DEGREE, Points, station_points
from sparseobs.stations.temperature import TemperatureData

# Priors of the hourly regression on height and position.
RESIDUAL = 1.2  # K: what height and position leave unexplained at one station
ANYTHING = 1e4  # K: nothing is known of the level
GRADIENT = 0.01  # K per km: horizontal gradient that is not unusual
STRIDE = 5  # hours: enough to tune on, and coprime with 24 so that no hour of the day is favoured
LIMITS = (-5.0, 11.0)  # K per km: lapse rates between a strong inversion and beyond dry-adiabatic


@dataclass(frozen=True)
class LapseRateIDW:
    """Reduce to sea level, interpolate by inverse distance, and go back up to the target's height.

    The lapse rate of an hour is the posterior mean of a Bayesian regression of the stations' temperature on
    height and position. Where heights hardly vary it stays at the prior; with `lapse_rate_std=0` always,
    and with `lapse_rate=0` as well this is plain inverse-distance weighting.

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

    def predict(self, data: TemperatureData, context, targets, hours) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), degC and K.

        Args:
            data: whose stations are meant.
            context: positions along `station` of those that may be seen.
            targets: positions along `station` of those to predict.
            hours: positions along `time`.
        """
        places = station_points(data.stations)
        values = data.stations["temperature"].values[np.asarray(hours)][:, np.asarray(context)]
        return self.interpolate(places[context], values, places[targets])

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target); NaN in hours without any value.

        Args:
            context: where the values are.
            values: (hour, context), degC, NaN where missing.
            targets: where to predict.
        """
        values = require_values(context, values)
        lapse_rate = self.estimate(context, values)[:, None] * 1e-3  # K per m
        reduced = inverse_distance(context, values + lapse_rate * context.height, targets, self.power)
        distance = nearest_distance(context, values, targets)
        return reduced - lapse_rate * targets.height, self.std_near + self.std_per_100_km * distance / 100

    def estimate(self, context: Points, values: np.ndarray) -> np.ndarray:
        """Return each hour's lapse rate (hour,), K per km."""
        values = require_values(context, values)
        if self.lapse_rate_std == 0:
            return np.full(len(values), self.lapse_rate)
        middle = context.latitude.mean(), context.longitude.mean()
        east = (context.longitude - middle[1]) * DEGREE * np.cos(np.radians(middle[0]))
        north = (context.latitude - middle[0]) * DEGREE
        above = (context.height - context.height.mean()) * 1e-3
        columns = np.column_stack([np.ones(len(context)), north, east, -above])
        present = np.isfinite(values).astype(float)
        offset = np.sum(np.where(present, values, 0), axis=1) / np.maximum(present.sum(axis=1), 1)
        prior = np.array([0.0, 0.0, 0.0, self.lapse_rate])
        precision = RESIDUAL**2 / np.array([ANYTHING, GRADIENT, GRADIENT, self.lapse_rate_std]) ** 2
        matrix = np.einsum("ci,tc,cj->tij", columns, present, columns, optimize=True) + np.diag(precision)
        departure = np.where(present, values - offset[:, None], 0)
        right = departure @ columns + precision * prior
        return np.clip(np.linalg.solve(matrix, right[:, :, None])[:, 3, 0], *LIMITS)


def tune_lapse_rate_idw(data: TemperatureData, stations, hours, *, n_folds: int = 10) -> LapseRateIDW:
    """Return the interpolation whose power, lapse rate and spread suit stations that it does not see.

    Chosen by cross-validation over the training and validation stations (each fold of stations predicted from
    the others) at training and validation hours: power and prior by mean absolute error, then the spread by
    likelihood.
    Held-out stations and test hours are never touched.

    Args:
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.
        n_folds: of stations, at least two.
    """
    candidates = [
        LapseRateIDW(power=power, lapse_rate_std=std)
        for power in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
        for std in (0.0, 1.0, 3.0)
    ]
    return _tune(data, stations, hours, candidates, n_folds)


def tune_idw(data: TemperatureData, stations, hours, *, n_folds: int = 10) -> LapseRateIDW:
    """Return plain inverse-distance weighting tuned in the same way (see `tune_lapse_rate_idw`)."""
    candidates = [
        LapseRateIDW(power=power, lapse_rate=0.0, lapse_rate_std=0.0) for power in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
    ]
    return _tune(data, stations, hours, candidates, n_folds)


def _tune(data, stations, hours, candidates, n_folds) -> LapseRateIDW:
    seen = np.sort(np.concatenate([stations.train, stations.validation]))
    times = np.sort(np.concatenate([hours.train, hours.validation]))
    times = times[::STRIDE]
    n_folds = min(n_folds, len(seen))
    if n_folds < 2:
        raise InputError("stations", f"{len(seen)} to tune on", "two or more", "fewer held-out stations")
    # Folds take every n-th station in order of latitude, so that each covers the region.
    order = seen[np.argsort(data.stations["latitude"].values[seen])]
    folds = [(np.setdiff1d(seen, order[first::n_folds]), order[first::n_folds]) for first in range(n_folds)]
    scores = [np.abs(_residuals(candidate, data, folds, times)[0]).mean() for candidate in candidates]
    best = candidates[int(np.argmin(scores))]
    near, slope = _fit_spread(*_residuals(best, data, folds, times))
    return dataclasses.replace(best, std_near=near, std_per_100_km=slope)


def _residuals(method: LapseRateIDW, data, folds, times) -> tuple[np.ndarray, np.ndarray]:
    """Return the errors of all folds, K, and their distances to the nearest station, km, both flat."""
    places, values = station_points(data.stations), data.stations["temperature"].values[times]
    errors, distances = [], []
    for context, targets in folds:
        mean, _ = method.interpolate(places[context], values[:, context], places[targets])
        errors.append((mean - values[:, targets]).ravel())
        distances.append(nearest_distance(places[context], values[:, context], places[targets]).ravel())
    errors, distances = np.concatenate(errors), np.concatenate(distances)
    valid = np.isfinite(errors)
    return errors[valid], distances[valid]


def _fit_spread(errors: np.ndarray, distances: np.ndarray) -> tuple[float, float]:
    """Return `std_near` and `std_per_100_km` of greatest Gaussian likelihood."""

    def loss(parameters):
        std = np.exp(parameters[0]) + parameters[1] * distances / 100
        return np.mean(np.log(std) + 0.5 * (errors / std) ** 2)

    start = [np.log(max(errors.std(), 1e-2)), 0.0]
    found = minimize(loss, start, bounds=[(np.log(1e-2), np.log(20)), (0, 20)], method="L-BFGS-B")
    return float(np.exp(found.x[0])), float(found.x[1])
