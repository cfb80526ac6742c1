from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.collections import QuadMesh

from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import network
from sparseobs_book.kriging import figures as draw
from sparseobs_book.kriging.run import Kriged, Map

pytestmark = pytest.mark.usefixtures("book_style")


def four_maps():
    axes = {"latitude": np.arange(48.0, 54.0), "longitude": np.arange(7.0, 14.0)}
    field = xr.DataArray(np.arange(42.0).reshape(6, 7), axes, ("latitude", "longitude"))
    field[0, 0] = np.nan
    columns = {"station": ["a", "b"], "name": ["a", "b"], "latitude": [50, 51], "longitude": [9, 10], "height": [1, 2]}
    stations = network([[3.0, np.nan]], np.array(["2001-01-01"], "datetime64[ns]"), columns).isel(time=0)
    fields = {"estimate": field, "truth": field + 1, "std": field / 42, "error": field - 30}
    return draw.estimate_and_truth(REGIONS["germany"], fields, stations)


def test_estimate_and_truth_share_their_colours_and_errors_are_symmetric():
    panels = [ax for ax in four_maps().axes if hasattr(ax, "projection")]
    meshes = [next(part for part in ax.collections if isinstance(part, QuadMesh)) for ax in panels]
    assert meshes[0].get_clim() == meshes[1].get_clim()
    low, high = meshes[3].get_clim()
    assert low == -high


def test_every_line_has_labelled_axes(tmp_path):
    distance = np.array([20.0, 100.0])
    table = pd.DataFrame({"said": [1.0, 1.0], "came": [1.1, 0.9]}, index=[0, 12])
    along = {"a": np.eye(3), "b": np.eye(3)}
    figures = [
        draw.variograms({"one": (distance, distance), "all": (distance, distance)}, (distance, distance), 0.5),
        draw.weights_along(np.arange(3.0), along, {"A": 0.0, "B": 1.0, "C": 2.0}),
        draw.lapse_rates(np.arange(3.0), {"truth": np.ones(3), draw.DRIFT: np.zeros(3)}, 6.5),
        draw.said_and_found(table),
    ]
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png")
        assert all(ax.has_data() and ax.get_ylabel() for ax in figure.axes)
        assert figure.axes[-1].get_xlabel() and figure.legends


def test_all_frames_of_the_moving_maps_have_one_scale_each(monkeypatch):
    axes = {"latitude": np.arange(2.0), "longitude": np.arange(3.0)}
    grid = Map(None, np.ones((2, 3), dtype=bool), axes)
    columns = {"station": ["a", "b"], "name": ["a", "b"], "latitude": [50, 51], "longitude": [9, 10], "height": [1, 2]}
    stations = network([[3.0, 5.0]], np.array(["2001-01-01"], "datetime64[ns]"), columns)
    world = SimpleNamespace(data=SimpleNamespace(stations=stations, region=None), others=np.arange(7))
    values = np.arange(6.0)
    by_number = {n: Kriged(np.arange(n), values / n, values + 9 - n, rmse=3.0 - n, said=4.0 - n) for n in (1, 2)}
    given = []
    monkeypatch.setattr(draw, "estimate_and_truth", lambda *each: given.append(each) or plt.figure())
    found = draw.moving_maps(world, grid, values, by_number, 0)
    assert given[0][3] == given[1][3] and [each[2].sizes["station"] for each in given] == [1, 2]
    assert given[0][3]["std"] == pytest.approx((7, 7 + 1 + 5 * 0.98)), "least of the most stations, most of the fewest"
    assert found.start == (1,) and "off by 2.00 K at the 7 stations" in found.frames["0"]["says"]
