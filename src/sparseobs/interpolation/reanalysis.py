"""The reanalysis itself, read off at a station and brought to its height: no station of that hour is needed."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.interpolation.gridded import sample
from sparseobs.interpolation.lapse_rate import LIMITS
from sparseobs.interpolation.tuning import tuning_hours
from sparseobs.stations.geography import station_points
from sparseobs.stations.temperature import TemperatureData, cell_heights

LAPSE_RATES = np.arange(0.0, 10.1, 0.5)  # K per km


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
        value, above = _values_and_heights(data, targets, hours)
        mean = value - self.lapse_rate * 1e-3 * above - self.bias
        return mean, np.full_like(mean, self.std)


def covers(data: TemperatureData, hours=slice(None)) -> bool:
    """Return whether the reanalysis has every one of the stations' hours (positions along their `time`)."""
    return bool(np.isin(data.stations["time"].values[hours], data.reanalysis["time"].values).all())


def tune_reanalysis(data: TemperatureData, stations, hours) -> BilinearReanalysis:
    """Return the correction of the reanalysis that suits the training and validation stations and hours.

    The lapse rate by mean absolute error, the mean error by the median, the spread by likelihood.

    Args:
        data: the source.
        stations: a `StationSplit`.
        hours: an `HourSplit`.

    Raises:
        InputError: the reanalysis lacks one of the hours.
    """
    seen = np.sort(np.concatenate([stations.train, stations.validation]))
    times = tuning_hours(hours)
    value, above = _values_and_heights(data, seen, times)
    error = value - data.stations["temperature"].values[np.ix_(times, seen)]

    def left(lapse_rate: float) -> np.ndarray:
        rest = error - lapse_rate * 1e-3 * above
        return rest[np.isfinite(rest)]

    best = min(LAPSE_RATES, key=lambda rate: np.abs(left(rate) - np.median(left(rate))).mean())
    rest = left(best)
    bias = float(np.median(rest))
    return BilinearReanalysis(float(best), bias, float(np.sqrt(np.mean((rest - bias) ** 2))))


def _values_and_heights(data: TemperatureData, targets, hours) -> tuple[np.ndarray, np.ndarray]:
    """Return the bilinear reanalysis (hour, target), degC, and the targets' height above its orography (target,), m."""
    times = data.stations["time"].values[np.asarray(hours)]
    if not np.isin(times, data.reanalysis["time"].values).all():
        given = f"hours from {times[0]:.13} that the reanalysis lacks"
        raise InputError("data", given, "a reanalysis of the same hours", "another method, or load('twin')")
    places = station_points(data.stations)[targets]
    axes = {name: data.reanalysis[name] for name in ("latitude", "longitude")}
    ground = xr.DataArray(cell_heights(data)[None], {"time": [0], **axes}, ("time", "latitude", "longitude"))
    return sample(data.reanalysis.sel(time=times), places), places.height - sample(ground, places)[0]
