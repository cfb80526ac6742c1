"""A gridded field read off at stations."""

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError, require_choice
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData


def sample(field: xr.DataArray, points: Points, method: str = "linear") -> np.ndarray:
    """Return a field (time, latitude, longitude) at points, (time, point), in its own units.

    Args:
        field: latitude and longitude ascending.
        points: at most one cell outside the grid, where the value on its edge is taken.
        method: `linear` (bilinear) or `nearest`.

    Raises:
        InputError: unknown method, or a point further outside.
    """
    require_choice("method", method, ("linear", "nearest"))
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
