"""What the page's prose quotes of the stored grid."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs_book.unknown_instrument.comparison import ALONE, BOTH, ENKF, ENKF_KNOWN, ENKF_REGRESSED


@pytest.fixture(scope="module")
def table():
    return read_result("unknown_instrument").table


def means(table, noise, channels=10):
    chosen = table.query("channel_error_std == @noise and n_channels == @channels")
    assert chosen["seed"].nunique() == 2
    return chosen.groupby("method")["rmse_known"].mean()


def test_a_regression_beats_the_network_on_a_good_linear_instrument(table):
    good = means(table, 0.3)
    assert good[[ALONE, BOTH, ENKF_REGRESSED, ENKF_KNOWN]].tolist() == pytest.approx([1.82, 1.33, 0.91, 0.32], abs=6e-3)
    assert good[ENKF] > good[ALONE]


def test_more_channels_help_more_with_either_seed(table):
    known = table.query("channel_error_std < 1").pivot(
        index=["n_channels", "seed"], columns="method", values="rmse_known"
    )
    gains = (known[ALONE] - known[BOTH]).unstack("seed")
    assert (gains > 0.4).all(axis=None) and (gains.loc[40] > gains.loc[10] + 0.3).all()


def test_what_a_useless_instrument_changes_is_small(table):
    poor = means(table, 30.0)
    assert poor[ALONE] - poor[BOTH] == pytest.approx(0.044, abs=5e-4)
    every = table.query("channel_error_std == 30")
    by_seed = every.pivot(index="seed", columns="method", values="rmse_known")
    assert (by_seed[BOTH] - by_seed[ALONE]).tolist() == pytest.approx([-0.04, -0.05], abs=6e-3)
    assert (by_seed[ENKF_KNOWN] - by_seed[ENKF]).tolist() == pytest.approx([0.09, -0.11], abs=3e-3)
    assert every[["rmse_known", "rmse_between"]].stack().between(1.7, 2.4).all()
