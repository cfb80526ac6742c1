"""What the page says of its stored table."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.failure_signatures import run as failures
from sparseobs_book.temperature.exam import JUDGED, exam_table, passes

PAGE = "failure_signatures"
TABLE = read_result(failures.RESULT).table
ROWS = failures.ring_intervals(TABLE)
NEAR = ROWS[ROWS["low_km"] == 0].pivot(index="method", columns="score", values="mean")


def test_the_table_is_whole():
    methods = {*failures.ADAPTED, failures.WIDENED}
    assert set(TABLE["method"]) == methods and TABLE.groupby("method")["seed"].nunique().min() >= 2
    assert not TABLE.isna().any().any()


def test_its_pre_training_passes_the_exam(unsaid):
    table = exam_table(*failures.prepare_one("lesson", 0), JUDGED)
    mae = table.pivot(index="method", columns="n_shown", values="mae")
    network, kriging = (
        "{:.2f}, {:.2f} and {:.2f} K".format(*mae.loc[name]) for name in ("sim-only", "ordinary kriging")
    )
    assert passes(table)
    assert not unsaid(PAGE, f"it errs by {network}, ordinary kriging by {kriging}")


def test_sim_only_is_overconfident_at_every_distance(unsaid):
    table = TABLE[TABLE["method"] == "sim-only"]
    assert (table["spread"] < table["needed"]).all()
    covered = table.groupby("low_km")["coverage"].mean()
    assert covered[20.0] == pytest.approx(covered.min(), abs=5e-3)
    assert not unsaid(
        PAGE,
        f"holds {covered[0]:.0%} of the thermometers within 4 km".replace("%", " %"),
        f"At 20 to 25 km it holds {covered[20]:.0%}, from 30 km on {covered[30]:.0%}.".replace("%", " %"),
        f"sim-only says {NEAR.loc['sim-only', 'spread']:.2f} K, where {NEAR.loc['sim-only', 'needed']:.2f} K would fit",
    )


def test_what_is_covered_in_the_nearest_ring(unsaid):
    covered = NEAR["coverage"]
    assert not unsaid(
        PAGE,
        f"sim-only covers {covered['sim-only']:.2f}, real-only {covered['real-only']:.2f}",
        f"FiLM {covered['Sim2Real (FiLM)']:.2f}, Sim2Real {covered['Sim2Real']:.2f}",
        f"added to its variance {covered[failures.WIDENED]:.2f}.",
        f"the map's own error, {NEAR.loc['sim-only', 'rmse']:.2f} K",
    )
    means = ROWS[ROWS["score"] == "coverage"].groupby("method")["mean"]
    assert round((means.max() - means.min()).max(), 2) == 0.04
    std = TwinSettings()
    assert f"{(std.siting**2 + std.turbulence**2 + std.obs_error_std**2) ** 0.5:.2f}" == "0.35"


def test_widening_leaves_the_echo_and_adapting_lowers_it(unsaid):
    echo = ROWS[ROWS["score"] == "echo"].pivot(index="low_km", columns="method", values="mean")
    assert echo["sim-only"].to_numpy() == pytest.approx(echo[failures.WIDENED].to_numpy())
    near, far = echo.iloc[0], echo.iloc[-1]
    assert not unsaid(
        PAGE,
        f"it is {near['sim-only']:.3f} in the nearest ring and {far['sim-only']:.3f} in the farthest",
        f"for Sim2Real {near['Sim2Real']:.3f} and {far['Sim2Real']:.3f}",
        f"from {near['sim-only']:.3f} to {near['Sim2Real']:.3f}. The mean's error stays: "
        f"{NEAR.loc['sim-only', 'rmse']:.2f} K there before, {NEAR.loc['Sim2Real', 'rmse']:.2f} K after",
    )
    before, after = (TABLE[(TABLE["method"] == name) & (TABLE["low_km"] == 0)] for name in ("sim-only", "Sim2Real"))
    lost = repeat_interval(after.set_index("seed")["rmse"] - before.set_index("seed")["rmse"])
    assert lost.low < 0 < lost.high


def test_the_figures_alternative_text():
    echo = ROWS[ROWS["score"] == "echo"].pivot(index="low_km", columns="method", values="mean")
    assert echo["sim-only"].between(0.195, 0.215).all() and echo["real-only"].between(0.075, 0.085).all()
    assert echo[["Sim2Real", "Sim2Real (FiLM)"]].stack().between(0.165, 0.185).all()
    means = TABLE.groupby(["method", "low_km"])[["spread", "needed"]].mean()
    alone, wide, adapted = (means.loc[name] for name in ("sim-only", failures.WIDENED, "Sim2Real"))
    assert alone["spread"].between(0.37, 0.49).all() and alone["needed"].between(1.065, 1.385).all()
    assert wide["spread"].between(1.35, 1.45).all()
    above = (adapted["spread"] - adapted["needed"]).to_numpy()
    assert above[0] > 0 > above[-1] and abs(above).max() < 0.2
    covered = ROWS[ROWS["score"] == "coverage"].pivot(index="low_km", columns="method", values="mean")
    assert covered["sim-only"].between(0.505, 0.555).all()
    assert covered.drop(columns="sim-only").stack().between(0.825, 0.965).all()
