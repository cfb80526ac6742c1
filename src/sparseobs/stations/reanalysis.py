"""A gridded temperature from whatever files it lies in."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.containers import ARCHIVES, kind_of, unpacked
from sparseobs.stations.era5 import EDGE, NoTemperature, in_celsius, inside, read_netcdf
from sparseobs.stations.era5_store import open_store
from sparseobs.stations.regions import Region

SUFFIXES = (".nc", ".nc4", ".grib", ".grib2", ".grb", ".grb2", ".zarr", ".zip")


def find_reanalysis(folder: Path) -> list[Path]:
    """Return the files (and Zarr folders) of a folder that may hold a gridded temperature, in order of their names.

    A file counts by its name or by its first bytes.
    """
    paths = [path for path in Path(folder).glob("*") if not path.name.startswith(".") and path.suffix != ".part"]
    return sorted(path for path in paths if path.suffix.lower() in SUFFIXES or (path.is_file() and _readable(path)))


def _readable(path: Path) -> bool:
    return kind_of(path) in ("NetCDF", "GRIB", *ARCHIVES)


def read_reanalysis(paths: Collection[Path], region: Region | None = None) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, from one or several files, ordered by time.

    Its attribute `left_out` names what could not be read of an archive, if anything.

    Args:
        paths: NetCDF, GRIB, Zarr or archives of them, each with some of the hours on one and the same grid, to
            rounding. Their first bytes tell what they are.
        region: to cut out; None takes all cells.

    Raises:
        InputError: no file, one that cannot be read, different grids, or an hour twice.
    """
    if not paths:
        raise InputError("reanalysis", "no file", "one or more of " + ", ".join(SUFFIXES), "`python -m sparseobs data`")
    fields = [field for path in paths for field in _read(path, region)]
    fields = _on_one_grid(sorted(fields, key=lambda field: field["time"].values[0]))
    try:
        field = xr.concat(fields, "time", join="exact", combine_attrs="override")
    except ValueError as error:
        given = ", ".join(f"{path.name}" for path in paths)
        raise InputError("reanalysis", given, "files on one grid", "one folder a grid") from error
    steps = np.diff(field["time"].values)
    if (steps <= np.timedelta64(0)).any():
        hour = field["time"].values[1:][steps <= np.timedelta64(0)][0]
        raise InputError("reanalysis", f"{hour} in two files", "each hour once", "removing one of the files")
    left_out = dict.fromkeys(part.attrs["left_out"] for part in fields if "left_out" in part.attrs)
    return field.assign_attrs({"left_out": " ".join(left_out)} if left_out else {})


def _on_one_grid(fields: list[xr.DataArray]) -> list[xr.DataArray]:
    """Return the fields, those whose cells are the first's to rounding at exactly these."""
    for name in ("latitude", "longitude"):
        cells = fields[0][name]
        slack = EDGE * np.diff(cells).min() if cells.size > 1 else 0.0
        for index, field in enumerate(fields):
            if field.sizes[name] == cells.size and np.abs(field[name].values - cells.values).max() < slack:
                fields[index] = field.assign_coords({name: cells})
    return fields


def _read(path: Path, region: Region | None) -> list[xr.DataArray]:
    """Return the fields of a file: one, or those of an archive."""
    if not path.exists():
        raise InputError("reanalysis", str(path), "a file there", "`python -m sparseobs data check`")
    kind = kind_of(path)
    if kind in ARCHIVES:
        return _read_archive(path, region)
    if kind == "Zarr":
        return [in_celsius(inside(open_store(path), region), path)]
    if kind == "GRIB" or (kind is None and path.suffix.lower().startswith(".gr")):
        # Its libraries take a second to load, which the other kinds need not wait for.
        from sparseobs.stations.grib import read_grib

        return [read_grib(path, region)]
    return [read_netcdf(path, region)]


def _read_archive(path: Path, region: Region | None) -> list[xr.DataArray]:
    """Return the fields of an archive's files, of which those of other variables are passed over.

    The Climate Data Store sends a zip, whatever its name, where a request mixes kinds of variables. A file that cannot
    be read is named in the attribute `left_out` of the fields beside it.
    """
    fields, passed = [], {}
    with unpacked(path) as files:
        for file in files:
            try:
                fields += _read(file, region) if _readable(file) else []
            except InputError as error:
                passed[file.name] = error
        damaged = [name for name, error in passed.items() if not isinstance(error, NoTemperature)]
        if not fields:
            given = f"{path} (an archive of {', '.join(file.name for file in files)})"
            reason = f": {passed[damaged[0]]}" if damaged else ""
            expected = f"one or more whole files of 2 m temperature in it{reason}"
            raise NoTemperature("reanalysis", given, expected, "unpacking it and looking")
    left_out = f"Not read in {path.name}: {', '.join(damaged)}." if damaged else ""
    return [field.assign_attrs({"left_out": left_out} if damaged else {}) for field in fields]


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
