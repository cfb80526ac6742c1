import socket
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import QuadMesh

from sparseobs import outlines
from sparseobs.errors import InputError
from sparseobs.figures import maps
from sparseobs.figures.maps import draw_field, draw_stations, map_axes, projection_name, temperature_map
from sparseobs.figures.style import FULL_WIDTH
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args):
        raise AssertionError("a map asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    return load_twin(TwinSettings(days=1, n_stations=40))


def drawn_lines(ax) -> int:
    """How many dark pixels the outlines of a map make."""
    ax.figure.canvas.draw()
    return int((np.asarray(ax.figure.canvas.buffer_rgba())[..., :3].max(axis=2) < 60).sum())


@pytest.mark.parametrize("name", [name for name in REGIONS if name != "northwest"])  # no coast in the package
def test_coasts_are_drawn_without_a_network(name, monkeypatch):
    with_coast = drawn_lines(map_axes(REGIONS[name]))
    monkeypatch.setattr(maps, "_outlines", lambda: ())
    assert with_coast > drawn_lines(map_axes(REGIONS[name])) + 1000


def test_without_the_extract_one_warning_and_still_a_map(monkeypatch, tmp_path):
    for kept in (outlines.layer, outlines.coastline, maps._outlines):
        kept.cache_clear()
    monkeypatch.setattr(outlines, "FOLDER", tmp_path)
    with pytest.warns(UserWarning, match="without coastlines"):
        assert drawn_lines(map_axes(REGIONS["germany"])) > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        map_axes(REGIONS["germany"])
    maps._outlines.cache_clear()


def test_the_axes_show_the_region_and_say_how():
    ax = map_axes(REGIONS["germany"])
    west, east, south, north = ax.get_extent(crs=maps.DEGREES)
    assert (west, east) == pytest.approx((5.8, 15.05), abs=0.9)
    assert (south, north) == pytest.approx((47.2, 54.95), abs=0.3)
    assert "200 km" in [text.get_text() for text in ax.texts]
    assert projection_name(REGIONS["germany"]).startswith("Projection: Lambert conformal conic, true to scale at 48.5")


def test_the_scale_bar_has_its_length_on_the_ground():
    ax = map_axes(REGIONS["germany"])
    (left, right), (bottom, _) = ax.lines[-1].get_data()
    ends = [maps.DEGREES.transform_point(x, bottom, ax.projection) for x in (left, right)]
    east = (ends[1][0] - ends[0][0]) * 111.2 * np.cos(np.radians(ends[0][1]))
    assert np.hypot(east, (ends[1][1] - ends[0][1]) * 111.2) == pytest.approx(200, rel=0.02)


def test_reanalysis_and_stations_share_their_colours(data):
    figure = temperature_map(data, 14)
    left, right = figure.axes[:2]
    mesh = next(part for part in left.collections if isinstance(part, QuadMesh))
    dots = right.collections[-1]
    field, values = data.reanalysis.values[14], data.stations["temperature"].values[14]
    expected = min(field.min(), np.nanmin(values)), max(field.max(), np.nanmax(values))
    assert mesh.get_clim() == dots.get_clim() == pytest.approx(expected)
    np.testing.assert_allclose(np.sort(dots.get_array()), np.sort(values[np.isfinite(values)]))
    labels = [ax.get_xlabel() for ax in figure.axes]
    assert "2 m temperature (°C)" in labels
    assert left.get_title() == "twin reanalysis\n2001-03-01 14 UTC"
    assert figure.get_size_inches()[0] == FULL_WIDTH


def test_missing_stations_are_crosses(data):
    ax = map_axes(data.region)
    values = np.full(data.stations.sizes["station"], 5.0)
    values[:10] = np.nan
    filled = draw_stations(ax, data.stations, values, limits=(0, 10))
    crosses = ax.collections[-2]
    assert len(crosses.get_offsets()) == 10 and len(filled.get_offsets()) == values.size - 10


def test_a_field_is_drawn_where_it_is(data):
    ax = map_axes(data.region)
    spike = xr.zeros_like(data.reanalysis[0])
    spike.loc[{"latitude": 53.45, "longitude": 10.05}] = 1.0
    mesh = draw_field(ax, spike, limits=(0, 1))
    row, column = np.unravel_index(mesh.get_array().argmax(), spike.shape)
    corner = mesh.get_coordinates()[row, column]
    east, north = maps.DEGREES.transform_point(*corner, ax.projection) if np.abs(corner).max() > 180 else corner
    assert (east, north) == pytest.approx((10.05 - 0.125, 53.45 - 0.125), abs=1e-6)


@pytest.mark.parametrize("hour", [-1, 24, 2.5])
def test_an_hour_there_is_not(data, hour):
    with pytest.raises(InputError, match="hour"):
        temperature_map(data, hour)


def test_fields_and_values_of_the_wrong_shape(data):
    ax = map_axes(data.region)
    with pytest.raises(InputError, match=r"field.isel\(time=0\)"):
        draw_field(ax, data.reanalysis)
    with pytest.raises(InputError, match="one value a station"):
        draw_stations(ax, data.stations, data.stations["temperature"], limits=(0, 1))
