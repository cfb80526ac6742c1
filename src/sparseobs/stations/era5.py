"""Gridded 2 m temperature in the shapes that ERA5 comes in, as one kind of array."""

from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import gridded

KELVIN = 273.15  # K at 0 degC
NAMES = ("t2m", "2m_temperature")
RENAMED = {"valid_time": "time", "lat": "latitude", "lon": "longitude"}
DIMENSIONS = ("time", "latitude", "longitude")
LEVELS = ("number", "surface", "height", "heightAboveGround")  # of which a file has one, or none
FORMATS = {".nc": "NetCDF", ".grib": "GRIB", ".grb": "GRIB", ".grib2": "GRIB", ".zarr": "Zarr"}


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
        raise InputError("reanalysis", f"{given} ({', '.join(dataset)})", expected, "another file")
    field = dataset[name]
    if "valid_time" in field.coords and field["valid_time"].dims == ("time",):
        # Of a forecast, `time` is when it was made.
        field = field.assign_coords(time=field["valid_time"].values).drop_vars("valid_time")
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
    if set(field.dims) != set(DIMENSIONS):
        expected = "dimensions time, latitude and longitude"
        raise InputError("reanalysis", f"{given} {field.dims}", expected, "a regular grid")
    return field.transpose(*DIMENSIONS)


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
        rows = np.flatnonzero((latitude >= region.south) & (latitude <= region.north))
        columns = np.flatnonzero((longitude >= region.west) & (longitude <= region.east))
    if not rows.size or not columns.size:
        given = f"{latitude.min():g}..{latitude.max():g} N, {longitude.min():g}..{longitude.max():g} E"
        raise InputError("reanalysis", given, f"cells inside {region}", "another file or region")
    rows, columns = rows[np.argsort(latitude[rows])], columns[np.argsort(longitude[columns])]
    field = field.isel(latitude=rows, longitude=columns)
    return field.assign_coords(longitude=longitude[columns])


def in_celsius(field: xr.DataArray, given: object) -> xr.DataArray:
    """Return `t2m` with CF attributes, degC, float32, read and checked.

    Args:
        field: (time, latitude, longitude) of `inside`, K or degC as its attribute `units` says.
        given: what to call it in a message.

    Raises:
        InputError: other units, hours that do not ascend, or a missing or impossible value.
    """
    units = field.attrs.get("units")
    if units not in ("K", "degC", "Celsius", "C"):
        raise InputError("reanalysis", f"{given} (units {units!r})", "K or degC", "setting the attribute `units`")
    times = field["time"].values
    if times.size == 0 or (np.diff(times) <= np.timedelta64(0)).any():
        raise InputError("reanalysis", f"{given} ({times.size} times)", "times that ascend, each once", "sorting it")
    values = field.values - (KELVIN if units == "K" else 0.0)
    if not np.isfinite(values).all():
        hour = times[~np.isfinite(values).all(axis=(1, 2))][0]
        raise InputError(
            "reanalysis", f"{given} (missing cells at {hour})", "a value in every cell", "fetching it again"
        )
    if values.min() < -100 or values.max() > 70:
        span = f"{values.min():.0f}..{values.max():.0f} degC"
        raise InputError("reanalysis", f"{given} ({span})", "temperatures of this Earth", "the right attribute `units`")
    return gridded(values, times, field["latitude"].values, field["longitude"].values)


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
    try:
        return xr.open_dataset(path)
    except (OSError, ValueError, TypeError, RuntimeError, LookupError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        hint = "pip install 'sparseobs[real]', or a fresh copy"
        raise InputError("NetCDF", given, "a whole NetCDF file", hint) from error
