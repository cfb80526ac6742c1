"""What the page computes besides the stored tables."""

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_covariance import geometry
from sparseobs.stations.geography import Points
from sparseobs_book.real_stations import summary as told
from sparseobs_book.real_stations.figures import differences


def table(n_splits=3):
    rows = [
        {
            "source": "s",
            "n_stations": n,
            "method": method,
            "split_seed": split,
            "mae": mae + 0.3 * split,
            "nll": 2 * mae,
        }
        for split in range(n_splits)
        for n in (20, 100)
        for method, mae in {"a": 1.0, "b": 0.9 - n / 1000}.items()
    ]
    return pd.DataFrame(rows)


def test_differences_are_taken_split_by_split():
    """Splits differ by more than methods do, and the interval knows nothing of it."""
    found = told.paired(table(), "a").set_index(["method", "n_stations", "score"])
    b = found.loc[("b", 100, "mae")]
    assert (b["difference"], b["low"], b["high"]) == pytest.approx((-0.2, -0.2, -0.2))
    assert b["percent"] == pytest.approx(100 * -0.2 / 1.3)
    assert found.loc[("a", 20, "nll"), "difference"] == 0
    assert told.means(table(), "mae").loc["b", 20] == pytest.approx(0.88 + 0.3)


def test_the_figure_draws_each_method_at_each_number():
    rows = table().replace({"a": "kriging + elevation drift", "b": "learned covariance"})
    figure = differences(rows, told.DRIFT, ("learned covariance",), {"mae": "MAE", "nll": "NLL"})
    assert len(figure.axes) == 2
    (line,) = [one for one in figure.axes[0].lines if one.get_marker() == "o"]
    np.testing.assert_allclose(np.asarray(line.get_ydata(), dtype=float), [-0.12, -0.2])


def test_distances_and_axes_are_the_package_s():
    points = Points(np.array([48.0, 49.0, 50.5]), np.array([8.0, 9.0, 12.0]), np.zeros(3))
    where = geometry(points, points, points)
    np.testing.assert_allclose(told.squared_distances(points), where.squares[0].numpy(), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(told.hundreds_of_km(points, points).T, where.drift[:, 1:].numpy(), rtol=1e-9)


def test_the_network_of_the_page_is_split_and_its_fields_have_no_thermometer():
    world = told.synthetic_network(told.PRESETS["smoke"])
    assert set(world.shown) | set(world.held_out) == set(range(len(world.places)))
    assert not set(world.shown) & set(world.held_out) and len(world.shown) == 15
    assert world.fields.values.shape == (len(world.values) // 2, told.N_CELLS)
    assert np.isfinite(world.fields.values).all() and np.isnan(world.values).any()


@pytest.mark.parametrize("wrong", [{"n_stations": 9}, {"n_stations": 151}, {"steps": 0}, {"seed": -1}])
def test_bad_numbers_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        told.Page(**wrong)
