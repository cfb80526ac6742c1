import pytest

from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.runs.settings import resolve
from sparseobs_book.filter_comparison import live as page


def test_with_two_members_the_learned_filter_holds_and_letkf_is_lost(monkeypatch):
    monkeypatch.setattr(page, "tuned", lambda *case: LETKFSettings(1.0, 20.0))
    table = page.few_members(resolve(page.PRESETS, "smoke", n_repeats=1, n_cycles=30, burn_in=30), 2)
    rmse = table.set_index("method")["rmse"].fillna(9)
    assert rmse["AmEnF"] < 1.2 and rmse["LETKF"] > 2.5


def test_no_ensemble_of_one():
    with pytest.raises(InputError, match="n_members"):
        page.few_members(page.PRESETS["smoke"], 1)
