"""How the Natural Earth extract in `outlines_data/` was derived, and how to derive it again.

The input is the npm package world-atlas 2.0.2 (Natural Earth 1:10m as TopoJSON, public domain):

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m sparseobs.outlines_extract package/countries-10m.json
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import shapely

from sparseobs.errors import InputError
from sparseobs.files import replacing
from sparseobs.outlines import FOLDER, WINDOW

TOLERANCE = 0.01  # degrees, about 1 km: what simplification may move
SMALLEST = 5e-4  # square degrees, about 4 km2: smaller islands are dropped


def decode_arcs(topology: dict) -> list[shapely.LineString]:
    """Return a TopoJSON's arcs in degrees: they are stored as integer steps on a grid."""
    scale, offset = (np.array(topology["transform"][name]) for name in ("scale", "translate"))
    return [shapely.LineString(np.cumsum(arc, axis=0) * scale + offset) for arc in topology["arcs"]]


def ring(arcs: list[shapely.LineString], numbers: list[int]) -> np.ndarray:
    """Return the (point, 2) ring through the arcs; a negative number is the arc ~number, reversed."""
    parts = [shapely.get_coordinates(arcs[n] if n >= 0 else arcs[~n].reverse()) for n in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def polygons(geometry: dict) -> list[list[list[int]]]:
    """Return the arc numbers of each polygon's rings, outer ring first."""
    if geometry["type"] == "GeometryCollection":
        return [polygon for part in geometry["geometries"] for polygon in polygons(part)]
    found = {"Polygon": [geometry.get("arcs")], "MultiPolygon": geometry.get("arcs")}
    return found.get(geometry["type"], [])


def area(geometry: dict, arcs: list[shapely.LineString]) -> shapely.Geometry:
    """Return a TopoJSON geometry's polygons inside the window."""
    window = shapely.box(*WINDOW)
    pieces = []
    for rings in polygons(geometry):
        outer, *holes = [ring(arcs, numbers) for numbers in rings]
        if len(outer) < 4 or not window.intersects(shapely.box(*outer.min(0), *outer.max(0))):
            continue
        polygon = shapely.make_valid(shapely.Polygon(outer, [hole for hole in holes if len(hole) >= 4]))
        pieces.append(polygon.intersection(window))
    parts = shapely.get_parts(shapely.union_all(pieces))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > SMALLEST])


def borders(countries: list[dict], arcs: list[shapely.LineString]) -> shapely.Geometry:
    """Return the lines inside the window that two countries share."""
    uses = Counter(
        number if number >= 0 else ~number
        for country in countries
        for rings in polygons(country)
        for numbers in rings
        for number in numbers
    )
    shared = shapely.union_all([arcs[number] for number, count in uses.items() if count > 1])
    return shapely.line_merge(shared.intersection(shapely.box(*WINDOW)))


def write_extract(path: Path, folder: Path = FOLDER) -> None:
    """Write `land`, `germany` and `borders` `.geojson` to `folder`, coordinates to 0.001 degrees.

    Args:
        path: world-atlas's `countries-10m.json`.
        folder: where to.

    Raises:
        InputError: `path` is not such a file.
    """
    try:
        topology = json.loads(Path(path).read_text())
        arcs = [arc.simplify(TOLERANCE) for arc in decode_arcs(topology)]
        countries = topology["objects"]["countries"]["geometries"]
        germany = next(country for country in countries if country["properties"]["name"] == "Germany")
        layers = {
            "land": area(topology["objects"]["land"], arcs),
            "germany": area(germany, arcs),
            "borders": borders(countries, arcs),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        expected = "countries-10m.json of world-atlas"
        raise InputError("Natural Earth", given, expected, "npm pack world-atlas@2.0.2") from error
    for name, geometry in layers.items():
        geometry = shapely.set_precision(geometry, 0.001)
        with replacing(folder / f"{name}.geojson") as temporary:
            document = json.loads(shapely.to_geojson(geometry), parse_float=_rounded)
            temporary.write_text(json.dumps(document, separators=(",", ":")) + "\n")


def _rounded(text: str) -> float:
    return round(float(text), 3)


if __name__ == "__main__":
    write_extract(Path(sys.argv[1]))
