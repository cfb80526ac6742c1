"""What the page on the grid of stations by hours says follows from its table."""

import numpy as np
import pandas as pd
import pytest

from sparseobs_book.adaptation_grid import summary as page

STATIONS, HOURS = (20, 100), (16, 80, 400)


def grid_table(error, gap=lambda **cell: -0.5) -> pd.DataFrame:
    """Return a table whose scores and gaps are functions of the cell; intervals are 0.1 to either side."""
    rows = []
    for seed in (0, 1):
        for n_stations in STATIONS:
            for n_times in HOURS:
                for method in ("Sim2Real", "sim-only", "real-only"):
                    cell = {"seed": seed, "n_stations": n_stations, "n_times": n_times, "method": method}
                    middle = gap(**cell)
                    bounds = {"mae_gap": middle, "mae_low": middle - 0.1, "mae_high": middle + 0.1}
                    rows.append({**cell, "mae": error(**cell), **bounds})
    return pd.DataFrame(rows)


def by_axes(n_stations, n_times, method, seed):
    """Return an error that falls by 2 for five times the stations, by 1 for five times the hours but in sim-only."""
    fives = np.log([n_stations / 20, n_times / 16]) / np.log(5)
    return 10 + 0.1 * seed - 2 * fives[0] - (method != "sim-only") * fives[1]


def test_a_step_changes_one_number_alone_whatever_the_seed():
    steps = page.returns(grid_table(by_axes), "mae").set_index(["more", "method", "start"]).sort_index()
    assert steps.loc[("stations", "sim-only", 20), ["change", "least", "greatest"]].tolist() == pytest.approx([-2] * 3)
    assert steps.loc[("hours", "Sim2Real", 80), "change"] == pytest.approx(-1)
    assert steps.loc["hours"].loc["sim-only", "change"].tolist() == [0, 0]
    assert steps.loc["stations", "cells"].unique().tolist() == [2 * len(HOURS)]
    assert steps.loc["hours", "cells"].unique().tolist() == [2 * len(STATIONS)]


def test_a_step_needs_both_of_its_ends():
    table = grid_table(by_axes)
    first = table[(table["n_times"] == 16) | (table["seed"] == 0)]
    steps = page.returns(first, "mae").set_index(["more", "method", "start"])
    assert steps.loc[("hours", "Sim2Real", 16), "cells"] == len(STATIONS)
    assert steps.loc[("stations", "Sim2Real", 20), "cells"] == len(HOURS) + 1


def test_methods_keep_the_order_of_the_table():
    methods = page.returns(grid_table(by_axes), "mae")["method"]
    assert list(dict.fromkeys(methods)) == ["Sim2Real", "sim-only", "real-only"]


def test_the_same_readings_stand_in_one_row():
    rows = page.same_readings(grid_table(by_axes), "mae", "Sim2Real")
    assert rows.index.tolist() == [20 * 80, 20 * 400] and rows.columns.tolist() == list(STATIONS)
    assert rows.loc[1600].tolist() == pytest.approx([9.05, 8.05])


def test_the_headline_counts_cells_and_no_seeds():
    def gap(method, n_times, seed, **_):
        return {"sim-only": -0.5, "real-only": 0.5 if n_times == 400 else -0.05}.get(method, 0)

    told = page.headline(grid_table(by_axes, gap))
    assert told.startswith("Of 6 cells, ")
    assert "less than *sim-only* in 6 and more in 0" in told
    assert "less than *real-only* in 0 and more in 2" in told


def test_cells_in_words_say_what_was_not_run():
    table = grid_table(by_axes, lambda seed, **_: -0.5 + 0.48 * seed)
    words = page.cells_in_words(table[table["n_stations"] + table["n_times"] != 36], "mae", "sim-only")
    assert words.loc[20, 16] == "not run" and words.loc[100, 16] == "-0.26 open"
