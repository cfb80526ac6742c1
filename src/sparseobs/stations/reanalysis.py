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


def read_reanalysis(paths: Collection[Path], region: Region | None = None, name: str | None = None) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, from one or several files, ordered by time.

    Args:
        paths: NetCDF, GRIB or Zarr, each with some of the hours on one and the same grid.
        region: to cut out; None takes all cells.
        name: of the variable (default: `t2m` or `2m_temperature`).

    Raises:
        InputError: no file, one that cannot be read, different grids, or an hour twice.
    """
    if not paths:
        raise InputError("reanalysis", "no file", "one or more of " + ", ".join(FORMATS), "`python -m sparseobs data`")
    fields = sorted((_read(path, region, name) for path in paths), key=lambda field: field["time"].values[0])
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


def _read(path: Path, region: Region | None, name: str | None) -> xr.DataArray:
    kind = FORMATS.get(path.suffix.lower())
    if kind == "GRIB":
        # Its libraries take a second to load, which the other kinds need not wait for.
        from sparseobs.stations.grib import read_grib

        return read_grib(path, region, name)
    if kind == "NetCDF":
        return read_netcdf(path, region, name)
    if kind == "Zarr":
        return in_celsius(inside(open_store(path, name=name), region), path)
    raise InputError("reanalysis", str(path), "a name that ends in " + ", ".join(FORMATS), "renaming the file")
