"""What the page's prose quotes of the stored table."""

import pytest

from sparseobs.runs.paired import paired_differences
from sparseobs.runs.results import read_result
from sparseobs_book.ingredients.run import OLD_VARIANTS, named_variants
from sparseobs_book.trained_filters.ablation import ALL_ON


@pytest.fixture(scope="module")
def stored():
    return named_variants(read_result("ingredients").table)


def compared(stored, score):
    return paired_differences(stored, "variant", ALL_ON, score).set_index("variant")


def without_zero(table):
    return [name for name, row in table.iterrows() if row["low"] > 0 or row["high"] < 0]


def test_by_rmse_three_seeds_cannot_tell(stored):
    table = compared(stored, "rmse")
    assert list(table.index) == list(OLD_VARIANTS) and (table["n"] == 3).all()
    assert without_zero(table) == [] and table["difference"].abs().idxmax() == "filled with zeros"
    assert table.loc["filled with zeros", "difference"] == pytest.approx(0.085, abs=5e-4)  # on `sparse_world` too
    half = (table["high"] - table["low"]) / 2
    assert [half.min(), half.max()] == pytest.approx([0.15, 0.41], abs=0.006)


def test_by_crps_two_ingredients_help(stored):
    table = compared(stored, "crps")
    assert without_zero(table) == ["filled with zeros", "no dropout"]
    numbers = table[["difference", "low", "high"]]
    assert numbers.loc["filled with zeros"].tolist() == pytest.approx([0.099, 0.056, 0.142], abs=5e-4)
    assert numbers.loc["no dropout"].tolist() == pytest.approx([0.213, 0.052, 0.375], abs=6e-4)


def test_what_the_amens_needs_is_what_the_page_says():
    table = compared(read_result("smoother_ingredients").table, "rmse")
    assert (table["n"] == 10).all()
    hardly = ["no memory", "no tendency", "no covariance"]
    assert [name for name in table.index if name not in without_zero(table)] == hardly
    assert table.loc[hardly, ["low", "high"]].abs().max(axis=None) < 0.02
    needed = table.drop(hardly)["difference"].sort_values(ascending=False)
    assert list(needed.index) == ["no start", "no lag", "untrained start", "no inflation", "no correction"]
    assert needed.round(3).tolist()[1:] == [0.143, 0.056, 0.045, 0.030]
