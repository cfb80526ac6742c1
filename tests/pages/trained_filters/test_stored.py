"""Filters are trained by a recipe, kept with it, and read back as they were."""

import pytest
import torch

from sparseobs.checkpoints import load_checkpoint, save_checkpoint
from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import InputError
from sparseobs.filtering.objectives import OBJECTIVES
from sparseobs.filtering.training_config import OBJECTIVE_NAMES, SUPERVISED, TrainingConfig
from sparseobs_book.trained_filters.recipes import STANDARD, FilterRecipe, standard_recipe
from sparseobs_book.trained_filters.stored import load_filter, stored_filter
from sparseobs_book.trained_filters.training import train_checkpoint, validation_rmse

TINY = FilterRecipe(
    filters=4, n_streams=3, n_cycles=20, training=TrainingConfig(rounds=(3,), batch=2, first_unroll=2, last_unroll=2)
)


def test_names_told_without_torch_are_those_of_what_they_name():
    assert set(STANDARD) == set(SYSTEMS)
    assert set(OBJECTIVE_NAMES) == set(OBJECTIVES) and set(SUPERVISED) < set(OBJECTIVES)


def test_train_write_and_read_back(tmp_path):
    path = tmp_path / "filter.safetensors"
    network = train_checkpoint(TINY, path)
    stored = load_filter(path)
    assert stored.recipe == TINY
    for ours, theirs in zip(network.parameters(), stored.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["filter.safetensors"]


@pytest.mark.parametrize("change", [{"system": "Lorenz96(n_sites=80)"}, {"network": {"filters": 6}}])
def test_checkpoint_of_another_system_or_architecture(tmp_path, change):
    path = tmp_path / "filter.safetensors"
    train_checkpoint(TINY, path)
    weights, config = load_checkpoint(path, "amenf")
    save_checkpoint(path, "amenf", weights, config | change)
    with pytest.raises(InputError, match="checkpoint: given .* Try"):
        load_filter(path)


def test_a_filter_that_was_never_trained():
    with pytest.raises(InputError, match="given .lorenz96, noise 7.*Try python -m .* --obs-error-std 7"):
        stored_filter("lorenz96", 7.0)


def test_validation_tells_a_trained_filter_from_an_untrained_one():
    rmse = validation_rmse(standard_recipe("lorenz96"))
    trained = stored_filter("lorenz96", 1.0).network
    assert rmse(trained) == rmse(trained) < 1.1
    untrained = type(trained)(trained.config)
    assert not rmse(untrained) < 2
