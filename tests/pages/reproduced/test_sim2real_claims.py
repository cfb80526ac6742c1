import numpy as np
import pandas as pd
import pytest

from sparseobs.runs.results import write_result
from sparseobs.scores.intervals import Interval
from sparseobs_book.adaptation_grid.summary import AHEAD
from sparseobs_book.reproduced import sim2real_aims, sim2real_judges
from sparseobs_book.reproduced.aims import MET, MISSED, NOT_RUN, beside
from sparseobs_book.reproduced.sim2real_aims import AIMS
from sparseobs_book.reproduced.sim2real_claims import CLAIMS, NOT_AHEAD
from sparseobs_book.reproduced.sim2real_judges import against, in_cells, in_range, lead, no_lead

BASELINES = ("sim-only", "real-only")


def splits(**leads):
    """Seven splits that differ far more than methods; Sim2Real's lead over each method, (MAE, NLL)."""
    rng = np.random.default_rng(0)
    luck, rows = rng.normal(0, 1, 7), []
    for method, ahead in {"Sim2Real": (0.0, 0.0), **leads}.items():
        for split, shift in enumerate(luck):
            mae, nll = (part + shift + 0.01 * rng.normal() for part in ahead)
            rows.append({"method": method, "split_seed": split, "seed": 0, "mae": mae, "nll": nll, "crps": mae, "n": 9})
    return pd.DataFrame(rows)


def test_the_lead_is_over_the_better_baseline_and_split_by_split():
    table = splits(**{"sim-only": (0.15, 0.7), "real-only": (0.9, 2.0)})
    ours, verdict = against(BASELINES, in_range, table)
    assert "MAE -0.15 [" in ours and "NLL -0.7" in ours and "real-only" not in ours
    assert verdict == "MAE: reproduced, NLL: reproduced"
    small = splits(**{"sim-only": (0.02, 3.0), "real-only": (0.9, 4.0)})
    assert against(BASELINES, in_range, small)[1] == "MAE: smaller here, NLL: larger here"


@pytest.mark.parametrize(
    "low, high, ahead, not_ahead",
    [(-2, -1, "holds", "does not hold"), (-1, 1, "open", "no gain seen"), (1, 2, "the opposite", "holds")],
)
def test_intervals_decide(low, high, ahead, not_ahead):
    gap = Interval((low + high) / 2, low, high, 7)
    assert (lead("mae", gap), no_lead("mae", gap)) == (ahead, not_ahead)
    assert in_range("mae", Interval(-0.15, -0.3, 0.0, 7)) == "open"


def test_the_best_of_the_others_is_the_rival():
    table = splits(IDW=(0.4, 0.4), **{"sim-only": (-0.5, -0.5), "ordinary kriging": (-0.3, -0.3)})
    ours, verdict = against(("IDW", "ordinary kriging", "not run"), lead, table)
    assert "MAE +0.3" in ours and ours.count("ordinary kriging") == 2
    assert verdict == "MAE: the opposite, NLL: the opposite"
    ours, verdict = sim2real_aims.lowest("mae", table)
    assert verdict == MISSED and "sim-only" in ours


def test_claims_of_the_grid_count_its_cells():
    cell = {"method": "sim-only", "n_stations": 20, "n_times": 16}
    ends = {"mae_gap": -0.2, "mae_low": -0.3, "mae_high": -0.1, "nll_gap": 0.0, "nll_low": -0.1, "nll_high": 0.1}
    far = {"n_times": 80, "mae_gap": 0.2, "mae_low": 0.1, "mae_high": 0.3}
    table = pd.DataFrame([cell | ends, cell | ends | far, cell | ends | {"method": "Sim2Real"}])
    ours, verdict = in_cells((AHEAD,), {"method": "sim-only"}, table)
    assert verdict == "holds, MAE: in 1 of 2, NLL: in 0 of 2" and "MAE +0.00 K" in ours
    last = {"method": "sim-only", "n_times": "most"}
    assert in_cells(NOT_AHEAD, last, table)[1] == "holds, MAE: in 1 of 1, NLL: in 1 of 1"
    assert in_cells((AHEAD,), {"method": "sim-only", "n_stations": 500}, table) == NOT_RUN


def rings(near, far):
    """Return a table of two rings and three seeds whose coverage and error are as given."""
    rows = [
        {"method": method, "seed": seed, "low_km": low, "high_km": low + 10.0, "coverage": value, "rmse": value}
        for method, shift in (("sim-only", 0.0), ("Sim2Real", 9.0))
        for seed in range(3)
        for low, value in ((0.0, near + shift + 0.001 * seed), (30.0, far + shift + 0.001 * seed))
    ]
    return pd.DataFrame(rows).assign(spread=1.0, needed=1.0, echo=0.0)


@pytest.mark.parametrize(
    "near, far, confidence, artefact",
    [
        (0.6, 0.7, "holds, at every distance", "not reproduced"),
        (0.6, 0.95, "holds near stations only", "not reproduced"),
        (0.95, 0.6, "does not hold", "reproduced"),
    ],
)
def test_signatures_are_looked_for_near_stations_and_far_from_them(near, far, confidence, artefact):
    assert sim2real_judges.overconfident(rings(near, far))[1] == confidence
    assert sim2real_judges.artefacts(rings(near, far))[1] == artefact


