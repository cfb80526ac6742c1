"""What the page's prose quotes of the stored table."""

import pytest

from sparseobs.runs.paired import paired_differences
from sparseobs.runs.results import read_result
from sparseobs_book.ingredients import ALL_ON, VARIANTS, named_variants


@pytest.fixture(scope="module")
def stored():
    return named_variants(read_result("ingredients").table)


def compared(stored, score):
    return paired_differences(stored, "variant", ALL_ON, score).set_index("variant")


def without_zero(table):
    return [name for name, row in table.iterrows() if row["low"] > 0 or row["high"] < 0]


def test_by_rmse_three_seeds_cannot_tell(stored):
    table = compared(stored, "rmse")
    assert list(table.index) == list(VARIANTS) and (table["n"] == 3).all()
    assert without_zero(table) == [] and (table["difference"] < 0).sum() == 4
    assert table["difference"].between(-0.085, 0.09).all()
    assert table.loc["filled with zeros", "difference"] == pytest.approx(0.085, abs=5e-4)  # on `sparse_world` too
    half = (table["high"] - table["low"]) / 2
    assert [half.min(), half.max()] == pytest.approx([0.15, 0.41], abs=0.006)
    assert stored.groupby("variant")["rmse"].mean().between(1.4, 1.6).all()


def test_by_crps_two_ingredients_help(stored):
    table = compared(stored, "crps")
    assert without_zero(table) == ["filled with zeros", "no dropout"]
    numbers = table[["difference", "low", "high"]]
    assert numbers.loc["filled with zeros"].tolist() == pytest.approx([0.099, 0.056, 0.142], abs=5e-4)
    assert numbers.loc["no dropout"].tolist() == pytest.approx([0.213, 0.052, 0.375], abs=6e-4)


def test_by_the_other_scores_only_the_spread_tells(stored):
    assert without_zero(compared(stored, "spread")) == ["no dropout"]
    for score in ("forecast_rmse", "final_loss"):
        assert without_zero(compared(stored, score)) == []
    spread = stored.groupby("variant")["spread"].mean()
    assert spread[["no dropout", ALL_ON]].tolist() == pytest.approx([0.003, 0.63], abs=6e-4)


def test_where_pairing_helped(stored):
    """The yardstick of a paired standard deviation is the unpaired one, not that of a single score."""
    scores = stored.pivot(index="seed", columns="variant", values="rmse")
    paired = scores.sub(scores[ALL_ON], axis=0).std()
    unpaired = (scores.var() + scores[ALL_ON].var()) ** 0.5
    helped = {"no dropout": (0.064, 0.212), "no memory": (0.095, 0.176), "filled with zeros": (0.060, 0.153)}
    for name, numbers in helped.items():
        assert [paired[name], unpaired[name]] == pytest.approx(numbers, abs=6e-4)
    for name in ("no covariance", "no gate"):
        assert 0.8 < paired[name] / unpaired[name] < 1
    assert [paired["no tendency"], unpaired["no tendency"]] == pytest.approx([0.164, 0.138], abs=6e-4)
