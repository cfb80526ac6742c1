"""Verdicts on the grid of stations by hours follow from its intervals."""

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.temperature import verdicts as summary

STATIONS, HOURS = (20, 100), (16, 80, 400)


def grid_table(gap, half=0.1) -> pd.DataFrame:
    """Return a table whose gaps are a function of the cell; intervals are `half` to either side."""
    rows = []
    for seed in (0, 1):
        for n_stations in STATIONS:
            for n_times in HOURS:
                for method in ("Sim2Real", "sim-only", "real-only"):
                    cell = {"seed": seed, "n_stations": n_stations, "n_times": n_times, "method": method}
                    middle = gap(**cell)
                    rows.append({**cell, "mae_gap": middle, "mae_low": middle - half, "mae_high": middle + half})
    return pd.DataFrame(rows)


def verdict_of(gaps, half) -> pd.Series:
    """Return the row of one cell and method whose seeds have these gaps."""
    found = summary.verdicts(grid_table(lambda seed, **_: gaps[seed], half), "mae")
    assert found["verdict"].nunique() == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("gaps", "half", "verdict"),
    [
        ((-0.3, -0.2), 0.1, summary.AHEAD),
        ((0.3, 0.2), 0.1, summary.BEHIND),
        ((-0.03, -0.02), 0.01, summary.AHEAD),  # however small
        ((-0.01, 0.02), 0.03, summary.EQUAL),
        ((-0.01, 0.02), 0.06, summary.OPEN),  # too wide to tell
        ((-0.9, 0.1), 0.1, summary.OPEN),  # the seeds disagree, though the interval lies below zero
        ((0.9, -0.1), 0.1, summary.OPEN),
        ((-0.2, -0.1), 0.2, summary.OPEN),
    ],
)
def test_a_verdict_needs_the_interval_and_every_seed(gaps, half, verdict):
    row = verdict_of(gaps, half)
    assert row["verdict"] == verdict and row["seeds"] == 2
    assert row["gap"] == pytest.approx(np.mean(gaps))
    assert [row["low"], row["high"]] == pytest.approx([np.mean(gaps) - half, np.mean(gaps) + half])


def test_the_better_baseline_is_chosen_cell_by_cell():
    def gap(method, n_times, seed, **_):
        of_real = -0.1 if n_times == 400 else -0.6
        return {"sim-only": -0.3 + 0.1 * seed, "real-only": of_real}.get(method, 0)

    better = summary.over_the_better(summary.verdicts(grid_table(gap), "mae")).set_index(summary.CELL)
    assert better["method"].unstack().loc[20].to_dict() == {16: "sim-only", 80: "sim-only", 400: "real-only"}
    assert better["gap"].unstack().loc[100].to_numpy() == pytest.approx([-0.25, -0.25, -0.1])


def test_cells_with_so_many_stations_are_pooled():
    found = summary.verdicts(grid_table(lambda n_stations, n_times, **_: n_stations + n_times / 8, half=0.5), "mae")
    row = summary.pooled(found).loc[("sim-only", 100)]
    assert row["gap"] == pytest.approx(100 + (2 + 10 + 50) / 3)
    assert [row["gap"] - row["low"], row["high"] - row["gap"]] == pytest.approx([0.5, 0.5])
