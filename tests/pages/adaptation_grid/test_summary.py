"""Verdicts on the grid of stations by hours follow from its intervals."""

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.adaptation_grid import summary

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


def test_cells_are_counted_and_no_seeds():
    def gap(method, n_times, **_):
        return {"sim-only": -0.5, "real-only": 0.5 if n_times == 400 else -0.05}.get(method, 0)

    found = summary.verdicts(grid_table(gap), "mae")
    assert "Sim2Real" not in set(found["method"])
    counted = summary.counts(found)
    assert counted.loc["sim-only", list(summary.VERDICTS)].tolist() == [6, 0, 0, 0]
    assert counted.loc["real-only", list(summary.VERDICTS)].tolist() == [0, 0, 2, 4]
    assert counted.loc["real-only", "gap"] == pytest.approx((4 * -0.05 + 2 * 0.5) / 6)
    by_hours = summary.counts(found[found["method"] == "real-only"], "n_times")
    assert by_hours["behind"].to_dict() == {16: 0, 80: 0, 400: 2}


def test_cells_of_the_longer_grid_are_told_by_their_length():
    longer = pd.concat(
        grid_table(lambda **_: -0.5).query("n_times == 16").drop(columns="n_times").assign(lengthening=factor)
        for factor in (1, 3)
    )
    found = summary.verdicts(longer, "mae")
    assert len(found) == 2 * len(STATIONS) * 2 and set(found["lengthening"]) == {1, 3}
