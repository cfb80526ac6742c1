"""Gridded 2 m temperature in the shapes that ERA5 comes in, as one kind of array."""

# xarray loads the plugin of cfgrib, and eccodes with it, at the first file of any kind: `grib` says what that asks for.
import pyproj  # noqa: F401

# isort: split
from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.containers import kind_of, reading
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import gridded
from sparseobs.stations.time_axis import AXES, axis_times, refusal

KELVIN = 273.15  # K at 0 degC
NAMES = ("t2m", "2m_temperature")
RENAMED = {"valid_time": "time", "lat": "latitude", "lon": "longitude"}
DIMENSIONS = ("time", "latitude", "longitude")
LEVELS = ("number", "surface", "height", "heightAboveGround")  # of which a file has one, or none
LARGEST_STEP = 1.5  # of the smallest step in longitude: beyond it a box has a hole
EDGE = 1e-3  # cells: what rounding may move a cell's centre over the edge of a box


class NoTemperature(InputError):
    """A file that is whole, but of other variables."""


def temperature_field(dataset: xr.Dataset, given: object) -> xr.DataArray:
    """Return the dataset's 2 m temperature (time, latitude, longitude), unread, in its own units and order.

    Understands `valid_time` for `time`, `lat` and `lon`, ARCO-ERA5's name, and the two ways in which the Climate Data
    Store mixes final and preliminary fields (`expver`): along a dimension, where the final one counts if both are
    there, and beside the time, where it is left out.

    Args:
        dataset: as opened.
        given: what to call it in a message.

    Raises:
        InputError: no such variable, or other dimensions.
    """
    name = next((known for known in NAMES if known in dataset), None)
    if name is None:
        expected = f"a variable {' or '.join(NAMES)}"
        names = ", ".join(map(str, dataset)) or "no variable"
        raise NoTemperature("reanalysis", f"{given} ({names})", expected, "another file, or renaming the variable")
    field = dataset[name]
    for axis in (name for name in AXES if name in field.coords):
        times = axis_times(field[axis], given)
        field = field.assign_coords({axis: (field[axis].dims, times)})
    if "valid_time" in field.coords and field["valid_time"].dims == ("time",):
        # Of a forecast, `time` is when it was made.
        field = field.assign_coords(time=field["valid_time"].values).drop_vars("valid_time")
    elif "valid_time" in field.coords and set(field["valid_time"].dims) == {"time", "step"}:
        field = _by_valid_time(field)
    elif "valid_time" in field.coords:
        field = field.drop_vars("time", errors="ignore")
    field = field.rename({old: new for old, new in RENAMED.items() if old in field.coords})
    if "expver" in field.dims:
        versions = [field.sel(expver=version, drop=True) for version in sorted(field["expver"].values.tolist())]
        field = versions[0]
        for preliminary in versions[1:]:
            field = field.fillna(preliminary)
        field.attrs = dataset[name].attrs
    field = field.squeeze([dimension for dimension in LEVELS if field.sizes.get(dimension) == 1])
    field = field.drop_vars([coordinate for coordinate in field.coords if coordinate not in DIMENSIONS])
    if "time" in field.coords and "time" not in field.dims:
        field = field.expand_dims("time")
    if set(field.dims) != set(DIMENSIONS) or not set(DIMENSIONS) <= set(field.coords):
        expected = "dimensions time, latitude and longitude, each with its coordinate"
        raise InputError("reanalysis", f"{given} {field.dims}", expected, "a regular grid")
    return field.transpose(*DIMENSIONS)


def _by_valid_time(field: xr.DataArray) -> xr.DataArray:
    """Return a forecast or ERA5-Land (start, step) along the hours that its fields are of, without empty pairs."""
    field = field.stack(hour=("time", "step"))
    times = field["valid_time"].values
    field = field.drop_vars(["hour", "time", "step", "valid_time"]).rename(hour="time").assign_coords(time=times)
    field = field.transpose("time", ...)
    there = np.isfinite(field.values).reshape(times.size, -1).any(axis=1)
    return field.isel(time=np.flatnonzero(there)).sortby("time")


def inside(field: xr.DataArray, region: Region | None) -> xr.DataArray:
    """Return the cells of a field whose centres lie in a region, unread; axes ascend, longitudes from -180 to 180.

    Args:
        field: with latitude and longitude, in any order and from 0 or -180 degrees.
        region: to cut out; None takes all cells.

    Raises:
        InputError: none does.
    """
    latitude, longitude = field["latitude"].values, (field["longitude"].values + 180) % 360 - 180
    rows, columns = np.arange(latitude.size), np.arange(longitude.size)
    if region:
        rows = _within(latitude, region.south, region.north)
        columns = _within(longitude, region.west, region.east)
    if not rows.size or not columns.size:
        given = f"{latitude.min():g}..{latitude.max():g} N, {longitude.min():g}..{longitude.max():g} E"
        raise InputError("reanalysis", given, f"cells inside {region}", "another file or region")
    rows, columns = rows[np.argsort(latitude[rows])], columns[np.argsort(longitude[columns])]
    steps = np.diff(longitude[columns])
    if steps.size and steps.max() > LARGEST_STEP * steps.min():
        given = f"no cell from {longitude[columns][steps.argmax()]:g} to {longitude[columns][steps.argmax() + 1]:g} E"
        raise InputError("reanalysis", given, "cells side by side; a box across 180 degrees is not read", "one side")
    field = field.isel(latitude=rows, longitude=columns)
    return field.assign_coords(longitude=longitude[columns])


