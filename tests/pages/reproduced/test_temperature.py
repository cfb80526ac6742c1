import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs_book.reproduced import NOT_REPRODUCED, REPRODUCED, WRONG_REGIME
from sparseobs_book.reproduced.temperature import (
    COMPARISONS,
    UNITS,
    Comparison,
    Shown,
    compared,
    difference,
    other_claims,
)


def splits(repeat="split_seed", **leads):
    """Seven repeats that differ far more than methods do; Sim2Real's lead over each method in MAE."""
    rng = np.random.default_rng(0)
    luck = rng.normal(0, 1, 7)
    rows = [
        {"method": method, repeat: number, "mae": ahead + shift + 0.01 * rng.normal()}
        for method, ahead in {"Sim2Real": 0.0, **leads}.items()
        for number, shift in enumerate(luck)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("repeat", ["split_seed", "seed"])
def test_the_lead_is_over_the_better_of_the_others_and_repeat_by_repeat(repeat):
    table = splits(repeat, **{"sim-only": 0.15, "real-only": 0.9, "IDW": -3.0})
    gap = difference(Comparison("a", "t", {}, ("sim-only", "real-only")), "mae", table)
    assert gap.mean == pytest.approx(-0.15, abs=0.02) and gap.high < -0.12 and gap.n == 7


def test_trainings_of_one_split_are_one_repeat():
    table = splits(**{"sim-only": 0.15})
    twice = pd.concat([table.assign(seed=seed) for seed in (0, 1)])
    gap = difference(Comparison("a", "t", {}, ("sim-only",)), "mae", twice)
    assert gap == difference(Comparison("a", "t", {}, ("sim-only",)), "mae", table)


def test_only_the_rows_meant_count():
    near, far = splits("seed", **{"sim-only": 0.1}), splits("seed", **{"sim-only": -0.4})
    table = pd.concat([near.assign(n_stations=20), far.assign(n_stations=500)])
    gap = difference(Comparison("a", "t", {"n_stations": 20}, ("sim-only",)), "mae", table)
    assert gap.high < 0


def test_every_comparison_is_judged_by_its_interval_and_none_outside_the_papers_regime():
    rows = compared()
    assert len(rows) == len(COMPARISONS) * len(UNITS) and not rows.isna().any(axis=None)
    regime = {each.name: each.papers_regime for each in COMPARISONS}
    for row in rows.itertuples():
        holds = (row.high < 0) == (row.paper == "ahead")
        expected = (REPRODUCED if holds else NOT_REPRODUCED) if regime[row.name] else WRONG_REGIME
        assert row.verdict == expected, row.name


def test_twenty_stations_in_ireland_do_not_test_a_claim_about_more():
    rows = compared().set_index(["name", "score"])
    assert rows.loc[("Ireland: best baseline", "mae"), "verdict"] == WRONG_REGIME
    assert rows.loc[("Ireland: sim-only", "mae"), "verdict"] == REPRODUCED


def test_the_other_claims_are_answered_by_stored_tables():
    rows = other_claims().set_index("claim")
    assert rows.loc["3.8 million parameters", "ours"] == "3,808,920"
    assert rows["verdict"].value_counts().to_dict() == {REPRODUCED: 4, NOT_REPRODUCED: 2, WRONG_REGIME: 2}


def test_one_score_is_shown():
    rows = compared()
    assert set(Shown("nll").of(rows)["score"]) == {"nll"} and len(Shown().of(rows)) == len(rows)
    with pytest.raises(InputError, match="Try score='mae'"):
        Shown("mse")
