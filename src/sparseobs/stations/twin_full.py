"""The twin at full size: a year and a half with all its seasons, run once and kept in a file."""

import dataclasses
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import replacing
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import OROGRAPHY, TemperatureData, gridded, network, on_orography
from sparseobs.stations.twin import NOTES, elevation_field
from sparseobs.stations.twin_settings import TwinSettings

# 531 days are 18 of the published cycles of 29.5 days: the fewest whose training blocks hold the 8000 hours that
# N_times = 10000 asks for. Yearly ranges are those of the German climate, rounded. The rest was chosen by hand as the
# shorter twin was, so that stations differ with distance about as much as real ones do, and so that a station's mean
# daily range has a season like that of DWD's station 44: winters are cloudy.
FULL = TwinSettings(
    start="2001-01-01",
    days=531,
    spacing=0.25 / 7,  # 4.0 km northward, 2.5 km eastward
    coarse=7,
    mean=10.5,
    trend=0.0,
    season=8.5,
    daily_amplitude=4.2,
    daily_season=0.5,
    cloud_winter=1.5,
    lapse_rate_season=0.6,
    winter_inversion=2.0,
    winter_stillness=0.4,
    sea_temperature=10.0,
    sea_season=6.5,
    n_stations=550,
    least_distance=4.0,
    move_rate=0.1,
)
COLUMNS = ("station", "name", "latitude", "longitude", "height", "value")


def save_twin(path: Path, data: TemperatureData) -> None:
    """Write a twin's reanalysis, stations and elevation to an `.npz` file."""
    parts = parts_of(data) | {f"ground_{name}": data.elevation[name].values for name in ("latitude", "longitude")}
    parts["elevation"] = data.elevation.values
    if "moved" in data.stations.coords:
        parts["moved"] = data.stations["moved"].values
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **parts)


def read_twin(path: Path) -> TemperatureData:
    """Return the twin that `save_twin` wrote; nothing in the file is executed.

    Raises:
        InputError: no such file, or not a whole one.
    """
    parts = read_parts(path)
    elevation = elevation_field(parts["elevation"], parts["ground_latitude"], parts["ground_longitude"])
    data = twin_of(parts, elevation)
    if "moved" not in parts:
        return data
    return dataclasses.replace(data, stations=data.stations.assign_coords(moved=("station", parts["moved"])))


def parts_of(data: TemperatureData) -> dict[str, np.ndarray]:
    """Return the arrays of a twin that `twin_of` puts together again."""
    parts = {name: data.stations[name].values for name in (*COLUMNS, "time", "temperature")}
    parts |= {f"grid_{name}": data.reanalysis[name].values for name in ("latitude", "longitude")}
    return parts | {"t2m": data.reanalysis.values, OROGRAPHY: data.reanalysis[OROGRAPHY].values}


def read_parts(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an `.npz` file, or raise `InputError`; nothing in the file is executed."""
    try:
        with Path(path).open("rb") as stream, np.load(stream) as file:
            return dict(file)
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise InputError(
            "twin", f"{path} ({error})", "a whole file of a twin", "making or installing it again"
        ) from error


def twin_of(parts: dict[str, np.ndarray], elevation: xr.DataArray) -> TemperatureData:
    """Return the twin that consists of these arrays and an elevation."""
    reanalysis = gridded(parts["t2m"], parts["time"], parts["grid_latitude"], parts["grid_longitude"])
    # Files of earlier versions have none; their cells then stand at the mean of their ground.
    reanalysis = on_orography(reanalysis, parts[OROGRAPHY]) if OROGRAPHY in parts else reanalysis
    return TemperatureData(
        source="twin",
        synthetic=True,
        region=REGIONS["germany"],
        reanalysis=reanalysis,
        stations=network(parts["temperature"], parts["time"], {name: parts[name] for name in COLUMNS}),
        elevation=elevation,
        inputs={},
        notes=NOTES,
    )
