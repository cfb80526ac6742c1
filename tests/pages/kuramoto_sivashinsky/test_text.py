"""What the page says of the stored comparison."""

import pytest

from sparseobs.runs.results import read_result


@pytest.fixture(scope="module")
def scores():
    """Means over the seeds of both filters: (noise, members, method) by score."""
    table = read_result("filter_comparison").table
    here = table.query(
        "system == 'kuramoto_sivashinsky' and implementation == 'batched' and method in ['AmEnF', 'LETKF']"
    )
    return here.groupby(["obs_error_std", "ensemble_size", "method"])[["rmse", "crps", "lost"]].mean()


def test_who_is_ahead(scores):
    rmse = scores["rmse"].unstack("method")
    lead = rmse["LETKF"] / rmse["AmEnF"]
    assert (lead[1.0][[10, 20]] < 0.9).all() and 0.95 < lead[1.0][5] < 1.05
    assert (lead[2.5] > 1.05).all()


def test_the_learned_filters_lead_shrinks_by_crps(scores):
    means = scores[["rmse", "crps"]].unstack("method")
    lead = {score: means[score]["LETKF"] / means[score]["AmEnF"] for score in ("rmse", "crps")}
    assert (lead["crps"] < lead["rmse"]).all() and lead["crps"].min() < 1


def test_how_errors_grow_with_the_noise(scores):
    rmse = scores["rmse"].unstack("method")
    growth = rmse.loc[2.5] / rmse.loc[1.0]
    assert growth["AmEnF"].between(2.55, 2.56).all() and (growth["LETKF"] > 3).all()
