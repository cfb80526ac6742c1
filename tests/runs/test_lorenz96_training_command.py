"""The command that a page prints for a stored filter asks for that filter's recipe."""

import shlex

import pytest

from sparseobs.filtering.training import TrainingConfig
from sparseobs.runs.lorenz96 import STORED_FILTERS, FilterRecipe, stored_filter, training_command
from sparseobs.runs.lorenz96_cli import train


@pytest.mark.parametrize("noise", STORED_FILTERS)
def test_printed_command_asks_for_the_stored_recipe(noise):
    recipe = stored_filter(noise).recipe
    program, options = training_command(recipe).split(" train ")
    assert program == "python -m sparseobs lorenz96"
    given = train.make_context("train", shlex.split(options)).params
    given.pop("output")
    network = {name: given.pop(name) for name in ("obs_error_std", "filters")}
    assert FilterRecipe(**network, training=TrainingConfig(**given)) == recipe
