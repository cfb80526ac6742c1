"""Distances on the Earth, by one formula each for the whole book."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from sparseobs.errors import InputError

EARTH_RADIUS = 6371.0  # km, the mean
FEATURES = ("coast", "above", "relief")  # of the ground about a station, see `terrain`
DEGREE = np.pi * EARTH_RADIUS / 180  # km per degree of latitude


@dataclass(frozen=True)
class Points:
    """Places on the ground.

    Attributes:
        latitude: (point,), degrees north.
        longitude: (point,), degrees east, counted from -180 or from 0.
        height: (point,), m above the sea.
        features: (point, feature), what else is known of the ground there; none by default.

    Raises:
        InputError: lengths that differ, or a coordinate that is not finite or not on the globe.
    """

    latitude: np.ndarray
    longitude: np.ndarray
    height: np.ndarray
    features: np.ndarray = None

    def __post_init__(self):
        columns = [np.asarray(column, dtype=float) for column in (self.latitude, self.longitude, self.height)]
        if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
            shapes = [column.shape for column in columns]
            raise InputError("points", shapes, "three columns of one length", "np.ravel on each")
        if not np.isfinite(columns).all():
            raise InputError("points", "NaN or infinite coordinates", "finite ones", "dropping those points")
        for name, column, least, most in (("latitude", columns[0], -90, 90), ("longitude", columns[1], -180, 360)):
            outside = (column < least) | (column > most)
            if outside.any():
                index = int(outside.argmax())
                given, expected = f"{column[index]:g} at point {index}", f"degrees from {least} to {most}"
                raise InputError(name, given, expected, "the other order, if the two columns are swapped")
        for name, column in zip(("latitude", "longitude", "height"), columns, strict=True):
            object.__setattr__(self, name, column)
        features = np.zeros((len(self), 0)) if self.features is None else np.asarray(self.features, dtype=float)
        if features.ndim != 2 or len(features) != len(self) or not np.isfinite(features).all():
            raise InputError("features", features.shape, f"({len(self)}, n) finite numbers", "a row a point")
        object.__setattr__(self, "features", features)

    def __len__(self) -> int:
        return self.latitude.size

    def __getitem__(self, index) -> "Points":
        return Points(self.latitude[index], self.longitude[index], self.height[index], self.features[index])


def station_points(stations: xr.Dataset) -> Points:
    """Return where the stations of a network are, with the `FEATURES` that it has along `station`.

    Args:
        stations: a network, as of `TemperatureData`.
    """
    columns = [stations[name].values for name in FEATURES if name in stations]
    features = np.column_stack(columns) if columns else None
    return Points(*(stations[name].values for name in ("latitude", "longitude", "height")), features)


def great_circle(a: Points, b: Points) -> np.ndarray:
    """Return the distances (a, b) between two sets of points, km, along the sphere (haversine formula).

    Args:
        a: places.
        b: others.
    """
    south, north = np.radians(a.latitude)[:, None], np.radians(b.latitude)[None, :]
    turn = np.radians(b.longitude[None, :] - a.longitude[:, None])
    half = np.sin((north - south) / 2) ** 2 + np.cos(south) * np.cos(north) * np.sin(turn / 2) ** 2
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def in_space(points: Points) -> np.ndarray:
    """Return the points (point, 3) on the surface, km from the middle of the Earth: for a search of neighbours."""
    north, east = np.radians(points.latitude), np.radians(points.longitude)
    axes = [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    return EARTH_RADIUS * np.column_stack(axes)


def plane_coordinates(latitude, longitude, centre: float) -> tuple[np.ndarray, np.ndarray]:
    """Return km north and km east on a plane whose east-west scale is true at latitude `centre` (degrees).

    Args:
        latitude: degrees north.
        longitude: degrees east.
        centre: degrees north.
    """
    east = np.asarray(longitude, dtype=float) * DEGREE * np.cos(np.radians(centre))
    return np.asarray(latitude, dtype=float) * DEGREE, east
