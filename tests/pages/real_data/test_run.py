import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.lapse_rate import LapseRateIDW, fit_idw
from sparseobs.interpolation.optimal_interpolation import OptimalInterpolation, available
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.runs.results import read_result
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.temperature import network
from sparseobs_book.real_data import run as real_data
from sparseobs_book.real_data import snapshot as real_data_snapshot
from sparseobs_book.real_data import summary as real_data_page
from sparseobs_book.real_data.midas import left_out_days, midas_rows, network_days
from sparseobs_book.real_data.run import group_tables
from sparseobs_book.real_data.snapshot import left_out_predictions, snapshot_table
from sparseobs_book.temperature.experiment import prepare
from sparseobs_book.temperature.run import (
    INTERPOLATION,
    INTERPOLATIONS,
    interpolation_predict,
    pooled_predict,
    run_method,
)
from sparseobs_book.temperature.scores import held_out_scores, validation_offset


def made_up_hour(n=40, seed=0):
    rng = np.random.default_rng(seed)
    places = {"latitude": rng.uniform(48, 52, n), "longitude": rng.uniform(8, 12, n), "height": rng.uniform(0, 1500, n)}
    names = np.arange(n).astype(str)
    values = 15 - 6e-3 * places["height"] + 0.8 * (places["latitude"] - 50) + 0.3 * rng.standard_normal(n)
    return network(values[None], ["2020-06-09T12"], {"station": names, "name": names, **places})


def test_a_station_left_out_is_predicted_without_its_reading():
    stations = made_up_hour()
    changed = stations.copy(deep=True)
    changed["temperature"][0, 7] += 30.0
    (before, _), (after, _) = (left_out_predictions(each, fit_idw, 8) for each in (stations, changed))
    fold = np.flatnonzero(np.isclose(before[0], after[0]))
    assert 7 in fold and len(fold) == 5
    assert np.isfinite(before).all()
    with pytest.raises(ValueError, match="n_folds"):
        left_out_predictions(stations, fit_idw, 1)


def test_the_table_of_one_hour_compares_methods_on_the_same_stations(monkeypatch):
    fits = {"IDW": lambda sample: LapseRateIDW(2.0, 0.0, 0.0), "drift": lambda sample: Kriging(heights="drift")}
    monkeypatch.setattr(real_data_snapshot, "FITS", fits)
    table = snapshot_table(made_up_hour(), 5).set_index("method")
    assert (table["n"] == 40).all()
    assert (table["mae_low"] < table["mae"]).all() and (table["mae"] < table["mae_high"]).all()
    assert table.loc["drift", "less"] == pytest.approx(table.loc["IDW", "mae"] - table.loc["drift", "mae"])
    assert table.loc["drift", "less_low"] > 0, "heights matter here"


def test_two_gaussians_pooled_have_the_mixtures_mean_and_variance():
    rng = np.random.default_rng(0)
    members = [(1.0, 0.5), (3.0, 2.0)]
    predict = pooled_predict([lambda *_, m=m, s=s: (np.full((1, 1), m), np.full((1, 1), s)) for m, s in members])
    mean, std = predict(None, None, None)
    draws = np.concatenate([rng.normal(m, s, 200_000) for m, s in members])
    assert mean[0, 0] == pytest.approx(draws.mean(), abs=0.02)
    assert std[0, 0] == pytest.approx(draws.std(), rel=0.01)


def test_the_offset_is_fitted_where_nothing_is_judged(data, settings):
    experiment = prepare(settings, data)
    temperature = data.stations["temperature"]
    seen = {}

    def predict(context, targets, hours):
        seen[tuple(targets)] = tuple(hours)
        assert not set(context) & set(targets)
        shape = len(hours), len(targets)
        return temperature.values[np.ix_(hours, targets)] - 0.7 * (-1.0) ** np.indices(shape)[0], np.full(shape, 0.1)

    offset = validation_offset(experiment, predict)
    assert seen == {tuple(experiment.stations.validation): tuple(experiment.hours.validation)}
    assert offset == pytest.approx(0.7**2 - 0.1**2, rel=1e-3)
    scores = held_out_scores(experiment, predict)
    assert scores["offset_std"] == pytest.approx(offset**0.5)
    assert scores["nll_offset"] == pytest.approx(0.5 * np.log(2 * np.pi * 0.49) + 0.5, abs=0.01)
    assert scores["nll_offset"] < scores["nll"]
    assert tuple(experiment.stations.held_out) in seen


