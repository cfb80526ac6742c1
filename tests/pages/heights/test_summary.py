"""What is said of the table follows from its intervals, for one seed as for two."""

import numpy as np
import pytest

from sparseobs_book.heights import summary
from sparseobs_book.heights.run import METHODS
from sparseobs_book.temperature.verdicts import AHEAD, EQUAL, FILM


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_predictions_stand_beside_what_was_found(heights_table, seeds):
    rows = summary.beside_predicted(heights_table(seeds))
    assert rows[["heights", "method"]].drop_duplicates().to_numpy().tolist() == [
        ["withheld", "sim-only"],
        ["given", "sim-only"],
        ["withheld", FILM],
    ]
    assert rows["n_times"].tolist() == [400, 10_000] * 3
    assert rows["holds"].tolist() == [True, True, True, True, False, False]
    mean = np.mean([1 + 0.1 * seed for seed in seeds])
    assert rows["gap"].tolist() == pytest.approx(list(np.repeat([-0.17, -0.01, -0.1], 2) * mean))
    assert (rows["low"] < rows["gap"]).all() and (rows["gap"] < rows["high"]).all()


def test_errors_are_those_with_the_most_hours_in_the_methods_order(heights_table):
    table = heights_table()
    table.loc[table["n_times"] == 400, "mae"] = 99.0
    errors = summary.errors(table)
    assert errors.index.tolist() == list(METHODS)
    assert [place for place, _ in errors.columns] == ["ordinary", "ordinary", "VALUE", "VALUE"]
    assert errors.loc["sim-only", ("ordinary", "withheld")] == pytest.approx(1 + 0.17 * 1.05)
    assert errors.to_numpy().max() < 99


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_verdicts_are_of_each_kind_of_place_and_way_with_heights(heights_table, seeds):
    found = summary.verdicts(heights_table(seeds), "mae").set_index(["method", *summary.CELL])
    assert found["seeds"].eq(len(seeds)).all() and len(found) == (len(METHODS) - 1) * 8
    assert found.loc[("sim-only", "ordinary", "withheld", 400), "verdict"] == AHEAD
    assert found.loc[("sim-only", "ordinary", "given", 400), "verdict"] == EQUAL
