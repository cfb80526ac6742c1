"""What the page's prose quotes of the stored table of trainings from nothing."""

import pytest

from sparseobs.runs.results import read_result


def test_without_dropout_the_smallest_error_and_the_worst_crps():
    table = read_result("ensembles").table
    assert table["seed"].nunique() == 2
    by_mean = table.query("objective == 'forecast'").groupby("dropout")[["rmse", "spread", "crps"]].mean()
    assert by_mean["rmse"].is_monotonic_increasing and by_mean["rmse"][0.0] == pytest.approx(1.14, abs=0.005)
    assert by_mean["crps"].tolist() == pytest.approx([0.89, 0.78, 0.81], abs=0.005)
    assert table.query("objective == 'forecast' and dropout == 0")["spread"].max() < 1e-3


def test_the_likelihood_finds_no_truth_from_nothing():
    means = read_result("ensembles").table.query("objective == 'likelihood'").groupby("dropout").mean(numeric_only=True)
    assert means["rmse"].between(3.65, 4.0).all()  # the climate's standard deviation is 3.64
    assert (means["spread"] < 0.6 * means["rmse"]).all()