def test_groups_and_transforms_are_pooled_over_splits(data, settings):
    rng, splits = np.random.default_rng(0), []
    for split_seed in (0, 1):
        experiment = prepare(dataclasses.replace(settings, split_seed=split_seed), data)
        shape = len(experiment.hours.test), len(experiment.stations.held_out)
        truth = data.stations["temperature"].values[np.ix_(experiment.hours.test, experiment.stations.held_out)]
        found = {"good": (truth + 0.3 * rng.standard_normal(shape), np.full(shape, 0.3))}
        splits.append((experiment, found | {"bad": (truth + 2.0, np.full(shape, 0.3))}))
    scores, shares = group_tables(splits)
    assert set(scores["grouping"]) == {"hour", "height", "station"}
    readings = sum(np.isfinite(found["bad"][0]).sum() for _, found in splits)
    assert (scores.groupby(["method", "grouping"])["n"].sum() == readings).all()
    bad = scores[scores["method"] == "bad"]
    np.testing.assert_allclose(bad["bias"], 2.0, atol=1e-4)
    shares = shares.pivot(index="bin", columns="method", values="share")
    np.testing.assert_allclose(shares["good"], 0.1, atol=0.06)
    assert shares["bad"].iloc[0] == pytest.approx(1.0) and shares.index.tolist()[:2] == [0.0, 0.1]


@pytest.fixture
def daily(data):
    """Days of the made-up hours, on flat ground that the elevation knows."""
    days = data.stations.drop_vars("name").resample(time="D").mean()
    fine = {"latitude": np.arange(51.8, 54.5, 0.1), "longitude": np.arange(-9.2, -6.5, 0.1)}
    elevation = xr.DataArray(np.full([len(axis) for axis in fine.values()], 80.0), fine, tuple(fine))
    reanalysis = data.reanalysis.resample(time="D").mean().transpose("time", "latitude", "longitude")
    stations = days.assign_coords(name=data.stations["name"]).isel(station=slice(6), time=slice(4))
    return dataclasses.replace(data, reanalysis=reanalysis[:4], stations=stations, elevation=elevation)


def test_a_network_predicts_a_station_from_the_others_or_from_the_reanalysis(daily, data, settings):
    experiment = prepare(settings, data)
    model = ConvCNP(settings.architecture)
    changed = dataclasses.replace(daily, stations=daily.stations.copy(deep=True))
    changed.stations["temperature"][:, 2] += 20.0
    kept = np.delete(np.arange(6), 2)
    for cells, same in ((None, [2]), (data.reanalysis[: 4 * 24], list(range(6)))):
        mean, std = network_days(experiment, model, daily, cells)
        other, _ = network_days(experiment, model, changed, cells)
        assert mean.shape == std.shape == daily.stations["temperature"].shape and (std > 0).all()
        np.testing.assert_allclose(other[:, same], mean[:, same], atol=1e-5)
        if cells is None:
            assert (np.abs(other[:, kept] - mean[:, kept]).max(0) > 1e-4).any()


