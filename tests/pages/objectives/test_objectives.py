"""What the page on objectives computes: the identity is learned, and a loss falls into its three parts."""

from dataclasses import replace

import pytest
import torch

from sparseobs.filtering.run import FilterRun
from sparseobs_book import objectives
from sparseobs_book.trained_filters import run as trials

SMOKE = objectives.PRESETS["smoke"]


def run_with_mean(mean):
    return FilterRun(mean, torch.zeros(mean.shape[:2]), torch.stack([mean, mean], dim=2).float())


@pytest.mark.parametrize("noise", [1.0, 2.0])
def test_loss_of_a_copy_is_error_plus_noise_less_twice_what_they_share(noise):
    trial = replace(SMOKE, obs_error_std=noise, n_test_cycles=400)
    experiment = trials.held_out(trial)
    terms = objectives.loss_terms(run_with_mean(experiment.observations.values), trial, experiment)
    analysis, forecast = (terms.set_index("judged").loc[name] for name in ("analysis", "forecast"))
    assert analysis["error"] == pytest.approx(1, rel=0.03) and analysis["shared"] == pytest.approx(-2, rel=0.03)
    assert analysis["loss"] == pytest.approx(0, abs=1e-9)
    # The next noise is independent of all before it.
    assert abs(forecast["shared"]) < 0.05 and forecast["error"] > 1
    assert forecast["loss"] == pytest.approx(forecast[["error", "noise", "shared"]].sum())


def test_only_observed_sites_enter_the_terms():
    trial = replace(SMOKE, stride=4)
    experiment = trials.held_out(trial)
    unseen = (~experiment.observations.mask[:, None, None]).double()
    terms = objectives.loss_terms(run_with_mean(experiment.truth + 100 * unseen), trial, experiment)
    assert terms.set_index("judged").loc["analysis", "error"] == 0


def test_training_by_the_analysis_objective_learns_the_identity():
    """In forty steps a tiny network moves from the climate almost to the observations it is given."""
    trial = replace(SMOKE, objective="analysis", n_training_steps=40, batch=4, n_streams=4, n_test_cycles=20)
    network, table = objectives.watched_training(trial, n_looks=2)
    assert table["step"].tolist() == [0, 20, 40] and (table["objective"] == "analysis").all()
    assert table["misfit"].iloc[-1] < 0.4 * table["misfit"].iloc[0]
    # What was learned is the place to begin with elsewhere.
    again = replace(trial, objective="forecast", n_training_steps=1)
    _, later = objectives.watched_training(again, n_looks=1, start=network)
    assert later["misfit"].iloc[0] == table["misfit"].iloc[-1]
