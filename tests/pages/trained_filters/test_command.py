import shlex

import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.files import CHECKPOINTS
from sparseobs_book.trained_filters.command import recipe_of, train, train_smoother
from sparseobs_book.trained_filters.recipes import (
    smoother_recipe,
    standard_recipe,
    training_command,
    with_training,
)
from sparseobs_book.trained_filters.stored import load_filter
from sparseobs_book.trained_filters.tuning import tuned

STORED = sorted([*CHECKPOINTS.glob("*_noise_*.safetensors"), *CHECKPOINTS.glob("smoother_*.safetensors")])


def recipe_asked_for(command):
    *program, name = shlex.split(command)[:5]
    assert " ".join(program) == "python -m sparseobs filters"
    how, standard = {"train": (train, standard_recipe), "train-smoother": (train_smoother, smoother_recipe)}[name]
    given = how.make_context(name, shlex.split(command)[5:]).params
    for name in ("output", "device", "compiled", "tuned"):
        given.pop(name, None)
    return recipe_of(standard, given.pop("system"), given)


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_the_command_printed_for_a_stored_filter_asks_for_its_recipe(path):
    recipe = load_filter(path).recipe
    assert recipe_asked_for(training_command(recipe)) == recipe


def test_every_kind_of_number_can_be_asked_for():
    recipe = standard_recipe("kuramoto_sivashinsky", use_gate=False, filling="zeros", memory_channels=0, start_from=1.0)
    recipe = with_training(recipe, rounds=(5,), objective="likelihood", recompute=True, learning_rate=1e-4)
    assert recipe_asked_for(training_command(recipe)) == recipe


def test_every_kind_of_number_of_a_smoother_can_be_asked_for():
    sizes = {"sizes": (5, 10), "radii": (3.0, 5.5), "shifts": (0.4, 0.6)}
    others = {"inflations": (1.1, 1.05), "reductions": (0.6, 0.7), "sense": "backwards", "steps_per_cycle": 3}
    recipe = smoother_recipe("lorenz96", **sizes, **others, learn_localization=False, rotation=True, lags=(3, 5))
    recipe = with_training(recipe, other_sizes=(5, 20), largest_misfit=8.0, guarded=False)
    assert recipe_asked_for(training_command(recipe)) == recipe


def test_trains_from_the_command_line(tmp_path):
    output = tmp_path / "filter.safetensors"
    arguments = ["filters", "train", "--output", str(output), "--round", "1", "--filters", "4", "--n-cycles", "20"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert load_filter(output).network.config.filters == 4
    assert torch.isfinite(load_filter(output).network.lift.weight).all()


def test_trains_a_smoother_from_the_command_line(tmp_path):
    output = tmp_path / "any_name.safetensors"
    size = "--round 1 --filters 4 --n-cycles 20 --n-streams 2 --batch 2 --lag 1".split()
    done = CliRunner().invoke(
        main, ["filters", "train-smoother", "--output", str(output), *size], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    assert load_filter(output).network.config.lags == (1,)
    assert all(torch.isfinite(weights).all() for weights in load_filter(output).network.parameters())


def test_tuned_starts_are_of_the_sizes_asked_for(tmp_path):
    output = tmp_path / "any_name.safetensors"
    asked = "--tuned --size 10 --model-forcing 8.5 --round 1 --filters 4 --n-cycles 30 --n-streams 2 --batch 2"
    done = CliRunner().invoke(
        main, ["filters", "train-smoother", "--output", str(output), *asked.split()], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    best = tuned("lorenz96", "fixed-lag smoother", 1.0, 10, experiment="forcing_8.5")
    recipe = load_filter(output).recipe
    assert (recipe.sizes, recipe.lags, recipe.radii) == ((10,), (best.lag,), (best.radius,))


def test_reports_bad_input_without_a_traceback():
    result = CliRunner().invoke(main, ["filters", "train", "--system", "lorenz69"])
    assert result.exit_code == 2
    assert "system: given 'lorenz69'; expected one of" in " ".join(result.output.replace("│", " ").split())
