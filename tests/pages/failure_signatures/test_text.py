"""What the page says of its stored table."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.failure_signatures import run as failures

TABLE = read_result(failures.RESULT).table
ROWS = failures.ring_intervals(TABLE)
NEAR, FAR = (
    ROWS[ROWS["low_km"] == low].pivot(index="method", columns="score", values="mean") for low in (0, failures.EDGES[-2])
)


def test_the_table_is_whole():
    methods = {*failures.ADAPTED, failures.WIDENED}
    assert set(TABLE["method"]) == methods and TABLE.groupby("method")["seed"].nunique().min() >= 2
    assert not TABLE.isna().any().any()


def test_sim_only_is_overconfident_at_every_distance():
    table = TABLE[TABLE["method"] == "sim-only"]
    assert (table["spread"] < table["needed"]).all()
    assert NEAR.loc["sim-only", "spread"] < NEAR.loc["sim-only", "needed"]
    assert NEAR.loc["sim-only", "coverage"] == pytest.approx(0.68, abs=0.005)
    assert FAR.loc["sim-only", "coverage"] == pytest.approx(0.65, abs=0.005)


@pytest.mark.parametrize("method, coverage", [("Sim2Real", 0.90), ("real-only", 0.93), (failures.WIDENED, 0.93)])
def test_the_others_are_near_what_they_ought_to_be(method, coverage):
    assert NEAR.loc[method, "coverage"] == pytest.approx(coverage, abs=0.005)


def test_widening_leaves_the_echo_and_adapting_lowers_it_near_stations():
    echo = ROWS[ROWS["score"] == "echo"].pivot(index="low_km", columns="method", values="mean")
    assert echo["sim-only"].to_numpy() == pytest.approx(echo[failures.WIDENED].to_numpy())
    assert echo["sim-only"].max() < 0.3
    assert [NEAR.loc["sim-only", "echo"], FAR.loc["sim-only", "echo"]] == pytest.approx([0.148, 0.154], abs=5e-4)
    assert [NEAR.loc["Sim2Real", "echo"], FAR.loc["Sim2Real", "echo"]] == pytest.approx([0.130, 0.151], abs=5e-4)
    assert [NEAR.loc[name, "rmse"] for name in ("sim-only", "Sim2Real")] == pytest.approx([0.65, 0.65], abs=0.005)


def test_the_figures_alternative_text():
    echo = ROWS[ROWS["score"] == "echo"]
    of_networks = echo[~echo["method"].isin(["real-only"])]["mean"]
    assert 0.115 < of_networks.min() and of_networks.max() < 0.155
    assert echo[echo["method"] == "real-only"]["mean"].between(0.055, 0.09).all()
    means = TABLE[TABLE["method"] == "sim-only"].groupby("low_km")[["spread", "needed"]].mean()
    assert means["spread"].between(0.54, 0.61).all() and means["needed"].between(0.865, 1.005).all()
