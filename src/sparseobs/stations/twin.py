"""The offline twin of Germany: an invented truth, a reanalysis of it, and what thermometers read."""

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.interpolate import RegularGridInterpolator

from sparseobs.errors import InputError
from sparseobs.outlines import layer
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE, plane_coordinates
from sparseobs.stations.random_fields import MovingField, red_noise
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import TemperatureData, gridded, horizontal_coordinates, network
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import CENTRE, Terrain, build_terrain, value_stations
from sparseobs.stations.twin_weather import hours_of, nature_run

NOTES = (
    "Synthetic: an offline twin of Germany with invented weather; real are only the coast (Natural Earth, "
    "public domain), rounded places of ranges and cities, and the places and heights of the VALUE stations."
)


def load_twin(settings: TwinSettings | None = None, *, seed: int = 0) -> TemperatureData:
    """Run the twin and return its reanalysis-like view and its stations.

    Args:
        settings: sizes and physics (default `TwinSettings()`).
        seed: of weather, network and noise: the same seed gives the same numbers.
    """
    settings = settings or TwinSettings()
    terrain = build_terrain(settings, seed)
    places = station_places(settings, seed, terrain)
    view = _View(settings, seed, terrain)
    probe = _Probe(settings, seed, terrain, places)
    cells, readings = [], []
    for hour in nature_run(settings, seed, terrain):
        cells.append(view.see(hour))
        readings.append(probe.read(hour))
    times = hours_of(settings)
    axes = horizontal_coordinates(terrain.latitude, terrain.longitude)
    attributes = {"standard_name": "surface_altitude", "long_name": "elevation of the twin", "units": "m"}
    return TemperatureData(
        source="twin",
        synthetic=True,
        region=REGIONS["germany"],
        reanalysis=gridded(np.stack(cells), times, view.latitude, view.longitude),
        stations=network(probe.with_errors(np.stack(readings)), times, _columns(places)),
        elevation=xr.DataArray(terrain.elevation, axes, ("latitude", "longitude"), "elevation", attributes),
        inputs={},
        notes=NOTES,
    )


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
    kept = [hour.temperature for hour in nature_run(settings, seed, terrain) if hour.number in set(wanted.tolist())]
    return gridded(np.stack(kept), hours_of(settings)[wanted], terrain.latitude, terrain.longitude)


class _View:
    """A reanalysis: cell means of the truth, smoothed, with a slow bias and analysis errors of its own."""

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
        self._night_bias = settings.view_night_bias

    def see(self, hour) -> np.ndarray:
        """Return one hour as the reanalysis has it, (latitude, longitude), degC."""
        seen = hour.temperature + self._night_bias * hour.stillness
        return self._rows @ seen @ self._columns.T + sum(error[hour.number] for error in self._errors)


def _averaging(fine: np.ndarray, coarse: np.ndarray, cell: float, smoothing: float) -> np.ndarray:
    """Return weights (coarse, fine), rows summing to 1: a one-cell box blurred by a Gaussian (degrees)."""
    offsets = np.linspace(-cell / 2, cell / 2, 11)
    distance = fine - coarse[:, None]
    weights = sum(np.exp(-0.5 * ((distance - offset) / smoothing) ** 2) for offset in offsets)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def station_places(settings: TwinSettings, seed: int, terrain: Terrain) -> pd.DataFrame:
    """Return the network: the VALUE stations inside the region, then invented ones inside Germany.

    List on Sylt (55.01 N) lies outside the region and is left out: 52 VALUE stations remain.
    """
    table = value_stations().assign(value=True)
    table = table[REGIONS["germany"].contains(table["latitude"], table["longitude"])]
    generator = numpy_stream(seed, "network")
    points = _scatter(settings, generator, table[["latitude", "longitude"]].to_numpy())
    ground = RegularGridInterpolator((terrain.latitude, terrain.longitude), terrain.elevation)(points)
    height = np.maximum(ground + settings.height_scatter * generator.standard_normal(ground.shape), 1.0).round()
    numbers = [f"{number:03d}" for number in range(1, len(points) + 1)]
    invented = {"ecad_id": [f"T{number}" for number in numbers], "name": [f"Twin {number}" for number in numbers]}
    invented |= {"latitude": points[:, 0], "longitude": points[:, 1], "height": height, "value": False}
    return pd.concat([table, pd.DataFrame(invented)], ignore_index=True) if numbers else table


