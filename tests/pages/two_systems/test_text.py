"""What the page says of the stored comparison."""

import pytest

from sparseobs.runs.results import read_result


@pytest.fixture(scope="module")
def scores():
    """Means over the seeds of both filters: (system, noise, members, method) by score."""
    table = read_result("filter_comparison").table
    here = table.query("implementation == 'batched' and method in ['AmEnF', 'LETKF']")
    return here.groupby(["system", "obs_error_std", "ensemble_size", "method"])[["rmse", "crps", "lost"]].mean()


@pytest.fixture(scope="module")
def lead(scores):
    """LETKF's score over the AmEnF's, above one where the AmEnF is ahead: (system, noise, members) by score."""
    return {name: means["LETKF"] / means["AmEnF"] for name in ("rmse", "crps") for means in [scores[name].unstack()]}


def test_who_is_ahead_on_kuramoto_sivashinsky(lead):
    rmse, crps = (lead[name]["kuramoto_sivashinsky"] for name in ("rmse", "crps"))
    assert (rmse[1.0][[10, 20]] < 0.9).all() and 0.95 < rmse[1.0][5] < 1.05
    assert (rmse[2.5] > 1.05).all()
    assert (crps < rmse).all() and crps[2.5].min() < 1


def test_who_is_ahead_on_vissio_lucarini(lead):
    rmse, crps = (lead[name]["vissio_lucarini"] for name in ("rmse", "crps"))
    assert rmse[1.0, 5] > 1.3 and rmse[2.5, 5] > 1.3
    assert rmse[1.0, 10] < 0.9 and rmse[2.5, 10] > 1.1
    assert 0.97 < rmse[2.5, 20] < 1.03 and crps[2.5, 20] < 0.9


def test_letkf_loses_two_truths_with_twenty_members(scores):
    case = scores.loc[("vissio_lucarini", 1.0, 20, "LETKF")]
    assert case["lost"] == 0.4
    assert case["rmse"] == pytest.approx(1.4, abs=0.05)


def test_the_learned_filter_hardly_gains_from_members(scores):
    rmse = scores["rmse"].xs("AmEnF", level="method").unstack("ensemble_size")
    gain = 1 - rmse[20] / rmse[5]
    assert gain[["kuramoto_sivashinsky", "vissio_lucarini"]].between(0, 0.015).all()


def test_how_errors_grow_with_the_noise(scores):
    rmse = scores["rmse"].unstack("method").loc["kuramoto_sivashinsky"]
    growth = rmse.loc[2.5] / rmse.loc[1.0]
    assert growth["AmEnF"].between(2.55, 2.56).all() and (growth["LETKF"] > 3).all()
