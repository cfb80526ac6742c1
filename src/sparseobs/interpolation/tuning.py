"""What every interpolation of stations is asked, and cross-validation over stations, which it is tuned by."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from sparseobs.errors import InputError
from sparseobs.interpolation.inverse_distance import nearest_distance
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData, measured
from sparseobs.stations.time_axis import hour_positions

STRIDE = 5  # hours: coprime with 24 so that no hour of the day is favoured
ENOUGH = 120  # hours to tune on


class StationInterpolation:
    """An interpolation that reads nothing but stations; a subclass says how in `interpolate`."""

    def predict(self, data: TemperatureData, context, targets, hours) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), degC and K.

        Args:
            data: whose stations are meant.
            context: positions along `station` of those that may be seen.
            targets: positions along `station` of those to predict.
            hours: positions along `time`, or times, see `hour_positions`.
        """
        places = station_points(data.stations)
        times = data.stations["time"].values
        positions = hour_positions(times, hours)
        values = measured(data.stations).values[positions][:, np.asarray(context)]
        return self.interpolate(places[context], values, places[targets], **self.of_hours(times[positions]))

    def of_hours(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """Return what else `interpolate` is told of the hours (time,): nothing, unless a subclass reads more."""
        return {}

    def interpolate(self, context: Points, values: np.ndarray, targets: Points) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target); NaN in hours without any value.

        Args:
            context: where the values are.
            values: (hour, context), degC, NaN where missing.
            targets: where to predict.
        """
        raise NotImplementedError


class Sample(NamedTuple):
    """What there is to tune on: `places`, their `values` (hour, place), degC, NaN where missing.

    Methods that correct a `background` are given it too: (hour, place), degC.

    Args:
        places: where the stations are.
        values: (hour, place), degC, NaN where missing.
        background: (hour, place), degC, for methods that correct one.
    """

    places: Points
    values: np.ndarray
    background: np.ndarray | None = None


class Residuals(NamedTuple):
    """Of stations that were left out, flat: `errors` (K), predicted `stds` (K), `distances` to the nearest (km)."""

    errors: np.ndarray
    stds: np.ndarray
    distances: np.ndarray


def tuning_sample(data, stations, hours) -> Sample:
    """Return the training and validation stations at `tuning_hours`.

    Args:
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.
    """
    seen = np.sort(np.concatenate([stations.train, stations.validation]))
    times = tuning_hours(hours)
    return Sample(station_points(data.stations)[seen], measured(data.stations).values[times][:, seen])


def tuning_hours(hours) -> np.ndarray:
    """Return every fifth of an `HourSplit`'s training and validation hours, or all if they are `ENOUGH` at most."""
    times = np.sort(np.concatenate([hours.train, hours.validation]))
    return times[::STRIDE] if len(times) > ENOUGH else times


def require_varied(sample: Sample) -> None:
    """Raise `InputError` if all that was read is one and the same value: nothing can be learned of its covariance."""
    read = sample.values[np.isfinite(sample.values)]
    if read.size and read.min() == read.max():
        raise InputError("values", f"{read[0]:g} everywhere and always", "values that vary", "another variable")


def station_folds(places: Points, n_folds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of positions, context and targets: every place is a target once.

    Folds take every n-th place in order of latitude, so that each covers the region.

    Raises:
        InputError: fewer than two places or folds.
    """
    n_folds = min(n_folds, len(places))
    if n_folds < 2:
        raise InputError("stations", f"{len(places)} to tune on", "two or more", "fewer held-out stations")
    order = np.argsort(places.latitude)
    everyone = np.arange(len(places))
    return [(np.setdiff1d(everyone, order[first::n_folds]), order[first::n_folds]) for first in range(n_folds)]


def residuals(method: StationInterpolation, sample: Sample, folds) -> Residuals:
    """Return what a method gets wrong at the stations of each fold, predicted from the others.

    Args:
        method: the interpolation.
        sample: of stations.
        folds: pairs of positions, context and targets, as of `station_folds`.
    """
    places, values, background = sample
    parts = []
    for context, targets in folds:
        given = () if background is None else (background[:, context], background[:, targets])
        mean, std = method.interpolate(places[context], values[:, context], places[targets], *given)
        distance = nearest_distance(places[context], values[:, context], places[targets])
        parts.append([(mean - values[:, targets]).ravel(), std.ravel(), distance.ravel()])
    errors, stds, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
    valid = np.isfinite(errors)
    if not valid.any():
        given = "no reading in an hour when another station reports"
        raise InputError("values", given, "readings that others can predict", "more stations or hours")
    return Residuals(errors[valid], stds[valid], distances[valid])


def best_of(candidates: Sequence[StationInterpolation], sample: Sample, folds) -> StationInterpolation:
    """Return the candidate of least mean absolute error over the folds, the first of equals."""
    return min(candidates, key=lambda candidate: np.abs(residuals(candidate, sample, folds).errors).mean())


def fit_spread(found: Residuals) -> tuple[float, float]:
    """Return `std_near` (K) and `std_per_100_km` (K) of greatest Gaussian likelihood."""
    errors, _, distances = found

    def loss(parameters):
        std = np.exp(parameters[0]) + parameters[1] * distances / 100
        return np.mean(np.log(std) + 0.5 * (errors / std) ** 2)

    start = [np.log(max(errors.std(), 1e-2)), 0.0]
    found = minimize(loss, start, bounds=[(np.log(1e-2), np.log(20)), (0, 20)], method="L-BFGS-B")
    return float(np.exp(found.x[0])), float(found.x[1])
