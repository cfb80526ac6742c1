import json
from pathlib import Path

import pytest
import shapely

from sparseobs import outlines
from sparseobs.errors import InputError
from sparseobs.outlines import FOLDER, coastline, layer
from sparseobs.outlines_extract import write_extract

# Two square countries side by side: west and east share arc 1. One island is too small to keep.
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.25], "translate": [8.0, 50.0]},
    "arcs": [
        [[2, 0], [-2, 0], [0, 4], [2, 0]],  # from (9, 50) round the west to (9, 51)
        [[2, 0], [0, 4]],  # the border, northwards
        [[2, 4], [2, 0], [0, -4], [-2, 0]],  # from (9, 51) round the east to (9, 50)
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, -2]], "properties": {"name": "Germany"}},
                {"type": "MultiPolygon", "arcs": [[[1, 2]]], "properties": {"name": "Elsewhere"}},
                {"type": None, "properties": {"name": "Nowhere"}},
            ],
        },
        "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[0, 2]]]}]},
    },
}


def test_topojson_becomes_land_and_shared_borders(tmp_path):
    (tmp_path / "countries-10m.json").write_text(json.dumps(TOPOLOGY))
    write_extract(tmp_path / "countries-10m.json", tmp_path)
    shapes = {name: shapely.from_geojson((tmp_path / f"{name}.geojson").read_text()) for name in outlines.LAYERS}
    assert shapes["land"].equals(shapely.box(8, 50, 10, 51))
    assert shapes["germany"].equals(shapely.box(8, 50, 9, 51))
    assert shapes["borders"].equals(shapely.LineString([(9, 50), (9, 51)]))


@pytest.mark.parametrize("content", ["", "{}", '{"objects": 3, "arcs": []}'])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "countries-10m.json"
    path.write_text(content)
    with pytest.raises(InputError, match="npm pack world-atlas@2.0.2"):
        write_extract(path, tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_extract_is_small_and_valid():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.geojson")) < 300e3
    for name in outlines.LAYERS:
        assert layer(name).is_valid and not layer(name).is_empty
    assert coastline().length > 200  # degrees


@pytest.mark.parametrize(
    "name, east, north, on_land",
    [("Berlin", 13.4, 52.5, True), ("Dublin", -6.4, 53.3, True), ("German Bight", 7.5, 54.3, False),
     ("Irish Sea", -5.0, 53.5, False), ("Isle of Man", -4.5, 54.2, True), ("Kattegat", 11.2, 56.8, False)],
)  # fmt: skip
def test_known_places(name, east, north, on_land):
    assert shapely.contains_xy(layer("land"), east, north) == on_land


def test_known_areas_and_borders():
    square_km = layer("germany").area * 111.2**2 * 0.627  # cos of 51.2 degrees
    assert square_km == pytest.approx(357e3, rel=0.03)
    assert shapely.distance(layer("borders"), shapely.Point(14.6, 52.35)) < 0.1  # the Oder at Frankfurt
    assert shapely.distance(layer("borders"), shapely.Point(10.0, 51.3)) > 1  # the middle of Germany


def test_the_coast_does_not_run_along_the_edge_of_the_extract():
    edge = shapely.LineString([(2.0, 44.0), (8.0, 44.0)])  # inland France and Italy
    assert shapely.intersection(coastline(), edge.buffer(0.001)).length < 0.01


def test_without_the_extract(monkeypatch, tmp_path):
    layer.cache_clear()
    monkeypatch.setattr(outlines, "FOLDER", Path(tmp_path))
    with pytest.raises(InputError, match="Natural Earth: given .*land.geojson"):
        layer("land")
    (tmp_path / "land.geojson").write_text('{"type": "MultiPoly')
    with pytest.raises(InputError, match="Natural Earth"):
        layer("land")
    layer.cache_clear()


def test_an_unknown_layer():
    with pytest.raises(InputError, match="layer: given 'sea'; expected one of borders, germany, land"):
        layer("sea")
