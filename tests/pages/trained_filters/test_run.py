"""A small AmEnF trained by given switches: every switch reaches the network, the scores are what they say."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnFConfig
from sparseobs.filtering.run import FilterRun
from sparseobs.runs.paired import paired_differences
from sparseobs.runs.settings import resolve
from sparseobs_book.trained_filters import run as trials

SMOKE = trials.PRESETS["smoke"]


@pytest.fixture(scope="module")
def experiment():
    return trials.held_out(SMOKE)


def run_of(experiment, error, spread=0.0):
    """Return a run whose two members lie `spread` below and above the truth plus `error`."""
    mean = experiment.truth + error
    members = torch.stack([mean - spread, mean + spread], dim=2).float()
    return FilterRun(mean, torch.full(mean.shape[:2], 2**0.5 * spread, dtype=mean.dtype), members)


def test_same_trial_same_row_other_seed_another():
    row = trials.score(SMOKE)
    pd.testing.assert_frame_equal(trials.score(SMOKE), row, check_exact=True)
    other = trials.score(replace(SMOKE, seed=1))
    assert other["rmse"].item() != row["rmse"].item() and other["final_loss"].item() != row["final_loss"].item()
    assert row[["rmse", "spread", "crps", "rmse_observed", "misfit", "forecast_rmse"]].gt(0).all(axis=None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"covariance_width": 0}, {"covariance_width": 0}),
        ({"memory_channels": 0}, {"memory_channels": 0}),
        ({"use_tendency": False}, {"use_tendency": False}),
        ({"use_gate": False}, {"use_gate": False}),
        ({"filling": "zeros"}, {"filling": "zeros"}),
        ({"dropout": 0.0}, {"dropout": 0.0}),
        ({"system": "kuramoto_sivashinsky"}, {"kernel": 7, "covariance_width": 5, "memory_channels": 4}),
    ],
)
def test_a_switch_reaches_the_network_and_the_row(change, expected):
    trial = replace(SMOKE, **change)
    config = trial.recipe.network
    assert {name: getattr(config, name) for name in expected} == expected
    usual = SMOKE.recipe.network
    changed = {one for one in vars(AmEnFConfig()) if getattr(config, one) != getattr(usual, one)}
    assert set(expected) - {"kernel"} <= changed and ("system" in change or changed == set(expected))
    assert {name: trial.switches[name] for name in change} == change


def test_training_switches_reach_the_training():
    trial = replace(SMOKE, unroll=3, ensemble_size=4, objective="likelihood", protocol="paper", n_training_steps=7)
    training = trial.recipe.training
    assert training.rounds == (7,) and training.ensemble_size == 4
    assert {training.unroll(iteration) for iteration in range(7)} == {3}
    assert (training.objective, training.protocol) == ("likelihood", "paper") and training.reads_truth


def test_scores_of_a_known_run(experiment):
    scores = trials.scores(run_of(experiment, error=0.5, spread=0.1), SMOKE, experiment)
    assert scores["rmse"] == pytest.approx(0.5) and scores["rmse_observed"] == pytest.approx(0.5)
    assert scores["spread"] == pytest.approx(2**0.5 * 0.1)
    # Both members are to the right of the truth: the mean distance less half the mean distance between members.
    assert scores["crps"] == pytest.approx(0.5 - 0.05, abs=1e-5)


def test_a_copy_of_the_observations_has_no_misfit_and_the_error_of_the_noise():
    trial = replace(SMOKE, stride=1, n_test_cycles=200, obs_error_std=0.7)
    experiment = trials.held_out(trial)
    copied = run_of(experiment, error=experiment.observations.values - experiment.truth)
    scores = trials.scores(copied, trial, experiment)
    assert scores["misfit"] == 0 and scores["rmse_observed"] == pytest.approx(0.7, rel=0.02)


def test_only_observed_sites_count_where_the_score_says_so(experiment):
    unseen = (~experiment.observations.mask[:, None, None]).double()
    scores = trials.scores(run_of(experiment, error=unseen), SMOKE, experiment)
    assert scores["rmse_observed"] == 0 and scores["rmse"] == pytest.approx(0.75**0.5)


def test_a_forecast_from_the_truth_is_the_truth(experiment):
    assert trials.scores(run_of(experiment, error=0.0), SMOKE, experiment)["forecast_rmse"] < 1e-4


def test_all_switches_of_a_seed_are_tested_on_the_same_truths(experiment):
    other = trials.held_out(replace(SMOKE, objective="analysis", dropout=0.0, unroll=2))
    assert torch.equal(other.truth, experiment.truth)
    assert torch.equal(other.observations.values, experiment.observations.values)
    assert not torch.equal(trials.held_out(replace(SMOKE, seed=1)).truth, experiment.truth)


def test_a_killed_training_is_taken_up_where_it_was(tmp_path):
    path = tmp_path / "training.safetensors"
    trainer = trials.new_trainer(SMOKE.recipe)
    with pytest.raises(KeyboardInterrupt):
        trainer.train(progress=path, every=2, report=interrupt)
    resumed, whole = (trials.new_trainer(SMOKE.recipe) for _ in range(2))
    resumed.train(progress=path)
    assert resumed.losses[:2] == trainer.losses and resumed.iteration == 4
    whole.train()
    for one, other in zip(resumed.average.parameters(), whole.average.parameters(), strict=True):
        assert torch.equal(one, other)


def interrupt(trainer):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"objective": "analyses"}, "objective: given 'analyses'.*Try objective='analysis'"),
        ({"covariance_width": 2}, "covariance_width: given 2; expected an odd width"),
        ({"test_ensemble_size": 1}, "test_ensemble_size: given 1"),
        ({"n_training_steps": 0}, "n_training_steps: given 0"),
        ({"filling": "zero"}, "Try filling='zeros'"),
        ({"dropout": 1.0}, "dropout: given 1.0"),
    ],
)
def test_bad_switches_are_refused_at_once(change, message):
    with pytest.raises(InputError, match=message):
        resolve(trials.PRESETS, "smoke", **change)


def test_presets_are_what_they_say():
    assert trials.PRESETS["paper"].recipe.network.filters == 64
    assert trials.PRESETS["paper"].recipe.training.last_unroll == 40


def test_paired_differences_leave_out_what_the_seeds_share():
    luck = {0: 0.0, 1: 5.0, 2: 10.0}
    worth = {"whole": (0.0, 0.0, 0.0), "cut": (1.0, 1.1, 0.9)}
    rows = [
        {"seed": seed, "variant": variant, "rmse": luck[seed] + worth[variant][seed]}
        for seed in luck
        for variant in worth
    ]
    found = paired_differences(pd.DataFrame(rows), "variant", "whole").iloc[0]
    assert found["variant"] == "cut" and found["n"] == 3
    assert found["difference"] == pytest.approx(1) and found["low"] == pytest.approx(
        1 - 4.3027 * 0.1 / 3**0.5, abs=1e-4
    )
    with pytest.raises(InputError, match="reference: given 'all'; expected one of cut, whole"):
        paired_differences(pd.DataFrame(rows), "variant", "all")
    alone = paired_differences(pd.DataFrame(rows[:2]), "variant", "whole").iloc[0]
    assert alone["difference"] == 1 and alone[["low", "high"]].isna().all()
    with pytest.raises(InputError, match="cut: no pair"):
        paired_differences(pd.DataFrame([rows[0], rows[3]]), "variant", "whole")