def _within(axis: np.ndarray, least: float, most: float) -> np.ndarray:
    """Return which cells' centres lie from `least` to `most`, give or take a rounding."""
    steps = np.abs(np.diff(np.sort(axis)))
    slack = EDGE * steps.min() if steps.size else 0.0
    return np.flatnonzero((axis >= least - slack) & (axis <= most + slack))


def in_celsius(field: xr.DataArray, given: object) -> xr.DataArray:
    """Return `t2m` with CF attributes, degC, float32, read and checked.

    Args:
        field: (time, latitude, longitude) of `inside`, K or degC as its attribute `units` says.
        given: what to call it in a message.

    Raises:
        InputError: other units, hours that do not ascend, a missing or impossible value, or damaged data.
    """
    units = field.attrs.get("units")
    if units not in ("K", "degC", "Celsius", "C"):
        raise InputError("reanalysis", f"{given} (units {units!r})", "K or degC", "setting the attribute `units`")
    times = field["time"].values
    if times.size == 0 or (np.diff(times) <= np.timedelta64(0)).any():
        raise InputError("reanalysis", f"{given} ({times.size} times)", "times that ascend, each once", "sorting it")
    with reading("reanalysis", given, "data that can be read to their end"):
        values = field.values - (KELVIN if units == "K" else 0.0)
    require_whole(values, times, given)
    if values.min() < -100 or values.max() > 70:
        span = f"{values.min():.0f}..{values.max():.0f} degC"
        raise InputError("reanalysis", f"{given} ({span})", "temperatures of this Earth", "the right attribute `units`")
    return gridded(values, times, field["latitude"].values, field["longitude"].values)


def require_whole(values: np.ndarray, times: np.ndarray, given: object) -> None:
    """Raise `InputError` if a value is missing, and say whether it is the sea's or which days are whole.

    Args:
        values: (time, latitude, longitude).
        times: (time,).
        given: what to call it in a message.
    """
    missing = ~np.isfinite(values)
    hours = missing.any(axis=(1, 2))
    if not hours.any():
        return
    if (missing == missing[0]).all():
        given = f"{given} (no value in {missing[0].mean():.0%} of the cells at any hour, as in ERA5-Land over the sea)"
        expected = "a value in every cell, for the network sees whole fields"
        raise InputError("reanalysis", given, expected, "ERA5 on single levels, for the same hours")
    days = np.unique(times.astype("datetime64[D]"))
    whole = np.setdiff1d(days, times[hours].astype("datetime64[D]"))
    given = (
        f"{given} (missing cells at {times[hours][0].astype('datetime64[s]')}, in {hours.sum()} hours of {hours.size})"
    )
    hint = f"fetching it again, or its whole days: {', '.join(_spans(whole)) or 'there are none'}"
    raise InputError("reanalysis", given, "a value in every cell", hint)


def _spans(days: np.ndarray) -> list[str]:
    """Return days that follow one another as first..last."""
    runs = np.split(days, np.flatnonzero(np.diff(days) > np.timedelta64(1, "D")) + 1)
    return [f"{run[0]}..{run[-1]}" for run in runs if run.size]


def read_netcdf(path: Path, region: Region | None = None) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, of a NetCDF file as the Climate Data Store ships it.

    Args:
        path: NetCDF 3 or 4 (the latter needs the extra `real`).
        region: to cut out; None takes all cells.

    Raises:
        InputError: missing, damaged, or not such a file.
    """
    with open_dataset(path) as dataset:
        return in_celsius(inside(temperature_field(dataset, path), region), path)


def open_dataset(path: Path) -> xr.Dataset:
    """Open a NetCDF file, unread, or raise `InputError`."""
    if not Path(path).is_file():
        raise InputError("NetCDF", str(path), "a file there", "`python -m sparseobs data check`")
    hint = "a fresh copy, or pip install 'sparseobs[real]'"
    if (kind := kind_of(path)) not in ("NetCDF", None):
        raise InputError("NetCDF", f"{path} ({kind}, by its first bytes)", "a NetCDF file", "unpacking or renaming it")
    try:
        return xr.open_dataset(path)
    except ValueError as error:
        with reading("NetCDF", path, "a whole NetCDF file", hint):
            dataset = xr.open_dataset(path, decode_times=False)
        with dataset:
            raise refusal(dataset, path) from error
    except Exception as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("NetCDF", given, "a whole NetCDF file", hint) from error
