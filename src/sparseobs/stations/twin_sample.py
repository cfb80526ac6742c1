"""A few hours of the twin at full size, from all its seasons, small enough to come with the package."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from sparseobs.errors import InputError
from sparseobs.files import PACKAGE, replacing
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.splits import PAPER_CYCLE, cycle_numbers, split_hours
from sparseobs.stations.temperature import TemperatureData, gridded, network
from sparseobs.stations.twin import NOTES, elevation_of
from sparseobs.stations.twin_full import COLUMNS, FULL
from sparseobs.stations.twin_terrain import build_terrain

FILE = PACKAGE / "stations" / "data" / "twin_sample.npz"
RESOLUTION = 0.01  # K to which temperatures are rounded
MISSING = np.iinfo(np.int16).min
HOURS_A_BLOCK = 3  # of each test block, 20 hours apart, so that together they go round the clock
SEED = 0


def sample_hours(times) -> np.ndarray:
    """Return the positions of the sample's hours: `HOURS_A_BLOCK` of every test block of the published cycle."""
    test = split_hours(times, PAPER_CYCLE).test
    cycles = cycle_numbers(times)[test]
    return np.concatenate([test[cycles == cycle][10::20][:HOURS_A_BLOCK] for cycle in np.unique(cycles)])


def save_sample(data: TemperatureData, path: Path = FILE) -> None:
    """Write the sample of a twin at full size.

    Args:
        data: of `FULL`, seed 0.
        path: of the file.
    """
    hours = sample_hours(data.stations["time"].values)
    stations, field = data.stations.isel(time=hours), data.reanalysis.isel(time=hours)
    parts = {name: stations[name].values for name in (*COLUMNS, "time")}
    parts |= {f"grid_{name}": field[name].values for name in ("latitude", "longitude")}
    for name, values in (("temperature", stations["temperature"].values), ("t2m", field.values)):
        parts[name] = np.where(np.isfinite(values), np.round(values / RESOLUTION), MISSING).astype(np.int16)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **parts)


def load_sample(path: Path = FILE) -> TemperatureData:
    """Return the hours of `sample_hours` of the twin at full size, seed 0: hours on which nothing is ever trained.

    Raises:
        InputError: no such file, or not a whole one.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream) as file:
            parts = dict(file)
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        given = f"{path} ({error})"
        raise InputError("twin sample", given, "the file of the package", "installing it again") from error
    temperature, field = (
        np.where(parts[name] == MISSING, np.nan, parts[name] * RESOLUTION) for name in ("temperature", "t2m")
    )
    return TemperatureData(
        source="twin",
        synthetic=True,
        region=REGIONS["germany"],
        reanalysis=gridded(field, parts["time"], parts["grid_latitude"], parts["grid_longitude"]),
        stations=network(temperature, parts["time"], {name: parts[name] for name in COLUMNS}),
        elevation=elevation_of(build_terrain(FULL, SEED)),
        inputs={},
        notes=NOTES,
    )
