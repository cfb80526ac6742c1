"""The offline twin of Germany: an invented truth, a reanalysis of it, and what thermometers read."""

from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE, plane_coordinates
from sparseobs.stations.random_fields import MovingField
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import TemperatureData, gridded, horizontal_coordinates, network, on_orography
from sparseobs.stations.twin_network import Thermometers, station_moves, station_places, with_errors
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import CENTRE, Terrain, build_terrain
from sparseobs.stations.twin_weather import Hour, hours_of, nature_run, season_of

NOTES = (
    "Synthetic: an offline twin of Germany with invented weather; real are only the coast (Natural Earth, "
    "public domain), rounded places of ranges and cities, and the places and heights of the VALUE stations."
)


# Yields every hour of what the twin's world is, from settings, seed and ground; `nature_run` is the temperature.
Run = Callable[[TwinSettings, int, Terrain], Iterator[Hour]]


def load_twin(settings: TwinSettings | None = None, *, seed: int = 0, run: Run = nature_run) -> TemperatureData:
    """Run the twin and return its reanalysis-like view and its stations.

    A shorter run of the same settings and seed is the beginning of a longer one. Where stations move
    (`move_rate`), they are listed at their last place, and `moved` (time, NaT if never) lies along `station`.

    Args:
        settings: sizes and physics (default `TwinSettings()`).
        seed: of weather, network and noise: the same seed gives the same numbers.
        run: what the world is; another variable in the temperature's place comes with its own.
    """
    settings = settings or TwinSettings()
    terrain = build_terrain(settings, seed)
    places = station_places(settings, seed, terrain)
    moves = station_moves(settings, seed, terrain, places) if settings.move_rate else None
    view, thermometers = _View(settings, seed, terrain), Thermometers(settings, terrain, places)
    moved = moves and Thermometers(settings, terrain, moves.later)
    cells, readings, later = [], [], []
    for hour in run(settings, seed, terrain):
        cells.append(view.see(hour))
        readings.append(thermometers.read(hour))
        if moves:
            later.append(moved.read(hour))
    times, readings, after = hours_of(settings), np.stack(readings), None
    if moves:
        after = moves.after(len(times))
        readings, places = np.where(after, np.stack(later), readings), moves.listed(places, len(times))
    places = places.rename(columns={"ecad_id": "station"})
    stations = network(with_errors(settings, seed, readings, after), times, places)
    if moves:
        stations = stations.assign_coords(moved=("station", moves.times(times)))
    return TemperatureData(
        source="twin",
        synthetic=True,
        region=REGIONS["germany"],
        reanalysis=on_orography(gridded(np.stack(cells), times, view.latitude, view.longitude), view.orography),
        stations=stations,
        elevation=elevation_field(terrain.elevation, terrain.latitude, terrain.longitude),
        inputs={},
        notes=NOTES,
    )


def elevation_field(heights: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> xr.DataArray:
    """Return heights of the ground (latitude, longitude), m, with CF attributes."""
    axes = horizontal_coordinates(latitude, longitude)
    attributes = {"standard_name": "surface_altitude", "long_name": "elevation of the twin", "units": "m"}
    return xr.DataArray(heights, axes, ("latitude", "longitude"), "elevation", attributes)


def truth(hours, settings: TwinSettings | None = None, *, seed: int = 0) -> xr.DataArray:
    """Return the nature run itself, `t2m` (time, latitude, longitude), degC, at some hours since its start.

    Raises:
        InputError: an hour beyond the run.
    """
    settings = settings or TwinSettings()
    wanted = np.unique(np.asarray(hours, dtype=int))
    if wanted.size == 0 or wanted[0] < 0 or wanted[-1] >= 24 * settings.days:
        raise InputError("hours", hours, f"hours from 0 to {24 * settings.days - 1}", "hours=[0]")
    terrain = build_terrain(settings, seed)
    kept = []
    for hour in nature_run(settings, seed, terrain):
        if hour.number in wanted:
            kept.append(hour.temperature)
        if hour.number == wanted[-1]:
            break
    return gridded(np.stack(kept), hours_of(settings)[wanted], terrain.latitude, terrain.longitude)


class _View:
    """A reanalysis: cell means of the truth over a smoothed ground, too even by day and night, with errors of its own.

    Attributes:
        orography: (latitude, longitude), m, the ground as smoothed as the air above it.
    """

    def __init__(self, settings: TwinSettings, seed: int, terrain: Terrain):
        self.latitude = terrain.latitude[:: settings.coarse]
        self.longitude = terrain.longitude[:: settings.coarse]
        cell = settings.coarse * settings.spacing
        scales = DEGREE, DEGREE * np.cos(np.radians(CENTRE))
        self._rows = _averaging(terrain.latitude, self.latitude, cell, settings.view_smoothing / scales[0])
        self._columns = _averaging(terrain.longitude, self.longitude, cell, settings.view_smoothing / scales[1])
        still = np.zeros((24 * settings.days, 2))
        plane = plane_coordinates(self.latitude, self.longitude, CENTRE)
        self._errors = [
            MovingField(numpy_stream(seed, name), weather, still, *plane)
            for name, weather in (("view bias", settings.view_bias), ("view error", settings.view_error))
        ]
        self._settings, self._suns = settings, season_of(settings)[2]
        self.orography = self._rows @ terrain.elevation @ self._columns.T

    def see(self, hour) -> np.ndarray:
        """Return one hour as the reanalysis has it, (latitude, longitude), degC."""
        settings = self._settings
        bias = settings.view_night_bias * (1 - settings.view_winter_bias * self._suns[hour.number])
        seen = hour.temperature + np.float32(bias) * hour.stillness
        seen = seen - settings.view_range_loss * hour.daily - settings.view_night_loss * hour.nocturnal
        return self._rows @ seen @ self._columns.T + sum(error[hour.number] for error in self._errors)


def _averaging(fine: np.ndarray, coarse: np.ndarray, cell: float, smoothing: float) -> np.ndarray:
    """Return weights (coarse, fine), rows summing to 1: a one-cell box blurred by a Gaussian (degrees)."""
    offsets = np.linspace(-cell / 2, cell / 2, 11)
    distance = fine - coarse[:, None]
    weights = sum(np.exp(-0.5 * ((distance - offset) / smoothing) ** 2) for offset in offsets)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
