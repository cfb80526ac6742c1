"""The twin's ground: real ranges and valleys as simple shapes, the real coast, invented roughness."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import RegularGridInterpolator
from scipy.ndimage import gaussian_filter

from sparseobs.files import PACKAGE
from sparseobs.outlines import land_fraction
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE, plane_coordinates
from sparseobs.stations.random_fields import MovingField
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.twin_settings import CITIES, PLAIN, RIDGES, VALLEYS, TwinSettings, Weather

CENTRE = 51.0  # degrees north: where the plane is true to scale east-west
# Standard deviations and lengths, km. The first falls with the second as on real, fractal ground (Hurst exponent 0.6).
ROUGHNESS = ((0.78, 22.0), (0.52, 11.0), (0.34, 5.5), (0.2, 2.8))
SOIL = ((0.84, 18.0), (0.5, 8.0), (0.2, 3.5))


@dataclass(frozen=True)
class Terrain:
    """What does not change; every field is (latitude, longitude), float32.

    Attributes:
        latitude: (row,), degrees.
        longitude: (column,), degrees.
        elevation: m above the sea, 0 at sea.
        land: share of land air, 0 to 1, passing gradually from sea to land.
        valley: 0 on plains and slopes to 1 in a deep valley.
        summit: 0 on plains to 1 on a summit.
        hollow: -1 on a crest of the finest terrain to 1 in a hollow, 0 where it is flat.
        rise: 0 on plains to 1 well above them.
        soil: kinds of soil, mean 0, standard deviation 1.
        city: 0 to 1 in the middle of the largest city.
    """

    latitude: np.ndarray
    longitude: np.ndarray
    elevation: np.ndarray
    land: np.ndarray
    valley: np.ndarray
    summit: np.ndarray
    hollow: np.ndarray
    rise: np.ndarray
    soil: np.ndarray
    city: np.ndarray

    @property
    def plane(self) -> tuple[np.ndarray, np.ndarray]:
        """Return km north (row,) and km east (column,)."""
        return plane_coordinates(self.latitude, self.longitude, CENTRE)


def grid_axes(settings: TwinSettings) -> tuple[np.ndarray, np.ndarray]:
    """Return the nature run's latitudes and longitudes, degrees, ascending."""
    region = REGIONS["germany"]
    edges = (region.south, region.north), (region.west, region.east)
    return tuple(low + settings.spacing * np.arange(round((high - low) / settings.spacing) + 1) for low, high in edges)


def build_terrain(settings: TwinSettings, seed: int) -> Terrain:
    """Return the ground on the nature run's grid; the seed bends the ranges and draws their roughness."""
    latitude, longitude = grid_axes(settings)
    fraction = land_fraction(latitude, longitude)
    elevation = fraction * np.maximum(_relief(latitude, longitude, seed), 0.0)
    above = elevation - _smooth(elevation, settings.surroundings, settings)
    near, around = (_smooth(elevation, length, settings) for length in settings.hollow)
    relative = above / settings.cold_pool_depth
    fields = {
        "elevation": elevation,
        "land": _smooth(fraction, settings.coast_width, settings),
        "valley": np.clip(-relative, 0, 1),
        "summit": np.clip(0.5 * relative, 0, 1),
        "hollow": np.tanh((around - near) / settings.hollow_depth),
        "rise": 1 - np.exp(-np.maximum(above, 0) / settings.slope_height),
        "soil": _fields(numpy_stream(seed, "soil"), SOIL, latitude, longitude),
        "city": _cities(latitude, longitude) * fraction,
    }
    return Terrain(latitude, longitude, **{name: field.astype(np.float32) for name, field in fields.items()})


def value_stations() -> pd.DataFrame:
    """Return the VALUE project's 53 German stations: `ecad_id`, `name`, degrees and `height` (m)."""
    return pd.read_csv(PACKAGE / "stations" / "data" / "value_stations.csv", dtype={"ecad_id": str})


