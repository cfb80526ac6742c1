"""The comparison on real stations: what is learnt from what, and what a row says; on a small synthetic network."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.optimal_interpolation import available
from sparseobs.stations.geography import station_points
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import network as station_network
from sparseobs.stations.terrain import described
from sparseobs_book.real_stations import run
from sparseobs_book.real_stations.networks import Fields, Network, load_network, split
from sparseobs_book.real_stations.settings import PRESETS, RealStations

REGION = Region("northwest", 47.0, 50.0, 7.0, 11.0)
SMOKE = dataclasses.replace(PRESETS["smoke"], n_stations=12, n_held_out=8)


@pytest.fixture(scope="module")
def made():
    """Forty stations over twelve days, a forecast of each day by two members, and a hilly ground."""
    generator = np.random.default_rng(0)
    axes = {"latitude": np.arange(46.0, 51.0, 0.1), "longitude": np.arange(6.0, 12.0, 0.1)}
    hills = 300 + 200 * np.sin(3 * axes["latitude"])[:, None] * np.cos(4 * axes["longitude"])
    elevation = xr.DataArray(hills, axes, ("latitude", "longitude"))
    places = {
        "station": [f"s{n}" for n in range(40)], "name": [f"s{n}" for n in range(40)],
        "latitude": generator.uniform(47.1, 49.9, 40), "longitude": generator.uniform(7.1, 10.9, 40),
        "height": generator.uniform(50, 900, 40),
    }  # fmt: skip
    times = np.arange("2019-02-01T12", "2019-02-13T12", np.timedelta64(24, "h"), dtype="datetime64[h]")
    waves = 3 * np.sin(places["latitude"] + np.arange(12)[:, None]) - 6.5e-3 * places["height"]
    values = 5 + waves + generator.normal(0, 0.5, (12, 40))
    values[generator.random(values.shape) < 0.1] = np.nan
    stations = station_network(values, times, places)
    points = described(station_points(stations), elevation)
    forecasts = 4 + waves + generator.normal(0, 0.3, (2, 12, 40))
    simulated = Fields(points, forecasts[:, :6].reshape(-1, 40), np.tile(times[:6], 2))
    forecast = np.where(np.isfinite(values), forecasts.mean(0), np.nan)
    return Network(stations, points, values, times, REGION, elevation, simulated, forecast, "synthetic")


@pytest.fixture(scope="module")
def table(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("progress")
    return run.compare(run.prepare(SMOKE, made), lambda name: folder / name, folder / "shared", lambda name: None)


def test_every_method_has_a_row_of_finite_scores_with_and_without_the_start(table):
    names = set(table["method"])
    assert {"kriging + elevation drift", run.LEARNED, "covariance of the simulator", "forecast"} <= names
    assert {"real-only", "Sim2Real (FiLM)", "Sim2Real from kriging", "frozen high frequencies from kriging"} <= names
    assert ("optimal interpolation" in names) == available()
    scores = table[["mae", "rmse", "crps", "nll", "mae_gap", "nll_gap"]]
    assert np.isfinite(scores.to_numpy()).all() and table["n"].nunique() == 1
    by_name = table.set_index("method")
    assert by_name.loc[run.LEARNED, ["mae_gap", "mae_low", "mae_high"]].eq(0).all()
    gaps = by_name["mae"] - by_name.loc[run.LEARNED, "mae"]
    np.testing.assert_allclose(by_name["mae_gap"], gaps, atol=1e-9)
    assert (by_name["mae_low"] <= by_name["mae_gap"]).all() and (by_name["mae_gap"] <= by_name["mae_high"]).all()


def test_nothing_is_learnt_from_held_out_stations_nor_from_the_hours_judged(made):
    """Other readings there change no prediction but by what is shown of the hours judged."""
    case = run.prepare(SMOKE, made)
    other = made.values.copy()
    other[:, case.stations.held_out] += 50
    fields = made.simulated.values.copy()
    fields[:, case.stations.held_out] += 50
    changed = dataclasses.replace(made, values=other, simulated=made.simulated._replace(values=fields))
    # The forecast itself is known at the held-out places: it is what is corrected.
    for name in set(run.classical(case)):
        ours, theirs = (run.classical(run.prepare(SMOKE, one))[name]() for one in (made, changed))
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    late = made.values.copy()
    late[made.judged] += 3
    moved = run.prepare(SMOKE, dataclasses.replace(made, values=late))
    assert case.learned == moved.learned and case.adapted == moved.adapted


@pytest.mark.parametrize("starts", [False, True])
def test_networks_see_neither_too(made, starts):
    case = run.prepare(SMOKE, made)
    other = made.values.copy()
    other[:, case.stations.held_out] = 99.0
    changed = run.prepare(SMOKE, dataclasses.replace(made, values=other))
    found = []
    for one in (case, changed):
        tasks = run.network_tasks(one, starts)
        model, _ = run.adapt(one, tasks, "Sim2Real", run.pretrain(one, tasks), starts)
        found.append(run.network_prediction(one, tasks, model))
    np.testing.assert_array_equal(found[0], found[1])


def test_an_untrained_network_from_kriging_is_the_adapted_covariance(made):
    case = run.prepare(SMOKE, made)
    tasks = run.network_tasks(case, True)
    model = run.ConvCNP(dataclasses.replace(SMOKE.architecture, corrects=True))
    mean, std = run.network_prediction(case, tasks, model)
    expected = case.by_stations(case.adapted)
    np.testing.assert_allclose(mean, expected[0], atol=0.02)
    np.testing.assert_allclose(std, np.minimum(expected[1], tasks.standardisation.std), rtol=0.01)


def test_a_network_without_a_simulator_has_no_row_that_needs_one(made):
    alone = dataclasses.replace(made, simulated=None, forecast=None)
    names = set(run.classical(run.prepare(SMOKE, alone)))
    assert run.LEARNED in names and not any("simulator" in name or "forecast" in name for name in names)


def test_hours_of_the_day_ask_for_numbers_that_turn(made):
    hourly = made.times + np.arange(12).astype("timedelta64[h]")
    clocked = run.prepare(SMOKE, dataclasses.replace(made, times=hourly, simulated=None, forecast=None))
    methods = run.classical(clocked)
    assert np.isfinite(methods["learned covariance by hour"]()[0]).all()
    assert "learned covariance by hour" not in run.classical(run.prepare(SMOKE, made))


def test_the_twin_is_a_network_that_needs_no_file_and_its_fields_are_of_the_first_half():
    twin = load_network("twin")
    assert len(twin.times) > 20 and np.isfinite(twin.simulated.values).all() and twin.forecast is None
    assert twin.simulated.times.max() < twin.times[twin.judged][0]


def test_splits_are_nested_disjoint_and_keep_places_together(made):
    few, many = (split(made, n_stations=n, n_held_out=8, seed=3) for n in (6, 20))
    assert list(many.shown[:6]) == list(few.shown) and list(few.held_out) == list(many.held_out)
    assert not set(many.others) & set(many.held_out) and set(many.shown) <= set(many.others)
    assert list(split(made, n_stations=6, n_held_out=8, seed=4).held_out) != list(few.held_out)
    twice = made.stations.copy(deep=True)
    for name in ("latitude", "longitude"):
        twice[name][1] = twice[name].values[0]  # two stations of one place
    for seed in range(8):
        drawn = split(dataclasses.replace(made, stations=twice), n_stations=6, n_held_out=20, seed=seed)
        assert len({0, 1} & set(drawn.held_out)) != 1 or not {0, 1} & set(drawn.others)


def test_more_stations_than_there_are_are_refused(made):
    with pytest.raises(InputError, match="n_stations"):
        split(made, n_stations=33, n_held_out=8, seed=0)
    with pytest.raises(InputError, match="source"):
        load_network("nowhere")
    with pytest.raises(InputError, match="n_stations"):
        RealStations(n_stations=1)
