"""A gridded temperature from whatever files it lies in."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.era5 import FORMATS, in_celsius, inside, read_netcdf
from sparseobs.stations.era5_store import open_store
from sparseobs.stations.regions import Region


def find_reanalysis(folder: Path) -> list[Path]:
    """Return the files (and Zarr folders) of a folder that may hold a gridded temperature, in order of their names."""
    return sorted(path for path in Path(folder).glob("*") if path.suffix.lower() in FORMATS)


def read_reanalysis(paths: Collection[Path], region: Region | None = None) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, from one or several files, ordered by time.

    Args:
        paths: NetCDF, GRIB or Zarr, each with some of the hours on one and the same grid.
        region: to cut out; None takes all cells.

    Raises:
        InputError: no file, one that cannot be read, different grids, or an hour twice.
    """
    if not paths:
        raise InputError("reanalysis", "no file", "one or more of " + ", ".join(FORMATS), "`python -m sparseobs data`")
    fields = sorted((_read(path, region) for path in paths), key=lambda field: field["time"].values[0])
    try:
        field = xr.concat(fields, "time", join="exact", combine_attrs="override")
    except ValueError as error:
        given = ", ".join(f"{path.name}" for path in paths)
        raise InputError("reanalysis", given, "files on one grid", "one folder a grid") from error
    steps = np.diff(field["time"].values)
    if (steps <= np.timedelta64(0)).any():
        hour = field["time"].values[1:][steps <= np.timedelta64(0)][0]
        raise InputError("reanalysis", f"{hour} in two files", "each hour once", "removing one of the files")
    return field


def _read(path: Path, region: Region | None) -> xr.DataArray:
    kind = FORMATS.get(path.suffix.lower())
    if kind == "GRIB":
        # Its libraries take a second to load, which the other kinds need not wait for.
        from sparseobs.stations.grib import read_grib

        return read_grib(path, region)
    if kind == "NetCDF":
        return read_netcdf(path, region)
    if kind == "Zarr":
        return in_celsius(inside(open_store(path), region), path)
    raise InputError("reanalysis", str(path), "a name that ends in " + ", ".join(FORMATS), "renaming the file")


def daily_means(field: xr.DataArray) -> xr.DataArray:
    """Return the field with the mean of its UTC day in place of each hour.

    It keeps its hours, so that a network sees as many fields with all hours of the day, and can learn from them that
    the hour says nothing.

    Args:
        field: hourly, dimension `time` first, of whole days.

    Raises:
        InputError: other steps than an hour, or a day that is not whole.
    """
    times = np.asarray(field["time"].values, dtype="datetime64[ns]")
    whole = field.dims[0] == "time" and times.size and times.size % 24 == 0 and times[0] == times[0].astype("M8[D]")
    if not whole or (np.diff(times) != np.timedelta64(1, "h")).any():
        given = f"{times.size} times" + (f" from {times[0]} to {times[-1]}" if times.size else "")
        raise InputError("field", given, "every hour of whole days (UTC), time first", "cutting it at midnight")
    means = field.values.reshape(-1, 24, *field.shape[1:]).mean(axis=1)
    return field.copy(data=np.repeat(means, 24, axis=0)).assign_attrs(cell_methods="time: mean (interval: 1 day)")
