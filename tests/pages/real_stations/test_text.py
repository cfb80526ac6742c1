"""What the page's prose quotes of the stored tables."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.real_stations import summary as told


@pytest.fixture(scope="module")
def germany():
    table = read_result("synop").table
    return table, told.paired(table, told.DRIFT, ("mae", "nll")).set_index(["score", "method", "n_stations"])


def test_every_cell_judges_all_methods_by_the_same_readings(germany):
    for table in (germany[0], read_result("northwest").table):
        cells = table.groupby(["n_stations", "split_seed"])
        assert (cells["n"].nunique() == 1).all() and cells["method"].nunique().nunique() == 1
        assert cells["method"].count().nunique() == 1


def test_germany_with_160_stations(germany):
    table, gaps = germany
    mae, nll = (told.means(table, score) for score in ("mae", "nll"))
    learned = gaps.loc[("mae", "learned covariance", 160)]
    assert mae[160][["learned covariance", told.DRIFT]].round(2).tolist() == [0.83, 0.91]
    assert [round(learned[name], 3) for name in ("low", "high")] == [-0.115, -0.034]
    assert round(learned["percent"]) == -8
    by_hour = gaps.loc[("nll", "learned covariance by hour", 160)]
    assert [round(by_hour[name], 2) for name in ("difference", "low", "high")] == [-0.20, -0.25, -0.15]


def test_germany_with_fewer_stations(germany):
    table, gaps = germany
    for n_stations in (20, 60):
        for method in ("learned covariance", "learned covariance by hour"):
            row = gaps.loc[("mae", method, n_stations)]
            assert row["low"] < 0 < row["high"]
    assert gaps.loc[("nll", "learned covariance", 60), "high"] < 0
    nll, mae = (told.means(table, score) for score in ("nll", "mae"))
    assert (nll.loc["learned covariance by hour"] < nll.loc["learned covariance"]).all()
    assert (mae.loc["learned covariance by hour"] > mae.loc["learned covariance"]).all()


def test_a_network_from_kriging_is_level_in_germany(germany):
    gaps = told.paired(germany[0], "learned covariance", ("mae",)).set_index(["method", "n_stations"])
    start = gaps.loc["real-only from kriging"]
    assert ((start["low"] < 0) & (start["high"] > 0)).all() and (start["percent"].abs() < 1.5).all()
    crps = told.means(germany[0], "crps")[160]
    assert crps.idxmin() == "real-only from kriging"
    assert crps[["real-only from kriging", "learned covariance"]].round(3).tolist() == [0.699, 0.711]
    assert round(told.means(germany[0], "mae").loc["real-only", 160], 2) == 1.36


@pytest.fixture(scope="module")
def northwest():
    return read_result("northwest").table


def gap(table, method, reference, n_stations, score="mae"):
    found = told.paired(table, reference, (score,)).set_index(["method", "n_stations"])
    return found.loc[(method, n_stations)]


def test_the_learned_covariance_is_ahead_of_the_drift(northwest):
    rows = [gap(northwest, "learned covariance", told.DRIFT, n) for n in (20, 100, 500)]
    assert [round(-row["percent"], 1) for row in rows] == [3.4, 2.9, 4.5]
    assert all(row["high"] < 0 for row in rows)
    mae = told.means(northwest, "mae").round(2)
    alone, learned = "learned covariance, distance and height", "learned covariance"
    assert mae[20][[alone, learned]].tolist() == [1.81, 1.77] and mae[500][alone] == mae[500][learned]


def test_who_taught_it_hardly_matters(northwest):
    rows = [gap(northwest, "learned covariance, simulator first", "learned covariance", n) for n in (20, 100, 500)]
    assert [round(row["percent"], 1) for row in rows] == [-0.2, -0.5, 0.3]
    assert all(row["high"] > -0.0005 for row in rows)
    mae = told.means(northwest, "mae")
    simulator = "covariance of the simulator"
    assert mae.loc[simulator].round(2).tolist() == [1.81, 1.40, 1.10]
    assert (mae.loc[simulator] < mae.loc[told.DRIFT]).all()
    assert round(gap(northwest, simulator, "learned covariance", 100, "nll")["difference"], 2) == 0.13


def test_an_old_forecast_is_no_background(northwest):
    mae = told.means(northwest, "mae")
    assert mae.loc["forecast"].round(1).tolist() == [2.5, 2.5, 2.5]
    assert round(mae.loc["optimal interpolation", 500], 2) == 1.37
    assert mae[500]["optimal interpolation"] > mae[500][["lapse rate + kriging", told.DRIFT]].max()


def test_networks_with_and_without_a_start(northwest):
    mae = told.means(northwest, "mae")
    networks = ["sim-only", "real-only", "Sim2Real", "Sim2Real (FiLM)", "frozen high frequencies"]
    assert (mae.loc[networks] > mae.loc[told.DRIFT]).all().all()
    assert mae[500][["Sim2Real", "Sim2Real (FiLM)"]].round(2).tolist() == [1.46, 1.52]
    ahead = gap(northwest, "Sim2Real", "sim-only", 500)
    assert [round(-ahead[name], 3) for name in ("difference", "high", "low")] == [0.107, 0.083, 0.131]
    level = gap(northwest, "Sim2Real", "real-only", 500)
    assert level["low"] < 0 < level["high"]
    assert round(gap(northwest, "Sim2Real", "real-only", 100)["difference"], 2) == -0.15
    starts = mae.loc[["Sim2Real from kriging", "Sim2Real (FiLM) from kriging", "sim-only from kriging"]]
    assert (starts.mean().round(2) == [1.77, 1.39, 1.09]).all()
    for n_stations in (20, 100, 500):
        row = gap(northwest, "Sim2Real from kriging", "learned covariance", n_stations)
        assert row["low"] < 0 < row["high"]
