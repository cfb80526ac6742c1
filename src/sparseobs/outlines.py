"""Land, coast and borders of western Europe from Natural Earth (public domain), part of the package."""

from functools import lru_cache

import numpy as np
import shapely

from sparseobs.errors import InputError, require_choice
from sparseobs.files import PACKAGE

# Derived from the npm package world-atlas 2.0.2 by `outlines_extract`.
FOLDER = PACKAGE / "outlines_data"
WINDOW = (-14.0, 44.0, 20.0, 61.0)  # west, south, east, north in degrees: Ireland to Poland, the Po to Orkney
LAYERS = ("borders", "germany", "land")
SOURCE = "Natural Earth 1:10m, simplified to about 1 km (public domain)"


@lru_cache(maxsize=4)
def layer(name: str) -> shapely.Geometry:
    """Return `land` or `germany` (polygons) or `borders` (lines), degrees east and north, within `WINDOW`.

    Raises:
        InputError: an unknown layer, or the package lacks its extract, or the file is damaged.
    """
    require_choice("layer", name, LAYERS)
    path = FOLDER / f"{name}.geojson"
    try:
        geometry = shapely.from_geojson(path.read_text())
    except (OSError, shapely.GEOSException) as error:
        expected = "the extract that is part of the package"
        raise InputError("Natural Earth", f"{path} ({error})", expected, "installing sparseobs again") from error
    shapely.prepare(geometry)
    return geometry


@lru_cache(maxsize=1)
def coastline() -> shapely.Geometry:
    """Return the coast as lines: the edge of the land, without the edge of the extract."""
    return layer("land").boundary.difference(shapely.box(*WINDOW).boundary.buffer(0.002))


def land_fraction(latitude, longitude) -> np.ndarray:
    """Return the share of each grid cell that is land, (latitude, longitude), 0 to 1, by area.

    Args:
        latitude: (latitude,), cell centres, degrees north, ascending, evenly spaced, at least two.
        longitude: (longitude,), cell centres, degrees east, likewise.

    Raises:
        InputError: an axis is not such, or a cell lies outside the extract.
    """
    axes = [tuple(np.round(np.asarray(axis, dtype=float), 9)) for axis in (latitude, longitude)]
    for name, axis in zip(("latitude", "longitude"), axes, strict=True):
        steps = np.diff(axis)
        if steps.size == 0 or steps[0] <= 0 or not np.allclose(steps, steps[0], atol=1e-4):
            raise InputError(name, axis, "an ascending, evenly spaced axis of two or more", "np.arange")
    return _land_fraction(*axes)


@lru_cache(maxsize=8)
def _land_fraction(latitude: tuple[float, ...], longitude: tuple[float, ...]) -> np.ndarray:
    land = layer("land")
    half = (latitude[1] - latitude[0]) / 2, (longitude[1] - longitude[0]) / 2
    rows, columns = np.meshgrid(latitude, longitude, indexing="ij")
    west, south, east, north = WINDOW
    if rows.min() < south or rows.max() > north or columns.min() < west or columns.max() > east:
        given = f"{rows.min():g}..{rows.max():g} N, {columns.min():g}..{columns.max():g} E"
        raise InputError("grid", given, f"within {south}..{north} N, {west}..{east} E", "a region of Europe")
    cells = shapely.box(columns - half[1], rows - half[0], columns + half[1], rows + half[0])
    fraction = shapely.covers(land, cells).astype(float)
    coastal = shapely.intersects(land, cells) & (fraction == 0)
    # Only coastal cells need the costly intersection, and each only with the land around it.
    for index in zip(*np.nonzero(coastal), strict=True):
        cell = cells[index]
        try:
            part = shapely.clip_by_rect(land, *cell.bounds)
        except shapely.GEOSException:  # fast but gives up on slivers
            part = shapely.intersection(land, cell)
        fraction[index] = min(part.area / cell.area, 1.0)
    fraction.flags.writeable = False
    return fraction
