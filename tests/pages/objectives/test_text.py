"""What the page's prose quotes of the stored tables."""

import pytest

from sparseobs.runs.paired import paired_differences
from sparseobs.runs.results import read_result

CLIMATE = 3.64  # Lorenz-96's standard deviation


@pytest.fixture(scope="module")
def stored():
    return read_result("objectives").table


def means(table, *by):
    return table.groupby(list(by))[["rmse", "spread", "crps", "misfit", "final_loss"]].mean()


def difference(stored, stride, objective, score="rmse"):
    table = paired_differences(stored[stored["stride"] == stride], "objective", "forecast", score)
    return table.set_index("objective").loc[objective, ["difference", "low", "high"]].tolist()


def test_with_every_site_observed_only_the_copy_fails(stored):
    rmse = means(stored, "stride", "objective")["rmse"][1]
    assert rmse.pop("analysis") == pytest.approx(0.99, abs=0.005)
    assert rmse.between(0.45, 0.55).all() and rmse.max() - rmse.min() < 0.05


def test_what_a_truth_to_learn_from_buys(stored):
    assert difference(stored, 1, "supervised_analysis") == pytest.approx([-0.024, -0.040, -0.008], abs=5e-4)
    assert difference(stored, 1, "analysis") == pytest.approx([0.492, 0.461, 0.522], abs=5e-4)
    assert difference(stored, 4, "supervised_analysis") == pytest.approx([-0.432, -0.678, -0.185], abs=5e-4)


def test_a_copy_of_a_quarter_still_knows_the_rest(stored):
    found = means(stored, "stride", "objective").loc[(4, "analysis")]
    assert found["misfit"] == pytest.approx(0.09, abs=0.005)
    assert found["rmse"] == pytest.approx(1.75, abs=0.005) and found["rmse"] < CLIMATE / 2


def test_likelihood_widens_the_spread_at_stride_one_and_finds_nothing_at_four(stored):
    table = means(stored, "stride", "objective")
    ratio = table["spread"] / table["rmse"]
    assert ratio[1, "forecast"] == pytest.approx(0.31, abs=0.005)
    assert ratio[1, "likelihood"] == pytest.approx(0.42, abs=0.006)
    for objective in ("forecast", "likelihood"):
        assert table["crps"][1, objective] == pytest.approx(0.332, abs=5e-4)
    assert difference(stored, 1, "likelihood") == pytest.approx([0.021, -0.002, 0.044], abs=5e-4)
    lost = stored.query("stride == 4 and objective == 'likelihood'")["rmse"]
    assert lost.mean() == pytest.approx(3.93, abs=0.005) and (lost > CLIMATE).all() and len(lost) == 3