def answered_waves(after):
    """Return a table of three seeds whose waves come back from 40 km on before, from `after` km on afterwards."""
    rows = [
        {"seed": seed, "method": method, "wavelength": wave, "error": 0.1 if wave >= shortest + seed else 0.9}
        for seed in range(3)
        for method, shortest in (("sim-only", 40), ("Sim2Real", after))
        for wave in np.arange(2.0, 100.0, 0.5)
    ]
    return pd.DataFrame(rows).assign(part="fine", context="stations", n_tasks=np.nan)


@pytest.mark.parametrize("after, verdict", [(7, "reproduced"), (20, "shorter, by less"), (40, "not reproduced")])
def test_the_smallest_scale_is_held_against_the_published_factor(after, verdict):
    ours, found = sim2real_judges.shortest_scale(answered_waves(after))
    assert found == verdict and f"{after + 1} km after" in ours
    assert sim2real_judges.shortest_scale(answered_waves(after).assign(part="line")) == NOT_RUN
    assert sim2real_judges.shortest_scale(answered_waves(1000))[1] == "open", "nothing comes back"


@pytest.mark.parametrize("error, verdict", [(0.5, "helps more"), (0.9, "helps less"), (0.8, "open")])
def test_open_questions_are_told_beside_the_reference(error, verdict):
    rows = [
        {"case": case, "shown": shown, "seed": seed, "method": method, "mae": mae * (1 + seed) + 0.01 * (seed == 1)}
        for case, shown, tuned in (("dispersed", "dispersed", 0.8), ("clustered", "clustered", error))
        for seed in range(4)
        for method, mae in (("sim-only", 1.0), ("Sim2Real", tuned))
    ]
    rows += [rows[0] | {"case": "clustered", "shown": "dispersed"}]
    ours, found = sim2real_judges.in_case("clustered", pd.DataFrame(rows))
    assert found == verdict and "20 [" in ours


def test_speed_and_memory_are_held_against_the_peer():
    rows = [("deepsensor", 1.0, 400.0), ("ours", 1.35, 300.0), ("ours, its own grid", 2.0, 200.0)]
    table = pd.DataFrame(rows, columns=["contestant", "times_as_fast", "memory_mb"]).assign(job="predict")
    assert sim2real_aims.as_fast("predict", 1.3, table)[1] == sim2real_aims.as_small("predict", table)[1] == MET
    assert sim2real_aims.as_fast("predict", 3.0, table) == (
        "1.35 times; 2.00 on the grid that this package would choose",
        MISSED,
    )


def test_a_lead_within_the_luck_of_the_splits_is_no_clear_one():
    table = splits(IDW=(0.001, 5.0))
    assert sim2real_aims.lowest("mae", table)[1] == "met in the mean only"
    assert sim2real_aims.lowest("nll", table)[1] == MET


@pytest.mark.parametrize("rmse, bias, verdict", [(0.67, 0.01, MET), (0.7, 0.0, MISSED), (0.66, 0.05, MISSED)])
def test_daily_means_are_as_measured(rmse, bias, verdict):
    rows = [
        {"method": "IDW", "rmse": 9, "bias": 9, "n": 1},
        {"method": "reanalysis", "rmse": rmse, "bias": bias, "n": 9},
    ]
    assert sim2real_aims.as_measured(pd.DataFrame(rows))[1] == verdict


def test_the_twin_stands_beside_reality():
    rows = [("ERA5 at ten MIDAS stations", 0.66), ("twin, stations below 200 m", 0.59), ("twin, all stations", 0.9)]
    table = pd.DataFrame(rows, columns=["source", "value"]).assign(quantity="daily error")
    assert sim2real_aims.like_reality(table)[0] == "0.59 K in the twin, 0.66 K of ERA5"


def test_what_was_not_run_keeps_its_row(tmp_path):
    found = beside(CLAIMS, tmp_path)
    assert len(found) == len(CLAIMS) and set(found.loc[found["tables"] != "", "verdict"]) == {NOT_RUN[1]}
    assert set(beside(AIMS, tmp_path)["verdict"]) == {NOT_RUN[1]}
    others = {name: (0.1, 0.1) for name in ("sim-only", "real-only", "Sim2Real (FiLM)")}
    write_result("uk_ireland", splits(**others), {}, tmp_path)
    answered = beside(CLAIMS, tmp_path).query("verdict != @NOT_RUN[1]")
    assert set(answered["tables"]) == {"", "uk_ireland"}


def test_every_stored_table_is_understood():
    assert len(beside(CLAIMS)) == len(CLAIMS) and len(beside(AIMS)) == len(AIMS)
    assert beside(CLAIMS).iloc[0]["ours"] == "3,808,920, of them 3,284 FiLM's"
    assert not beside(CLAIMS).isna().any(axis=None) and not beside(AIMS).isna().any(axis=None)
