"""What is observed, and by whom it is filtered: the truth's own system, or a model that is not quite right."""

from dataclasses import replace

import pytest
import torch

from sparseobs.checkpoints import load_checkpoint, save_checkpoint
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.tuning import Rung
from sparseobs_book.filter_comparison.run import FilterComparison
from sparseobs_book.trained_filters import recipes
from sparseobs_book.trained_filters.experiments import observed
from sparseobs_book.trained_filters.finding import Finding
from sparseobs_book.trained_filters.stored import load_filter, stored_smoother
from sparseobs_book.trained_filters.training import new_trainer, train_checkpoint
from sparseobs_book.trained_filters.tuning import Case, Tuning, tuned, validation_errors


def test_the_truth_does_not_depend_on_the_filters_model():
    size = {"n_cycles": 5, "batch": 2, "seed": 3}
    right, wrong = (observed(recipes.standard_recipe("lorenz96", one), **size) for one in ("standard", "forcing_7.5"))
    assert torch.equal(right.truth, wrong.truth)
    assert torch.equal(right.observations.values, wrong.observations.values)


def test_a_network_learns_through_the_model_that_filters_have():
    wrong = recipes.smoother_recipe("lorenz96", model_forcing=7.5, n_streams=2, n_cycles=20)
    wrong = recipes.with_training(wrong, batch=2)
    right = new_trainer(replace(wrong, model_forcing=None))
    trainer = new_trainer(wrong)
    assert trainer.system == Lorenz96(forcing=7.5) and right.system == Lorenz96()
    assert torch.equal(trainer.values, right.values), "what is observed is the truth"
    assert trainer.bank.mean() < right.bank.mean(), "less forcing, a lower climate"
    assert trainer.network.config.climate_mean[0] < right.network.config.climate_mean[0]


def test_a_wrong_forcing_costs_a_filter_accuracy():
    settings, rung = FixedLagSettings(2, 4.0, 0.6, 1.1, 0.65), Rung(100, 1, 3)
    errors = {}
    for experiment in ("standard", "forcing_7.5", "forcing_8.5"):
        case = Case.of("lorenz96", "fixed-lag smoother", 1.0, 10, experiment)
        errors[experiment] = validation_errors(Tuning(60, (rung,)), case)([settings], rung).mean().item()
    assert errors["standard"] < 0.95 * min(errors["forcing_7.5"], errors["forcing_8.5"])


def test_a_checkpoint_and_a_command_keep_the_model(tmp_path):
    made = recipes.smoother_recipe("lorenz96", model_forcing=7.5, filters=4, n_streams=2, n_cycles=20)
    made = recipes.with_training(made, batch=2, rounds=(1,), warm_up=1)
    path = tmp_path / "smoother.safetensors"
    train_checkpoint(made, path)
    stored = load_filter(path, "lorenz96")
    assert stored.recipe == made and stored.recipe.model == Lorenz96(forcing=7.5)
    assert "--model-forcing 7.5" in recipes.training_command(stored.recipe)
    weights, config = load_checkpoint(path, "amens")
    save_checkpoint(path, "amens", weights, config | {"system": repr(Lorenz96())})
    with pytest.raises(InputError, match="checkpoint: given .*forcing=8.0.* expected .*forcing=7.5"):
        load_filter(path, "lorenz96")


def test_a_smoother_that_nobody_trained_comes_with_the_command_that_trains_it():
    with pytest.raises(InputError, match="Try .*train-smoother --system lorenz96 .* --model-forcing 8.5"):
        stored_smoother("lorenz96", 7.0, "forcing_8.5")
    with pytest.raises(InputError, match="experiment: given 'sideways'"):
        stored_smoother("lorenz96", 7.0, "sideways")


@pytest.mark.parametrize("system", ["kuramoto_sivashinsky", "vissio_lucarini"])
def test_an_unknown_pattern_is_told_as_such_where_there_is_no_forcing(system):
    with pytest.raises(InputError, match="experiment: given .*'stride': 7"):
        recipes.experiment_of(recipes.standard_recipe(system, stride=7))


@pytest.mark.parametrize("settings", [FilterComparison, Finding])
def test_no_comparison_of_a_forcing_that_a_system_has_not(settings):
    with pytest.raises(InputError, match="model_forcing"):
        settings(system="vissio_lucarini", experiment="forcing_7.5")


@pytest.mark.parametrize("experiment", recipes.EXPERIMENTS)
def test_an_experiment_is_known_by_what_it_observes(experiment):
    recipe = recipes.smoother_recipe("lorenz96", **recipes.EXPERIMENTS[experiment])
    assert recipes.experiment_of(recipe) == experiment


@pytest.mark.parametrize("numbers", [{"system": "vissio_lucarini", "model_forcing": 8.5}, {"model_forcing": "9"}])
def test_a_forcing_that_the_model_has_not(numbers):
    with pytest.raises(InputError, match="model_forcing"):
        recipes.Experiment(**numbers)


def test_every_experiment_of_the_long_runs_was_tuned():
    for experiment in set(recipes.EXPERIMENTS) - {"standard"}:
        assert tuned("lorenz96", "fixed-lag smoother", 1.0, 10, experiment=experiment).inflation >= 1
