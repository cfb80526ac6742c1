"""What the page says of stored tables."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.trained_filters.stored import stored_filter


@pytest.fixture(scope="module")
def rmse():
    """Mean RMSE over seeds by noise, ensemble size and method."""
    table = read_result("filter_comparison").table.query("system == 'lorenz96' and implementation != 'DAPPER'")
    return table.groupby(["obs_error_std", "ensemble_size", "method"])["rmse"].mean()


def test_level_at_ten_members_behind_with_more_ahead_with_fewer(rmse):
    assert rmse[1.0, 10, "AmEnF"] == pytest.approx(rmse[1.0, 10, "LETKF"], abs=0.02)
    assert rmse[1.0, 20, "LETKF"] < rmse[1.0, 20, "AmEnF"] - 0.05
    assert rmse[1.0, 5, "AmEnF"] < rmse[1.0, 5, "LETKF"] - 0.2


def test_more_noise_ahead_at_every_size(rmse):
    for members in (5, 10, 20):
        assert rmse[2.5, members, "AmEnF"] < rmse[2.5, members, "LETKF"] - 0.1


def test_more_members_hardly_help_the_amenf(rmse):
    for noise in (1.0, 2.5):
        assert rmse[noise, 20, "AmEnF"] == pytest.approx(rmse[noise, 5, "AmEnF"], rel=0.02)


def test_truths_lost_at_noise_1():
    table = read_result("filter_comparison").table.query("system == 'lorenz96' and implementation != 'DAPPER'")
    lost = table.query("obs_error_std == 1").groupby(["method", "ensemble_size"])["lost"].sum()
    assert lost["LETKF, authors' tuning"].to_dict() == {5: 2, 10: 1, 20: 0}
    assert lost["LETKF"].to_dict() == {5: 1, 10: 0, 20: 0}
    assert table.query("method == 'AmEnF'")["lost"].sum() == 0


def test_by_crps_letkf_is_ahead_where_the_rmse_is_level():
    table = read_result("filter_comparison").table
    case = table.query("system == 'lorenz96' and obs_error_std == 1 and ensemble_size == 10 and seed == 0")
    crps = case.dropna(subset="crps").groupby("method")["crps"].mean()
    assert crps["LETKF"] < crps["AmEnF"] - 0.05


def test_letkfs_other_numbers():
    tuning = read_result("filter_tuning").table
    chosen = tuning.query("system == 'lorenz96' and method == 'LETKF' and obs_error_std == 1 and ensemble_size == 10")
    assert len(chosen) == 140 and round(chosen["rmse"].iloc[0], 3) == 0.812
    published = read_result("published_rows").table.set_index("row").loc["Lorenz-96, every fourth site, LETKF N=10"]
    assert round(published["rmse"], 3) == 0.748 and published["repeats"] == 4


def test_truths_differ_by_some_five_hundredths():
    case = "system == 'lorenz96' and obs_error_std == 1 and ensemble_size == 10 and method == 'LETKF'"
    table = read_result("filter_comparison").table.query(case).query("implementation != 'DAPPER'")
    assert 0.02 < table["rmse"].std() < 0.08
    interval = repeat_interval(table["rmse"])
    assert interval.high - interval.low < 0.15


def test_the_stored_network_has_some_fifty_thousand_weights():
    weights = sum(one.numel() for one in stored_filter("lorenz96", 1.0).network.parameters())
    assert 45_000 < weights < 55_000