def _smooth(field: np.ndarray, length: float, settings: TwinSettings) -> np.ndarray:
    """Return the field averaged with a Gaussian kernel of `length` km."""
    rows = length / (settings.spacing * DEGREE)
    return gaussian_filter(field, (rows, rows / np.cos(np.radians(CENTRE))), mode="nearest")


def _relief(latitude: np.ndarray, longitude: np.ndarray, seed: int) -> np.ndarray:
    """Return the ground, m, as if all were land: ranges, roughness, and the VALUE stations' true heights."""
    generator = numpy_stream(seed, "terrain")
    plane = plane_coordinates(latitude, longitude, CENTRE)
    still = np.zeros((1, 2))
    north, east = np.meshgrid(*plane, indexing="ij")
    bend = Weather(std=6.0, length=20.0, memory=1.0)  # km by which crests and valleys leave their straight lines
    bent = [axis + MovingField(generator, bend, still, *plane)[0] for axis in (north, east)]
    smooth = _ranges(np.interp(latitude, *PLAIN)[:, None], *bent)
    roughness = _fields(generator, ROUGHNESS, latitude, longitude)
    relief = smooth + (8 + 0.2 * np.maximum(smooth - 50, 0)) * roughness
    return relief + _anchor(latitude, longitude, relief)


def _fields(generator: np.random.Generator, sizes, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Return the sum of random fields of these (standard deviation, length in km)."""
    plane, still = plane_coordinates(latitude, longitude, CENTRE), np.zeros((1, 2))
    return sum(MovingField(generator, Weather(std, length, 1.0), still, *plane)[0] for std, length in sizes)


def _ranges(plain: np.ndarray, north: np.ndarray, east: np.ndarray) -> np.ndarray:
    """Return plains, ranges and broad valleys, m, at points (row, column) of the plane, km."""
    heights = [_along(north, east, *ridge) for ridge in RIDGES.values()]
    depths = [_along(north, east, *valley) for valley in VALLEYS.values()]
    # A power mean lets ranges that cross rise to the higher one, not to the sum.
    ranges = np.sum(np.power(heights, 3), axis=0) ** (1 / 3)
    return np.maximum(plain - np.max(depths, axis=0), 5.0) + ranges


def _along(north: np.ndarray, east: np.ndarray, height: float, width: float, line) -> np.ndarray:
    """Return a ridge of Gaussian cross-section along a line of (latitude, longitude) points."""
    points = np.column_stack(plane_coordinates(*np.transpose(line), CENTRE))
    nearest = np.full(north.shape, np.inf)
    for start, end in zip(points[:-1], points[1:], strict=True):
        along = end - start
        share = np.clip(((north - start[0]) * along[0] + (east - start[1]) * along[1]) / (along @ along), 0, 1)
        distance = (north - start[0] - share * along[0]) ** 2 + (east - start[1] - share * along[1]) ** 2
        nearest = np.minimum(nearest, distance)
    return height * np.exp(-nearest / width**2)


def _anchor(latitude: np.ndarray, longitude: np.ndarray, relief: np.ndarray) -> np.ndarray:
    """Return what makes the ground meet the VALUE stations' heights, fading out over about 8 km."""
    table = value_stations()
    points = table[["latitude", "longitude"]].to_numpy()
    axes = RegularGridInterpolator((latitude, longitude), relief, bounds_error=False, fill_value=None)
    misfit = table["height"].to_numpy() - axes(points)
    north, east = plane_coordinates(latitude, longitude, CENTRE)
    rows, columns = plane_coordinates(*points.T, CENTRE)
    weights = np.exp(-(((north - rows[:, None]) / 8) ** 2))[:, :, None]
    weights = weights * np.exp(-(((east - columns[:, None]) / 8) ** 2))[:, None, :]
    return np.tensordot(misfit, weights, 1) / np.maximum(weights.sum(axis=0), 1.0)


def _cities(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    north, east = plane_coordinates(latitude, longitude, CENTRE)
    total = np.zeros((north.size, east.size))
    for lat, lon, radius, size in CITIES.values():
        row, column = plane_coordinates(lat, lon, CENTRE)
        total += size * np.exp(-((north[:, None] - row) ** 2 + (east - column) ** 2) / radius**2)
    return total
