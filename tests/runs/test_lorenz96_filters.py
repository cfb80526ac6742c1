"""What a cell of the grid of filters computes: same data for all, tuned elsewhere, the same again."""

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import letkf_grid
from sparseobs.runs import lorenz96_comparison as comparison
from sparseobs.runs import lorenz96_filters as filters
from sparseobs.runs.lorenz96 import stored_filter
from sparseobs.runs.results import read_result
from sparseobs.runs.settings import resolve


def smoke(**numbers):
    return resolve(comparison.PRESETS, "smoke", **numbers)


@pytest.fixture(scope="module")
def table():
    return filters.score_filters(smoke(n_cycles=60, burn_in=40))


def test_all_filters_find_the_truth_and_their_numbers_are_said(table):
    assert table["method"].tolist() == ["AmEnF", "LETKF", "LETKF, authors' tuning"]
    assert (table["rmse"] < 1.3).all() and not table["diverged"].any() and (table["cycles"] == 60).all()
    numbers = table.set_index("method")[["inflation", "radius", "rotation"]]
    assert numbers.loc["AmEnF"].isna().all()
    assert numbers.loc["LETKF, authors' tuning"].tolist() == [1.07, 4.0, 0.0]


def test_same_seed_same_table_other_seed_other_truth(table):
    again = filters.score_filters(smoke(n_cycles=60, burn_in=40))
    pd.testing.assert_frame_equal(again, table, check_exact=True)
    first, second = (comparison.twin_experiment(smoke(seed=seed), seed) for seed in (0, 1))
    assert (first.truth - second.truth).abs().max() > 1


def test_a_run_that_diverges_is_counted_not_averaged(monkeypatch):
    monkeypatch.setattr(filters, "tuned_settings", lambda *case: LETKFSettings(40.0, 4.0))
    row = filters.score_filters(smoke()).set_index("method").loc["LETKF"]
    assert row["diverged"] and pd.isna(row["rmse"]) and pd.isna(row["spread"])


def test_filter_is_chosen_by_its_noise():
    for noise in (1.0, 2.5):
        stored = stored_filter(noise)
        assert stored.recipe.obs_error_std == stored.network.config.obs_error_std == noise
    with pytest.raises(InputError, match=r"obs_error_std: given 1.7; expected a noise with a stored filter: 1, 2.5"):
        filters.score_filters(smoke(obs_error_std=1.7))


def test_an_ensemble_size_that_nobody_tuned_for():
    with pytest.raises(InputError, match=r"given \(1.0, 7\); expected a tuned pair: .*\(1, 10\)"):
        filters.score_filters(smoke(ensemble_size=7))


def test_authors_tunings_are_of_their_grid():
    assert set(filters.AUTHORS_TUNING.values()) <= set(letkf_grid())
    assert set(filters.AUTHORS_TUNING) == {(noise, members) for noise in (1.0, 2.5) for members in (5, 10, 15, 20, 30)}


def test_stored_grid():
    """Thirty cells, five seeds a case: no AmEnF and no LETKF of our tuning diverged; each case in its known order."""
    table, record = read_result("lorenz96_filters")
    cases = table.groupby(["method", "obs_error_std", "ensemble_size"])
    assert (cases["seed"].nunique() == 5).all() and len(table) == 3 * 2 * 3 * 5
    assert not table.loc[table["method"] != filters.BY_THE_AUTHORS, "diverged"].any()
    assert (table["diverged"] == table["rmse"].isna()).all()
    rmse = cases["rmse"].mean()
    assert rmse["AmEnF", 1.0, 5] < 0.8 * rmse["LETKF", 1.0, 5]
    assert rmse["AmEnF", 1.0, 10] == pytest.approx(rmse["LETKF", 1.0, 10], rel=0.05)
    assert rmse["LETKF", 1.0, 20] < 0.95 * rmse["AmEnF", 1.0, 20]
    for members in (5, 10, 20):
        assert rmse["AmEnF", 2.5, members] < rmse["LETKF", 2.5, members]
