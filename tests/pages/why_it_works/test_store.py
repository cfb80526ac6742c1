"""The stored table of the loss's parts."""

from dataclasses import replace

import pandas as pd
import pytest

from sparseobs_book.why_it_works.run import PRESETS
from sparseobs_book.why_it_works.store import INFLUENCE, measure, summary
from sparseobs_book.why_it_works.terms import TERMS


@pytest.fixture(scope="module")
def table():
    return pd.concat([measure(replace(PRESETS["smoke"], seed=seed)) for seed in range(2)])


def test_every_part_has_its_row_and_they_add_up(table):
    assert list(table.columns) == ["repeat", "obs_error_std", "estimate", "term", "value"]
    for (_, estimate), rows in table.groupby(["repeat", "estimate"]):
        values = rows.set_index("term")["value"]
        assert set(values.index) == set(TERMS) | ({INFLUENCE} if estimate == "analysis" else set())
        assert values[list(TERMS[:3])].sum() == pytest.approx(values[TERMS[3]])


def test_repeats_have_truths_of_their_own(table):
    errors = table[table["term"] == "true squared error"].groupby("estimate")["value"]
    assert (errors.nunique() == 2).all()


def test_summary_is_the_mean_over_repeats_at_one_noise(table):
    other = table.assign(obs_error_std=2.5, value=100.0)
    found = summary(pd.concat([table, other]), 1.0)
    assert list(found["term"]) == list(TERMS) * 2
    expected = table[(table["estimate"] == "forecast") & (table["term"] == TERMS[0])]["value"]
    assert found["mean"].iloc[0] == pytest.approx(expected.mean())
    assert (found["low"] < found["mean"]).all()
