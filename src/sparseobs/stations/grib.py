"""ERA5 as the Copernicus Climate Data Store ships it: GRIB."""

# The wheels of eccodes and of pyproj each bring a PROJ library. The process aborts on loading pyproj (which every
# map needs) after eccodes, and runs well the other way round.
import pyproj  # noqa: F401

# isort: split
from pathlib import Path

import eccodes
import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.temperature import gridded

KELVIN = 273.15  # K at 0 degC


def read_era5(path: Path) -> xr.DataArray:
    """Return `t2m` (time, latitude, longitude), degC, of an ERA5 GRIB file.

    Raises:
        InputError: the file is missing, truncated, not GRIB, without `t2m`, or without some hour or cell.
    """
    expected = "a whole GRIB file of hourly 2 m temperature"
    if not Path(path).is_file():
        raise InputError("GRIB", str(path), expected, "`sparseobs.stations.downloads.fetch('uk_ireland')`")
    # No index file beside the data (their folder may be read-only); a cut message raises and is not skipped.
    options = {"indexpath": "", "errors": "raise"}
    try:
        with xr.open_dataset(path, engine="cfgrib", backend_kwargs=options) as dataset:
            field = dataset["t2m"].sortby(["latitude", "longitude"]).load()
    except (EOFError, KeyError, eccodes.CodesInternalError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("GRIB", given, expected, "fetching it again") from error
    _require_hourly(path, field, expected)
    return gridded(field - KELVIN, field["time"].values, field["latitude"].values, field["longitude"].values)


def _require_hourly(path: Path, field: xr.DataArray, expected: str) -> None:
    """Refuse a field with a gap in time or space, which a file cut between two messages would show."""
    steps = np.diff(field["time"].values)
    whole_days = field.sizes["time"] % 24 == 0
    if field.attrs.get("units") != "K" or not whole_days or (steps != np.timedelta64(1, "h")).any():
        found = f"{field.sizes['time']} times in {field.attrs.get('units')}"
        raise InputError("GRIB", f"{path} ({found})", f"{expected} in K, whole days", "fetching it again")
    if not np.isfinite(field).all():
        raise InputError("GRIB", f"{path} (missing cells)", expected, "fetching it again")
