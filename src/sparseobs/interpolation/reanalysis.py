"""The reanalysis itself, read off at a station and brought to its height: no station of that hour is needed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.interpolation.lapse_rate import LIMITS
from sparseobs.interpolation.tuning import tuning_hours
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData, cell_heights, standard_axes

LAPSE_RATES = np.arange(0.0, 10.1, 0.5)  # K per km


def sample(field: xr.DataArray, points: Points, method: str = "linear") -> np.ndarray:
    """Return a field (time, latitude, longitude) at points, (time, point), in its own units.

    Args:
        field: see `standard_axes`.
        points: at most one cell outside the grid, where the value on its edge is taken.
        method: `linear` (bilinear) or `nearest`.

    Raises:
        InputError: unknown method, or a point further outside.
    """
    require_choice("method", method, ("linear", "nearest"))
    field = standard_axes(field)
    targets = {}
    for name in ("latitude", "longitude"):
        axis, wanted = field[name].values, getattr(points, name)
        cell = axis[1] - axis[0]
        outside = np.maximum(axis[0] - wanted, wanted - axis[-1])
        if (outside > cell).any():
            given = f"{wanted[outside.argmax()]:g} degrees"
            expected = f"at most {cell:g} outside {axis[0]:g}..{axis[-1]:g}"
            raise InputError(name, given, expected, "a larger grid, or dropping the point")
        targets[name] = ("point", np.clip(wanted, axis[0], axis[-1]))
    return field.interp(targets, method=method).transpose("time", "point").values


def reanalysis_errors(data: TemperatureData) -> pd.DataFrame:
    """Return how far the bilinear reanalysis is from the stations: `n`, `rmse`, `bias` (K), hourly and daily.

    Daily means are of days with at least 20 readings. The bias is reanalysis minus station.

    Args:
        data: a reanalysis and stations.

    Raises:
        InputError: the two cover no common hour, as on uk_ireland, where they are two years apart.
    """
    stations, field = xr.align(data.stations, data.reanalysis, join="inner", exclude=("latitude", "longitude"))
    if stations.sizes["time"] == 0:
        spans = [str(part["time"].values[0])[:10] for part in (data.stations, data.reanalysis)]
        given = f"stations from {spans[0]}, reanalysis from {spans[1]}"
        raise InputError("data", given, "hours that both cover", "load('twin')")
    difference = stations["temperature"].copy(data=sample(field, station_points(stations)))
    difference = (difference - stations["temperature"]).drop_vars(["latitude", "longitude"])
    days = difference.resample(time="D")
    daily = days.mean().where(days.count() >= 20)
    rows = []
    for resolution, errors in (("hourly", difference.values), ("daily", daily.values)):
        errors = errors[np.isfinite(errors)].astype(float)
        rows.append((resolution, errors.size, np.sqrt(np.mean(errors**2)), errors.mean()))
    return pd.DataFrame(rows, columns=["resolution", "n", "rmse", "bias"])


@dataclass(frozen=True)
class BilinearReanalysis:
    """The reanalysis, bilinear, from its own height to the station's at a fixed lapse rate, less its mean error.

    Attributes:
        lapse_rate: K per km.
        bias: K, reanalysis minus stations.
        std: K, predictive standard deviation.

    Raises:
        InputError: a number out of its range.
    """

    lapse_rate: float = 6.5
    bias: float = 0.0
    std: float = 1.0

    def __post_init__(self):
        require_number("lapse_rate", self.lapse_rate, least=LIMITS[0], most=LIMITS[1])
        require_number("bias", self.bias)
        require_number("std", self.std, above=0)

    def predict(self, data: TemperatureData, context, targets, hours) -> tuple[np.ndarray, np.ndarray]:
        """Return the predictive mean and standard deviation (hour, target), degC and K.

        Args:
            data: whose reanalysis and stations are meant.
            context: not read.
            targets: positions along `station` of those to predict.
            hours: positions along the stations' `time`.

        Raises:
            InputError: the reanalysis lacks one of the hours.
        """
        value, above = values_and_heights(data, targets, hours)
        mean = value - self.lapse_rate * 1e-3 * above - self.bias
        return mean, np.full_like(mean, self.std)


def covers(data: TemperatureData, hours=slice(None)) -> bool:
    """Return whether the reanalysis has every one of the stations' hours (positions along their `time`)."""
    return bool(np.isin(data.stations["time"].values[hours], data.reanalysis["time"].values).all())


def tune_reanalysis(data: TemperatureData, stations, hours) -> BilinearReanalysis:
    """Return the correction of the reanalysis that suits the training and validation stations and hours.

    Args:
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.

    Raises:
        InputError: the reanalysis lacks one of the hours.
    """
    seen = np.sort(np.concatenate([stations.train, stations.validation]))
    times = tuning_hours(hours)
    value, above = values_and_heights(data, seen, times)
    return BilinearReanalysis(*fit_correction(value - data.stations["temperature"].values[np.ix_(times, seen)], above))


def fit_correction(error: np.ndarray, above: np.ndarray | None) -> tuple[float, float, float]:
    """Return the lapse rate (K per km), the bias and the standard deviation of what is left (K).

    The lapse rate by mean absolute error, the bias by the median, the spread by likelihood.

    Args:
        error: (hour, place), K, background minus readings, NaN where missing.
        above: (place,), m, of the places above the background's ground; None leaves the lapse rate at 0.

    Raises:
        InputError: no reading at all, or heights that do not fit.
    """
    if not np.isfinite(error).any():
        raise InputError("stations", "no reading", "readings to correct a background by", "other stations or hours")
    above = np.zeros(error.shape[1]) if above is None else np.asarray(above, dtype=float)
    if above.shape != error.shape[1:]:
        raise InputError("above", f"shape {above.shape}", f"{error.shape[1]} heights", "one height a place")

    def left(lapse_rate: float) -> np.ndarray:
        rest = error - lapse_rate * 1e-3 * above
        return rest[np.isfinite(rest)]

    best = min(LAPSE_RATES, key=lambda rate: np.abs(left(rate) - np.median(left(rate))).mean())
    rest = left(best)
    bias = float(np.median(rest))
    return float(best), bias, float(np.sqrt(np.mean((rest - bias) ** 2)))


def values_and_heights(data: TemperatureData, targets, hours) -> tuple[np.ndarray, np.ndarray]:
    """Return the bilinear reanalysis (hour, target), degC, and the targets' height above its orography (target,), m.

    Raises:
        InputError: the reanalysis lacks one of the hours (positions along the stations' `time`).
    """
    times = data.stations["time"].values[np.asarray(hours)]
    if not np.isin(times, data.reanalysis["time"].values).all():
        given = f"hours from {times[0]:.13} that the reanalysis lacks"
        raise InputError("data", given, "a reanalysis of the same hours", "another method, or load('twin')")
    places = station_points(data.stations)[targets]
    axes = {name: data.reanalysis[name] for name in ("latitude", "longitude")}
    ground = xr.DataArray(cell_heights(data)[None], {"time": [0], **axes}, ("time", "latitude", "longitude"))
    return sample(data.reanalysis.sel(time=times), places), places.height - sample(ground, places)[0]
