"""What the page says of the stored comparison."""

import pytest

from sparseobs.runs.results import read_result


@pytest.fixture(scope="module")
def scores():
    """Means over the seeds of both filters: (noise, members, method) by score."""
    table = read_result("filter_comparison").table
    here = table.query("system == 'vissio_lucarini' and implementation == 'batched' and method in ['AmEnF', 'LETKF']")
    return here.groupby(["obs_error_std", "ensemble_size", "method"])[["rmse", "crps", "lost"]].mean()


def test_who_is_ahead(scores):
    rmse = scores["rmse"].unstack("method")
    lead = rmse["LETKF"] / rmse["AmEnF"]
    assert lead[1.0, 5] > 1.3 and lead[2.5, 5] > 1.3
    assert lead[1.0, 10] < 0.9 and lead[2.5, 10] > 1.1
    assert 0.97 < lead[2.5, 20] < 1.03
    crps = scores["crps"].unstack("method").loc[(2.5, 20)]
    assert crps["LETKF"] < 0.9 * crps["AmEnF"]


def test_letkf_loses_two_truths_with_twenty_members(scores):
    assert scores.loc[(1.0, 20, "LETKF"), "lost"] == 0.4
    assert scores.loc[(1.0, 20, "LETKF"), "rmse"] == pytest.approx(1.4, abs=0.05)
