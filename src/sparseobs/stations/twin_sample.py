"""A few hours of the twin at full size, from all its seasons, small enough to come with the package."""

import dataclasses
from pathlib import Path

import numpy as np

from sparseobs.files import PACKAGE, replacing
from sparseobs.stations.splits import PAPER_CYCLE, cycle_numbers, split_hours
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin import elevation_field
from sparseobs.stations.twin_full import FULL, parts_of, read_parts, twin_of
from sparseobs.stations.twin_terrain import build_terrain

FILE = PACKAGE / "stations" / "data" / "twin_sample.npz"
ROUNDED = ("temperature", "t2m")
RESOLUTION = 0.01  # K to which these are rounded
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
    sample = dataclasses.replace(
        data, stations=data.stations.isel(time=hours), reanalysis=data.reanalysis.isel(time=hours)
    )
    parts = parts_of(sample)
    for name in ROUNDED:
        whole = np.round(parts[name] / RESOLUTION)
        parts[name] = np.where(np.isfinite(whole), whole, MISSING).astype(np.int16)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **parts)


def load_sample(path: Path = FILE) -> TemperatureData:
    """Return the hours of `sample_hours` of the twin at full size, seed 0: hours on which nothing is ever trained.

    Args:
        path: the file; the one that comes with the package by default.

    Raises:
        InputError: no such file, or not a whole one.
    """
    parts, terrain = read_parts(path), build_terrain(FULL, SEED)
    for name in ROUNDED:
        parts[name] = np.where(parts[name] == MISSING, np.nan, parts[name] * RESOLUTION)
    return twin_of(parts, elevation_field(terrain.elevation, terrain.latitude, terrain.longitude))
