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
from sparseobs.stations.era5 import in_celsius, inside, temperature_field
from sparseobs.stations.regions import Region

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
    # No index file beside the data (their folder may be read-only); a cut message raises and is not skipped.
    options = {"indexpath": "", "errors": "raise"}
    try:
        with xr.open_dataset(path, engine="cfgrib", backend_kwargs=options) as dataset:
            return in_celsius(inside(temperature_field(dataset, path), region), path)
    except (EOFError, KeyError, eccodes.CodesInternalError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("GRIB", given, EXPECTED, "fetching it again") from error


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
