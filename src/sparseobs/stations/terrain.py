"""What the ground around a place is like: how far from the sea, above or below its surroundings, flat or hilly."""

from functools import lru_cache

import numpy as np
import shapely
import xarray as xr
from scipy.spatial import cKDTree

from sparseobs.errors import InputError
from sparseobs.outlines import WINDOW, coastline, layer
from sparseobs.stations.geography import DEGREE, EARTH_RADIUS, FEATURES, Points, in_space

AROUND = 12.0  # km: the ground within it is a place's surroundings
COAST = 20.0  # km, beyond which another kilometre from the sea matters ever less
METRES = 1000.0  # in a km
COAST_STEP = 0.005  # degrees from one point of the coastline to the next: half a km


def terrain_features(points: Points, elevation: xr.DataArray) -> dict[str, np.ndarray]:
    """Return `FEATURES` of places, each (point,) and of order one, as further coordinates of a covariance.

    `coast` is log(1 + distance to the sea / 20 km); `above` the height of the point above the mean elevation within
    12 km, km; `relief` the standard deviation of that elevation, km. Cells without elevation count as sea, at 0 m.

    Args:
        points: the places, with heights in m.
        elevation: (latitude, longitude), m.

    Raises:
        InputError: a point without a cell of the grid within 12 km, or no sea to be distant from (`sea_distance`).
    """
    around = _heights_around(points, elevation)
    without = np.flatnonzero([not near.size for near in around])
    if without.size:
        first = f"{points.latitude[without[0]]:g} N {points.longitude[without[0]]:g} E"
        given = f"{without.size} of {len(points)} off the grid, {first} first"
        raise InputError("points", given, f"elevation within {AROUND:g} km", "points[covered(points, elevation)]")
    mean, spread = (np.array([measure(near) for near in around]) for measure in (np.mean, np.std))
    return {
        "coast": np.log1p(sea_distance(points, elevation) / COAST),
        "above": (points.height - mean) / METRES,
        "relief": spread / METRES,
    }


def described(points: Points, elevation: xr.DataArray) -> Points:
    """Return the points with their `FEATURES`, those off the elevation's grid with what is usual.

    Off the grid a place counts as being as high as its surroundings and as hilly as the others on average; at 0 m there
    it counts as being at sea.

    Args:
        points: the places, with heights in m.
        elevation: (latitude, longitude), m.
    """
    there = covered(points, elevation)
    columns = {name: np.zeros(len(points)) for name in FEATURES}
    for name, values in terrain_features(points[np.flatnonzero(there)], elevation).items():
        columns[name][there] = values
    inland = ~there & (points.height > 0)
    columns["coast"][inland] = np.log1p(sea_distance(points[np.flatnonzero(inland)], elevation) / COAST)
    columns["relief"][inland] = columns["relief"][there].mean() if there.any() else 0.0
    return Points(points.latitude, points.longitude, points.height, np.column_stack([columns[n] for n in FEATURES]))


def covered(points: Points, elevation: xr.DataArray) -> np.ndarray:
    """Return which points (point,) have a cell of the elevation's grid within 12 km, and so `terrain_features`."""
    cells, _ = _cells(elevation)
    return cKDTree(in_space(cells)).query(in_space(points))[0] <= AROUND


def below_ground(points: Points, elevation: xr.DataArray) -> np.ndarray:
    """Return how far each point (point,) lies below the lowest ground within 12 km, m: 0 above it, or off the grid."""
    around = _heights_around(points, elevation)
    lowest = np.array([near.min() if near.size else -np.inf for near in around])
    return np.maximum(lowest - points.height, 0.0)


def sea_distance(points: Points, elevation: xr.DataArray) -> np.ndarray:
    """Return the distance (point,) to the sea, km, 0 at sea.

    Where the elevation's grid lies in western Europe, the sea is what Natural Earth's land leaves (to 1 km).
    Elsewhere it is where the elevation is missing, and its edge is known to half a cell.

    Args:
        points: the places; their heights do not matter.
        elevation: (latitude, longitude), m, NaN at sea.

    Raises:
        InputError: a grid outside western Europe on which no elevation is missing.
    """
    west, south, east, north = WINDOW
    latitude, longitude = elevation["latitude"].values, elevation["longitude"].values
    if south <= latitude.min() and latitude.max() <= north and west <= longitude.min() and longitude.max() <= east:
        on_land = shapely.contains_xy(layer("land"), points.longitude, points.latitude)
        return np.where(on_land, _arc(_coast().query(in_space(points))[0]), 0.0)
    cells, heights = _cells(elevation)
    sea = np.isnan(heights)
    if not sea.any():
        raise InputError("elevation", "a height everywhere", "NaN at sea", "elevation.where(elevation != 0)")
    half = abs(latitude[1] - latitude[0]) * DEGREE / 2
    return np.maximum(_arc(cKDTree(in_space(cells[sea])).query(in_space(points))[0]) - half, 0.0)


def _heights_around(points: Points, elevation: xr.DataArray) -> list[np.ndarray]:
    """Return for each point the heights (cell,) of the cells within `AROUND` of it, m, 0 at sea."""
    cells, heights = _cells(elevation)
    heights = np.nan_to_num(heights, nan=0.0)
    found = cKDTree(in_space(cells)).query_ball_point(in_space(points), AROUND)
    return [heights[np.array(near, dtype=int)] for near in found]


def _cells(elevation: xr.DataArray) -> tuple[Points, np.ndarray]:
    """Return the middles of a grid's cells and their heights (cell,), m, NaN where missing."""
    heights = elevation.transpose("latitude", "longitude").values.astype(float)
    rows, columns = np.meshgrid(elevation["latitude"].values, elevation["longitude"].values, indexing="ij")
    return Points(rows.ravel(), columns.ravel(), np.zeros(rows.size)), heights.ravel()


@lru_cache(maxsize=1)
def _coast() -> cKDTree:
    """Return the coast of western Europe as closely set points, for a search of the nearest."""
    longitude, latitude = shapely.get_coordinates(shapely.segmentize(coastline(), COAST_STEP)).T
    return cKDTree(in_space(Points(latitude, longitude, np.zeros(latitude.size))))


def _arc(chord: np.ndarray) -> np.ndarray:
    """Return the distance along the ground, km, of points so far apart through it."""
    return 2 * EARTH_RADIUS * np.arcsin(chord / (2 * EARTH_RADIUS))
