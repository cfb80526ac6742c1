"""Land, coast and borders of western Europe from Natural Earth (public domain), part of the package."""

from functools import lru_cache

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
