"""What the page writes out in numpy, beside gstools and beside what kriging must do whatever the data."""

import ast
from pathlib import Path

import gstools
import numpy as np
import pytest

from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle
from sparseobs_book.kriging import run as kriging

PAGE = Path(__file__).parents[3] / "notebooks" / "kriging.py"
WANTED = ("gamma", "system", "weights", "level", "level_and_height", "kriged", "analysed", "leave_one_out", "plane")


@pytest.fixture(scope="module")
def page():
    """The functions of the page, as a reader would have them."""
    tree = ast.parse(PAGE.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in WANTED]
    names = {"np": np, "great_circle": great_circle, "EARTH_RADIUS": EARTH_RADIUS}
    exec(compile(tree, "the page", "exec"), names)
    return type("Page", (), {name: staticmethod(names[name]) for name in WANTED})


@pytest.fixture(scope="module")
def model():
    return gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS, var=3.0, nugget=0.4, len_scale=150.0)


def places(n, seed=0):
    rng = np.random.default_rng(seed)
    return Points(rng.uniform(48, 54, n), rng.uniform(7, 14, n), rng.uniform(0, 1200, n))


def readings(n_hours, n, gaps=0.1):
    rng = np.random.default_rng(1)
    values = rng.normal(5, 3, (n_hours, n))
    return np.where(rng.random(values.shape) < gaps, np.nan, values)


def test_the_variogram_is_gstools_on_the_sphere(page, model):
    distances = np.array([1.0, 40.0, 900.0])
    assert page.gamma(distances, model) == pytest.approx(model.vario_yadrenko(distances))
    assert page.gamma(0.0, model) == 0


@pytest.mark.parametrize("heights, columns", [("ignored", "level"), ("drift", "level_and_height")])
def test_kriging_by_hand_is_the_packages(page, model, heights, columns):
    stations, targets, values = places(25), places(9, seed=2), readings(4, 25)
    ours = page.kriged(stations, values, targets, getattr(page, columns), model)
    theirs = kriging.by_package(model, heights).interpolate(stations, values, targets)
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_optimal_interpolation_by_hand_is_gstools_simple_kriging(page, model):
    stations, targets, departures = places(25), places(9, seed=2), readings(1, 25, gaps=0)[0]
    mean, std = page.analysed(stations, departures, targets, model)
    simple = gstools.krige.Simple(model, (stations.latitude, stations.longitude), departures)
    expected, variance = simple((targets.latitude, targets.longitude))
    np.testing.assert_allclose([mean, std**2], [expected, variance], atol=1e-9)


def test_a_background_is_believed_far_from_every_station(page, model):
    far = Points([20.0], [100.0], [0.0])
    mean, std = page.analysed(places(25), np.full(25, 3.0), far, model)
    assert mean == pytest.approx([0], abs=1e-6) and std == pytest.approx([np.sqrt(model.sill)])


@pytest.mark.parametrize("columns", ["level", "level_and_height", "plane"])
def test_weights_reproduce_every_column_of_the_drift(page, model, columns):
    stations, targets = places(25), places(9, seed=2)
    drift = getattr(page, columns)
    w, _ = page.weights(stations, targets, drift, model)
    np.testing.assert_allclose(w.T @ drift(stations), drift(targets), atol=1e-9)


def test_no_other_unbiased_weights_have_less_variance(page, model):
    stations, target = places(25), places(1, seed=2)
    w, std = page.weights(stations, target, page.level, model)
    between, to_target = (page.gamma(great_circle(stations, other), model) for other in (stations, target))

    def variance(weights):
        return float(2 * weights @ to_target[:, 0] - weights @ between @ weights)

    assert variance(w[:, 0]) == pytest.approx(std[0] ** 2)
    for seed in range(20):
        step = np.random.default_rng(seed).normal(size=25)
        assert variance(w[:, 0] + 0.01 * (step - step.mean())) > variance(w[:, 0])


def test_a_multiple_of_the_variogram_changes_no_weight_and_the_spread_by_its_root(page, model):
    higher = gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS, var=12.0, nugget=1.6, len_scale=150.0)
    stations, targets = places(25), places(9, seed=2)
    w, std = page.weights(stations, targets, page.level_and_height, model)
    same, twice = page.weights(stations, targets, page.level_and_height, higher)
    np.testing.assert_allclose(same, w, atol=1e-9)
    np.testing.assert_allclose(twice, 2 * std)


def test_a_tower_finds_any_lapse_rate(page, model):
    stations = places(25)
    values = 10 - 1e-3 * np.array([[-4.0], [0.0], [6.5]]) * stations.height
    tower = Points([51.0, 51.0], [10.0, 10.0], [0.0, 1000.0])
    ends, _ = page.kriged(stations, values, tower, page.level_and_height, model)
    assert ends[:, 0] - ends[:, 1] == pytest.approx([-4.0, 0.0, 6.5])


@pytest.mark.parametrize("columns", ["level", "level_and_height"])
def test_one_inverse_leaves_every_station_out(page, model, columns):
    stations, values = places(15), readings(3, 15)
    drift = getattr(page, columns)
    error, std = page.leave_one_out(stations, values, drift, model)
    assert (np.isfinite(error) == np.isfinite(values)).all()
    for i in range(15):
        rest = np.arange(15) != i
        mean, one = page.kriged(stations[rest], values[:, rest], stations[[i]], drift, model)
        seen = np.isfinite(values[:, i])
        np.testing.assert_allclose(error[seen, i], (mean[:, 0] - values[:, i])[seen], atol=1e-9)
        np.testing.assert_allclose(std[seen, i], one[seen, 0], atol=1e-9)


def test_on_a_line_without_a_nugget_a_station_behind_another_is_screened(page):
    bare = gstools.Exponential(var=1.0, len_scale=5000.0)
    w, _ = page.weights(kriging.on_a_line([0, 40, 140]), kriging.on_a_line([90]), page.level, bare)
    assert abs(w[0, 0]) < 0.01 and w[1:, 0] == pytest.approx([0.5, 0.5], abs=0.01)
