"""What the pages on one system run: both filters on the same truths, and a world that is not the model."""

import math
from dataclasses import replace

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs_book.trained_filters.beside_letkf import SystemPage, presets, run_filters, score, test_data
from sparseobs_book.trained_filters.series import Series

test_data.__test__ = False  # it is none
LETKF = LETKFSettings(1.1, 2.0, rotation=True)
PAGE = replace(presets("vissio_lucarini", LETKF)["smoke"], n_cycles=20, burn_in=50)


def test_both_filters_find_the_truth_and_are_scored():
    experiment = test_data(PAGE)
    table = score(PAGE, run_filters(PAGE, experiment), experiment)
    assert table.index.tolist() == ["AmEnF", "LETKF"]
    assert (table["low"] < table["rmse"]).all() and (table["rmse"] < table["high"]).all()
    assert table["rmse"].between(0.4, 1.3).all() and (table["crps"] < table["rmse"]).all()
    assert (table["lost"] == 0).all()


def test_the_world_may_differ_from_the_model():
    alike, warmer = test_data(PAGE), test_data(PAGE, replace(PAGE.model, heating=14.0))
    assert not torch.equal(alike.truth, warmer.truth)
    rmse = [score(PAGE, run_filters(PAGE, one), one)["rmse"] for one in (alike, warmer)]
    assert (rmse[1] > rmse[0]).all()


def test_a_filter_trained_for_another_noise_errs_more():
    noisy = replace(PAGE, obs_error_std=2.5)
    experiment = test_data(noisy)
    right, wrong = (score(noisy, run_filters(noisy, experiment, noise), experiment) for noise in (2.5, 1.0))
    assert right.loc["AmEnF", "rmse"] < wrong.loc["AmEnF", "rmse"]
    assert right.loc["LETKF"].equals(wrong.loc["LETKF"]), "it is told the noise as a number"


def test_truths_that_are_lost_are_counted_and_infinite_ones_have_no_score():
    experiment = test_data(PAGE)
    analysis = experiment.truth + 0.1
    analysis[:, 0] = math.nan
    table = score(PAGE, {"AmEnF": Series.of_analyses(analysis, analysis[..., 0, 0])}, experiment)
    assert table.loc["AmEnF", "lost"] == 1 and table.loc["AmEnF", "rmse"] == pytest.approx(0.1)
    assert math.isnan(table.loc["AmEnF", "low"])


@pytest.mark.parametrize("numbers", [{"system": "lorenz63"}, {"n_truths": 1}, {"n_cycles": 3}, {"seed": -1}])
def test_bad_settings(numbers):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        SystemPage(**{"system": "vissio_lucarini", "letkf": LETKF} | numbers)


def test_one_filter_alone_runs_as_it_does_beside_the_other():
    experiment = test_data(PAGE)
    (alone,) = run_filters(PAGE, experiment, methods=["LETKF"]).items()
    assert alone[0] == "LETKF"
    assert torch.equal(alone[1].analysis, run_filters(PAGE, experiment)["LETKF"].analysis)
