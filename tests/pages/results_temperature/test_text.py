"""What notebooks/results_temperature.py says of stored tables."""

from pathlib import Path

import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.reproduced.temperature import PUBLISHED_LEAD, compared
from sparseobs_book.start_from_kriging.summary import NAME, OURS, PARENTS
from sparseobs_book.temperature.summary import by_split
from sparseobs_book.temperature.verdicts import MARGIN, over_the_better, pooled, verdicts

PAGE = (Path(__file__).parents[3] / "notebooks" / "results_temperature.py").read_text(encoding="utf-8")
SAID = PAGE.replace("\n# ", " ")


@pytest.fixture(scope="module")
def rows():
    return compared().set_index(["name", "score"])


def test_with_20_stations_there_is_no_gain_in_mae_and_a_small_one_in_nll(rows):
    mae, nll = (rows.loc[("Ireland: sim-only", score)] for score in ("mae", "nll"))
    assert mae["low"] < 0 < mae["high"] and -PUBLISHED_LEAD["nll"][0] < nll["low"] and nll["high"] < 0


def test_what_adapting_changes_on_the_twin(rows):
    assert f"wins {-rows.loc[('Twin: sim-only', 'nll'), 'mean']:.1f} nats over sim-only on average" in SAID
    assert rows.loc[("Twin: sim-only", "nll"), "high"] > 0, "the interval holds zero"
    means = rows["mean"].unstack("score")["mae"]
    assert f"The MAE changes by {means['Twin: sim-only']:+.2f} K" in SAID
    assert f"no gain, by {means['20 stations: sim-only']:+.2f} K" in SAID
    assert f"Sim2Real differs by {means['Twin: FiLM']:+.2f} K" in SAID


def test_coverage_near_stations_and_far_from_them():
    rings = read_result("failure_signatures").table.query("method == 'sim-only'")
    covered = rings.groupby(["low_km", "high_km"])["coverage"].mean()
    said = f"intervals cover {covered.loc[(0, 4)]:.2f}, from 30 km on {covered.loc[(30, 40)]:.2f}."
    assert said in SAID


@pytest.mark.parametrize("score, unit", [("mae", " K"), ("nll", " nats")])
def test_the_lowest_error_at_irish_stations_is_shared(score, unit):
    scores = by_split(read_result("uk_ireland").table)[score].unstack("split_seed")
    own = scores.index.str.startswith("Sim2Real")
    first, second = (scores[part].mean(axis=1).idxmin() for part in (own, ~own))
    assert (first, second) == ("Sim2Real (two trainings)", "lapse rate + kriging")
    assert f"{repeat_interval(scores.loc[first] - scores.loc[second]):+.3f}{unit}" in PAGE


def test_networks_from_kriging_beside_the_learned_covariance_and_their_parents():
    found = verdicts(read_result(NAME).table, "mae", OURS)
    rows = pooled(found).loc["learned covariance"]
    said = {n: f"{row['gap']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}] K" for n, row in rows.iterrows()}
    assert f"100 stations: {said[100]}; 500: {said[500]}" in PAGE and f"- {said[20]}" in PAGE
    assert (rows["high"] < 0).to_dict() == {500: False, 100: True, 20: True} and rows["high"][20] < MARGIN
    gaps = over_the_better(found, PARENTS).query("n_stations > 20")["gap"]
    assert f"differs by {gaps.min():+.2f} to {gaps.max():+.2f} K from the better" in SAID


def test_kriging_with_elevation_errs_less_than_idw():
    row = read_result("germany_snapshot").table.set_index("method").loc["kriging + elevation drift"]
    said = f"MAE {row['mae']:.2f} K, {row['less']:.2f} [{row['less_low']:.2f}, {row['less_high']:.2f}] K less"
    assert said in PAGE and row["less_low"] > 0


def test_daily_means_at_english_stations_are_as_measured_by_hand():
    row = read_result("midas_daily").table.query("method == 'reanalysis'").iloc[0]
    assert f"RMSE {row['rmse']:.2f} K, bias {row['bias']:.2f} K" in PAGE
    assert abs(row["rmse"] - 0.66) <= 0.02 and abs(row["bias"]) <= 0.02


def test_the_twins_reanalysis_stands_beside_era5():
    errors = read_result("twin").table.query("quantity == 'daily error'").set_index("source")["value"]
    twin, real = errors["twin, stations below 200 m"], errors["ERA5 at ten MIDAS stations"]
    assert f"{twin:.2f} K in the twin, {real:.2f} K of ERA5" in PAGE
