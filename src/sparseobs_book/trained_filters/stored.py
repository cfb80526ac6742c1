"""The filters that the package ships, read back with the recipe that they were trained by."""

from dataclasses import dataclass
from pathlib import Path

from sparseobs.checkpoints import load_checkpoint
from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import InputError, require_choice
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.saved import KINDS, network_of, with_tuples
from sparseobs.filtering.training_config import TrainingConfig
from sparseobs_book.trained_filters.recipes import (
    EXPERIMENTS,
    TRAINING_COMMAND,
    FilterRecipe,
    Recipe,
    SmootherRecipe,
    smoother_recipe,
    training_command,
)


@dataclass(frozen=True)
class TrainedFilter:
    """A filter read from a checkpoint, the recipe it was trained by, and what that took."""

    network: AmEnF | AmEnS
    recipe: Recipe
    minutes: float
    threads: int


def checkpoint_path(system: str, obs_error_std: float) -> Path:
    """Return where the filter of a system and noise is stored."""
    return CHECKPOINTS / f"{system}_noise_{obs_error_std:g}.safetensors"


def stored_filter(system: str, obs_error_std: float) -> TrainedFilter:
    """Return the stored filter that was trained for this system and observation noise.

    Raises:
        InputError: none was.
    """
    path = checkpoint_path(system, obs_error_std)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in CHECKPOINTS.glob("*_noise_*.safetensors"))) or "(none)"
        hint = f"{TRAINING_COMMAND} --system {system} --obs-error-std {obs_error_std:g}"
        given = f"{system}, noise {obs_error_std:g}"
        raise InputError("stored filter", given, f"one of {known}", hint)
    return load_filter(path, system)


def smoother_path(system: str, obs_error_std: float, experiment: str = "standard") -> Path:
    """Return where the smoother of a system, noise and experiment is stored."""
    which = "" if experiment == "standard" else f"_{experiment}"
    return CHECKPOINTS / f"smoother_{system}{which}_{obs_error_std:g}.safetensors"


def stored_smoother(system: str, obs_error_std: float, experiment: str = "standard") -> TrainedFilter:
    """Return the stored AmEnS that was trained for this system, observation noise and experiment.

    Raises:
        InputError: none was.
    """
    path = smoother_path(system, obs_error_std, experiment)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in CHECKPOINTS.glob("smoother_*.safetensors"))) or "(none)"
        observed = EXPERIMENTS[require_choice("experiment", experiment, EXPERIMENTS)]
        hint = training_command(smoother_recipe(system, obs_error_std=obs_error_std, **observed))
        raise InputError("stored smoother", path.stem, f"one of {known}", hint)
    return load_filter(path, system)


def load_filter(path: Path, system: str | None = None) -> TrainedFilter:
    """Return the filter stored at `path`.

    Args:
        path: a checkpoint.
        system: what it must have been trained for, if that is known.

    Raises:
        InputError: the file is missing, damaged, of another architecture or of another system.
    """
    weights, config = load_checkpoint(path, *KINDS.values())
    if "recipe" not in config:
        hint = "`load_filter` of sparseobs.filtering.saved"
        raise InputError(
            "checkpoint", f"{path} without a recipe", "a filter trained by one of the book's recipes", hint
        )
    kind = SmootherRecipe if "lags" in config["recipe"] else FilterRecipe
    made = with_tuples(config["recipe"])
    recipe = kind(**made | {"training": TrainingConfig(**with_tuples(made["training"]))})
    expected = repr(recipe.model if system in (None, recipe.system) else named_system(system))
    if config["system"] != expected:
        raise InputError("checkpoint", f"{path} for {config['system']}", expected, "a filter trained on it")
    return TrainedFilter(network_of(weights, config, path), recipe, config["wall_seconds"] / 60, config["threads"])
