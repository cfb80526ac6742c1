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