def _scatter(settings: TwinSettings, generator: np.random.Generator, taken: np.ndarray) -> np.ndarray:
    """Return random places in Germany (point, 2), degrees, apart from each other and from those taken."""
    box, germany, n_taken = REGIONS["germany"], layer("germany"), len(taken)
    points = [tuple(point) for point in taken]
    for _ in range(100 * settings.n_stations):
        north, east = generator.uniform((box.south, box.west), (box.north, box.east)).round(4)
        far = DEGREE * (np.array(points) - (north, east)) * (1, np.cos(np.radians(north)))
        if np.hypot(*far.T).min() >= settings.least_distance and shapely.contains_xy(germany, east, north):
            points.append((north, east))
        if len(points) == n_taken + settings.n_stations:
            break
    if len(points) < n_taken + settings.n_stations:
        raise InputError("n_stations", settings.n_stations, "a network that fits", "a smaller least_distance")
    return np.array(points[n_taken:]).reshape(-1, 2)


def _columns(places: pd.DataFrame) -> dict:
    columns = {name: places[name].to_numpy(float) for name in ("latitude", "longitude", "height")}
    texts = {"station": places["ecad_id"].to_numpy(str), "name": places["name"].to_numpy(str)}
    return {**texts, **columns, "value": places["value"].to_numpy(bool)}


class _Probe:
    """The thermometers: the truth at their place and height, the site's own character, noise and gaps."""

    def __init__(self, settings: TwinSettings, seed: int, terrain: Terrain, places: pd.DataFrame):
        self._settings, self._seed = settings, seed
        points = places[["latitude", "longitude"]].to_numpy()
        spacing = settings.spacing
        origin = terrain.latitude[0], terrain.longitude[0]
        position = (points - origin) / spacing
        corner = np.minimum(position.astype(int), np.array(terrain.elevation.shape) - 2)
        self._corner, self._share = corner.T, (position - corner).T
        above = places["height"].to_numpy() - self._sample(terrain.elevation)
        self._above = above * self._sample(terrain.land)  # m above the grid's ground

    def _sample(self, field: np.ndarray) -> np.ndarray:
        (row, column), (north, east) = self._corner, self._share
        south_edge = (1 - east) * field[row, column] + east * field[row, column + 1]
        north_edge = (1 - east) * field[row + 1, column] + east * field[row + 1, column + 1]
        return (1 - north) * south_edge + north * north_edge

    def read(self, hour) -> np.ndarray:
        """Return the true temperature at the stations, (station,), degC."""
        return self._sample(hour.temperature) - hour.lapse_rate * 1e-3 * self._above

    def with_errors(self, temperature: np.ndarray) -> np.ndarray:
        """Return readings (hour, station), degC: with siting, turbulence, noise, and NaN in the gaps."""
        settings, shape = self._settings, temperature.shape
        site = settings.siting * numpy_stream(self._seed, "siting").standard_normal(shape[1])
        turbulence = red_noise(numpy_stream(self._seed, "turbulence"), shape, settings.turbulence_memory)
        noise = numpy_stream(self._seed, "thermometer noise").standard_normal(shape)
        readings = temperature + site + settings.turbulence * turbulence + settings.obs_error_std * noise
        return np.where(_gaps(settings, self._seed, shape), np.nan, readings)


def _gaps(settings: TwinSettings, seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Return where readings are missing, (hour, station): spells of geometrically distributed length."""
    generator = numpy_stream(seed, "gaps")
    begin = settings.missing_share / (1 - settings.missing_share) / settings.missing_spell
    draws = generator.random(shape)
    missing = np.zeros(shape, dtype=bool)
    missing[0] = draws[0] < settings.missing_share
    for hour in range(1, shape[0]):
        missing[hour] = np.where(missing[hour - 1], draws[hour] >= 1 / settings.missing_spell, draws[hour] < begin)
    return missing