def test_three_tables_are_stored_of_one_pass(daily, data, settings, monkeypatch, tmp_path):
    optimal = ["optimal interpolation"] if available() else []
    few, stored = ("IDW", "reanalysis + lapse rate", *optimal), {}
    whole = dataclasses.replace(data, reanalysis=data.reanalysis.transpose("time", "latitude", "longitude"))
    monkeypatch.setattr(real_data, "load", lambda source: whole)
    monkeypatch.setattr(real_data, "daily_data", lambda hourly: daily)
    monkeypatch.setattr(real_data, "left_out_days", lambda days: left_out_days(days, few))
    monkeypatch.setattr(real_data, "INTERPOLATIONS", few)
    monkeypatch.setitem(INTERPOLATIONS, "optimal interpolation", lambda *_: OptimalInterpolation())
    monkeypatch.setattr(real_data, "presets", lambda source: {"smoke": settings})
    monkeypatch.setattr(real_data, "fetch", lambda source: {})
    monkeypatch.setattr(
        real_data,
        "network_days",
        lambda *given: network_days(*given[:3], None if given[3] is None else given[3][: 4 * 24]),
    )
    monkeypatch.setattr(real_data, "write_result", lambda name, table, record: stored.update({name: (table, record)}))
    real_data.store_networks("smoke", 2, lambda line: None)
    midas, record = stored["midas_daily"]
    assert record["parameters"] == {"preset": "smoke", "seed": 0, "n_splits": 2} and record["size"] == "smoke"
    rows = midas.groupby(["method", "shown"]).size().to_dict()
    both = {(name, shown): n for name, n in (("sim-only", 1), ("Sim2Real", 2)) for shown in ("ERA5", "other stations")}
    alone = {("IDW", "other stations"): 1, ("reanalysis", "ERA5"): 1, ("reanalysis + lapse rate", "ERA5"): 1}
    alone |= {(method, "ERA5 and other stations"): 1 for method in optimal}
    assert rows == both | alone
    assert set(stored["real_data_groups"][0]["method"]) == set(stored["real_data_pit"][0]["method"])
    assert set(stored["real_data_pit"][0]["method"]) == {"IDW", "sim-only", "Sim2Real"}


def test_daily_rows_score_every_method_at_stations_left_out(daily):
    few = ("IDW", "reanalysis + lapse rate")
    predictions = left_out_days(daily, few)
    table = pd.DataFrame(midas_rows(daily, predictions, "others")).set_index("method")
    assert table["n"].nunique() == 1
    assert table.loc["reanalysis", "rmse"] < 0.6, "the stations were made from it"
    assert (table["mae_low"] < table["mae_high"]).all()
    blind = dataclasses.replace(daily, stations=daily.stations.copy(deep=True))
    blind.stations["temperature"][:, 4] += 50.0
    for method, (mean, _) in left_out_days(blind, few).items():
        np.testing.assert_allclose(mean[:, 4], predictions[method][0][:, 4], err_msg=method, atol=1e-6)


@pytest.mark.parametrize("name", ["germany_snapshot", "uk_ireland"])
def test_stored_tables_are_whole(name):
    table, record = read_result(name)
    assert len(table) and record["size"] == "study" and record["inputs"]
    assert not table["method"].isna().any()


def test_the_live_hour_is_interpolated_without_what_is_left_out(monkeypatch, tmp_path):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    hour, measured = real_data_page.one_hour(real_data_page.PRESETS["smoke"])
    assert not measured and hour.sizes["station"] == 228
    settings = real_data_page.PRESETS["smoke"]
    asked, errors = real_data_page.live_errors(hour, settings, ["IDW"])
    changed = hour.copy(deep=True)
    changed["temperature"].loc[{"station": asked["station"][3]}] += 9.0
    _, after = real_data_page.live_errors(changed, settings, ["IDW"])
    expected = np.where(np.arange(10) == 3, -9.0, 0.0)
    np.testing.assert_allclose(after["IDW"] - errors["IDW"], expected, atol=1e-4)


def test_scores_of_interpolations_agree_with_their_definition(data, settings):
    experiment = prepare(settings, data)
    row, training = run_method(experiment, INTERPOLATION)
    mean, std = interpolation_predict(experiment)(experiment.shown, experiment.stations.held_out, experiment.hours.test)
    truth = data.stations["temperature"].values[np.ix_(experiment.hours.test, experiment.stations.held_out)]
    expected = score_gaussian(mean, std, truth)._asdict()
    assert training is None and {name: row[name] for name in expected} == expected


def test_more_stations_left_out_than_can_be_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    with pytest.raises(InputError, match="n_left_out: given 219; expected a .*number <= 218"):
        real_data_page.one_hour(real_data_page.PageSettings(n_left_out=219))
