"""The twin's station network: where its thermometers stand, have stood before, and what they read."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.interpolate import RegularGridInterpolator

from sparseobs.errors import InputError
from sparseobs.outlines import layer
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.random_fields import red_noise
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import CENTRE, Terrain, value_stations

YEAR = 365.25 * 24  # hours


def station_places(settings: TwinSettings, seed: int, terrain: Terrain) -> pd.DataFrame:
    """Return the network: the VALUE stations inside the region, then invented ones inside Germany.

    List on Sylt (55.01 N) lies outside the region and is left out: 52 VALUE stations remain.
    """
    table = value_stations().assign(value=True)
    table = table[REGIONS["germany"].contains(table["latitude"], table["longitude"])]
    generator = numpy_stream(seed, "network")
    points = _scatter(settings, generator, table[["latitude", "longitude"]].to_numpy())
    numbers = [f"{number:03d}" for number in range(1, len(points) + 1)]
    invented = {"ecad_id": [f"T{number}" for number in numbers], "name": [f"Twin {number}" for number in numbers]}
    invented |= {"latitude": points[:, 0], "longitude": points[:, 1]}
    invented |= {"height": _heights(settings, generator, terrain, points), "value": False}
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


def _heights(settings: TwinSettings, generator: np.random.Generator, terrain: Terrain, points) -> np.ndarray:
    """Return heights of stations at points (point, 2), m: the ground's, give or take what its grid leaves out."""
    ground = RegularGridInterpolator((terrain.latitude, terrain.longitude), terrain.elevation)(points)
    return np.maximum(ground + settings.height_scatter * generator.standard_normal(ground.shape), 1.0).round()


@dataclass(frozen=True)
class Moves:
    """Which stations move, at most once each.

    Attributes:
        hour: (station,), hours since the start of the run; infinite for a station that never moves.
        later: the network after all moves, rows as those of `station_places`.
    """

    hour: np.ndarray
    later: pd.DataFrame

    def after(self, n_hours: int) -> np.ndarray:
        """Return whether a station has moved, (hour, station)."""
        return np.arange(n_hours)[:, None] >= self.hour

    def listed(self, places: pd.DataFrame, n_hours: int) -> pd.DataFrame:
        """Return the network as a list of stations has it after `n_hours`: everything at its last place."""
        stays = self.hour >= n_hours
        names = ("latitude", "longitude", "height")
        return places.assign(**{name: np.where(stays, places[name], self.later[name]) for name in names})

    def times(self, times: np.ndarray) -> np.ndarray:
        """Return when stations moved (station,), NaT for one that does not within the run's `times` (hour,)."""
        within = np.ceil(self.hour) < len(times)
        found = np.full(self.hour.shape, np.datetime64("NaT"), dtype=times.dtype)
        found[within] = times[np.ceil(self.hour[within]).astype(int)]
        return found


def station_moves(settings: TwinSettings, seed: int, terrain: Terrain, places: pd.DataFrame) -> Moves:
    """Return when invented stations move and where to; VALUE stations stay at their true places."""
    generator, box = numpy_stream(seed, "moves"), REGIONS["germany"]
    waiting = generator.exponential(size=len(places)) * YEAR / settings.move_rate
    km = settings.move_distance * generator.standard_normal((len(places), 2))
    points = places[["latitude", "longitude"]].to_numpy() + km / (DEGREE * np.array([1, np.cos(np.radians(CENTRE))]))
    points = np.clip(points.round(4), (box.south, box.west), (box.north, box.east))
    heights = _heights(settings, generator, terrain, points)
    later = places.assign(latitude=points[:, 0], longitude=points[:, 1], height=heights)
    return Moves(np.where(places["value"], np.inf, waiting), later)


class Thermometers:
    """The truth at places and heights of stations.

    Args:
        settings: of the run.
        terrain: its ground.
        places: the network.
    """

    def __init__(self, settings: TwinSettings, terrain: Terrain, places: pd.DataFrame):
        points = places[["latitude", "longitude"]].to_numpy(float)
        origin = terrain.latitude[0], terrain.longitude[0]
        position = (points - origin) / settings.spacing
        corner = np.minimum(position.astype(int), np.array(terrain.elevation.shape) - 2)
        self._corner, self._share = corner.T, (position - corner).T
        above = places["height"].to_numpy(float) - self._sample(terrain.elevation)
        self._above = above * self._sample(terrain.land)  # m above the grid's ground

    def _sample(self, field: np.ndarray) -> np.ndarray:
        (row, column), (north, east) = self._corner, self._share
        south_edge = (1 - east) * field[row, column] + east * field[row, column + 1]
        north_edge = (1 - east) * field[row + 1, column] + east * field[row + 1, column + 1]
        return (1 - north) * south_edge + north * north_edge

    def read(self, hour) -> np.ndarray:
        """Return the true temperature at the stations, (station,), degC."""
        return self._sample(hour.temperature) - hour.lapse_rate * 1e-3 * self._above


def with_errors(settings: TwinSettings, seed: int, temperature: np.ndarray, after: np.ndarray | None) -> np.ndarray:
    """Return readings (hour, station), degC: with siting, turbulence, noise, and NaN in the gaps.

    Args:
        settings: of the errors.
        seed: of the errors.
        temperature: (hour, station), true at the thermometer, degC.
        after: (hour, station), where a station stands at a new site; None if none ever moves.
    """
    shape = temperature.shape
    site = settings.siting * numpy_stream(seed, "siting").standard_normal(shape[1])
    if after is not None:
        site = np.where(after, settings.siting * numpy_stream(seed, "later siting").standard_normal(shape[1]), site)
    turbulence = red_noise(numpy_stream(seed, "turbulence"), shape, settings.turbulence_memory)
    noise = numpy_stream(seed, "thermometer noise").standard_normal(shape)
    readings = temperature + site + settings.turbulence * turbulence + settings.obs_error_std * noise
    return np.where(_gaps(settings, seed, shape), np.nan, readings)


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
