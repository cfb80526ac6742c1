"""What the page says of the stored comparison."""

import pytest

from sparseobs.dynamics.catalogue import CLIMATES
from sparseobs.runs.results import read_result
from sparseobs_book.fit_a_trajectory.run import compared


@pytest.fixture(scope="module")
def rows():
    return compared(read_result("filter_comparison").table).set_index(["obs_error_std", "method", "ensemble_size"])


def test_the_numbers_of_the_first_paragraph(rows):
    assert round(rows.loc[(1, "4D-Var", 1), "rmse"], 2) == 1.02 and rows.loc[(1, "4D-Var", 1), "lost"] == 0
    assert round(rows.loc[(1, "LETKF", 5), "rmse"], 2) == 1.16 and round(rows.loc[(1, "LETKF", 20), "rmse"], 2) == 0.72


def test_what_is_to_be_seen_in_the_table(rows):
    for noise in (1, 2.5):
        few = rows.loc[[(noise, "iEnKS", 5), (noise, "iEnKS", 10)]]
        assert (few["lost"] == few["runs"]).all() and (few["rmse"] > CLIMATES["lorenz96"].standard_deviation[0]).all()
        for size in (10, 20):
            others = rows.loc[[(noise, "iEnKS", size), (noise, "4D-Var", 1)], "rmse"]
            assert rows.loc[(noise, "LETKF", size), "rmse"] < others.min()
    assert rows.loc[(1, "iEnKS", 20), "rmse"] < rows.loc[(1, "4D-Var", 1), "rmse"]
    assert rows.loc[(2.5, "iEnKS", 20), "rmse"] > rows.loc[(2.5, "4D-Var", 1), "rmse"]
    both = rows.loc[[(2.5, "iEnKS", 20), (2.5, "4D-Var", 1)]]
    assert (both["lost"] > both["runs"] / 2).all()
    assert set(rows["runs"]) == {5, 6}
