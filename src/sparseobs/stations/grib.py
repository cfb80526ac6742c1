"""Gridded temperature in GRIB, as the Copernicus Climate Data Store ships ERA5."""

# The wheels of eccodes and of pyproj each bring a PROJ library. The process aborts on loading pyproj (which every
# map needs) after eccodes, and runs well the other way round.
import pyproj  # noqa: F401

# isort: split
from pathlib import Path

import eccodes
import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.containers import reading
from sparseobs.stations.era5 import NoTemperature, in_celsius, inside, temperature_field
from sparseobs.stations.regions import Region

T2M = 167  # its number in ECMWF's table, of whichever centre the file is
EXPECTED = "a whole GRIB file of 2 m temperature"


def read_grib(path: Path, region: Region | None = None) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, of a GRIB file.

    Args:
        path: of the file.
        region: to cut out; None takes all cells.

    Raises:
        InputError: the file is missing, truncated, not GRIB, without the variable, or with missing cells.
    """
    if not Path(path).is_file():
        raise InputError("GRIB", str(path), EXPECTED, "`python -m sparseobs data fetch uk_ireland`")
    # No index file beside the data (their folder may be read-only); a cut message raises and is not skipped; of
    # several variables the temperature's messages alone are opened.
    options = {"indexpath": "", "errors": "raise", "filter_by_keys": {"paramId": T2M}}
    with reading("GRIB", path, EXPECTED, "fetching it again"):
        names = variables(path)
        if T2M not in names:
            found = ", ".join(names.values()) or "no message"
            raise NoTemperature("GRIB", f"{path} ({found})", f"{EXPECTED}, a message t2m or 2t", "another file")
        with xr.open_dataset(path, engine="cfgrib", backend_kwargs=options) as dataset:
            return in_celsius(inside(temperature_field(dataset, path), region), path)


def variables(path: Path) -> dict[int, str]:
    """Return the short names of the variables in a GRIB file by their number.

    Raises:
        EOFError: a message is cut.
        eccodes.CodesInternalError: a message is damaged.
    """
    names = {}
    with Path(path).open("rb") as file:
        while (message := eccodes.codes_grib_new_from_file(file, headers_only=True)) is not None:
            number = eccodes.codes_get(message, "paramId")
            names[number] = eccodes.codes_get(message, "shortName")
            eccodes.codes_release(message)
    return names


def read_era5(path: Path) -> xr.DataArray:
    """Return `t2m` of an ERA5 GRIB file as `read_grib`, of whole days: a gap would show a file that was cut.

    Raises:
        InputError: as `read_grib`, or some hour is missing.
    """
    field = read_grib(path)
    steps = np.diff(field["time"].values)
    if field.sizes["time"] % 24 or (steps != np.timedelta64(1, "h")).any():
        given = f"{path} ({field.sizes['time']} times)"
        raise InputError("GRIB", given, f"{EXPECTED}, hourly and of whole days", "fetching it again")
    return field
