"""The Lorenz-96 experiment: every fourth site, rotating, seen with noise every two steps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.dynamics.climate import climate
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError, require_number
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Observations, simulate
from sparseobs.randomness import seeded_weights, torch_stream

CHECKPOINT = CHECKPOINTS / "lorenz96.safetensors"
STORED_FILTERS = {1.0: CHECKPOINT, 2.5: CHECKPOINTS / "lorenz96_noise_2.5.safetensors"}  # by observation noise
CHECKPOINT_KIND = "amenf"
TRAINING_COMMAND = "python -m sparseobs lorenz96 train --output filter.safetensors"
SYSTEM = Lorenz96(n_sites=40, forcing=8.0)


@dataclass(frozen=True)
class FilterRecipe:
    """Everything that decides a trained filter.

    Args:
        filters: channels of the network.
        dropout: probability of dropping a channel.
        obs_error_std: standard deviation of the observation noise.
        stride: every how many sites is one observed; the pattern rotates.
        n_streams: independent trajectories observed for training.
        n_cycles: observation times on each.
        training: how to train.
    """

    filters: int = 48
    dropout: float = 0.1
    obs_error_std: float = 1.0
    stride: int = 4
    n_streams: int = 80
    n_cycles: int = 3000
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_number("n_streams", self.n_streams, least=1, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)


def training_observations(recipe: FilterRecipe) -> Observations:
    """Return the noisy observations to learn from; the truth behind them is dropped here."""
    experiment = simulate(
        SYSTEM,
        EveryKth(recipe.stride),
        n_cycles=recipe.n_cycles,
        batch=recipe.n_streams,
        obs_error_std=recipe.obs_error_std,
        seed=recipe.training.seed,
    )
    return experiment.observations.to(torch.float32)


def new_trainer(recipe: FilterRecipe) -> Trainer:
    """Return a training run that has not begun, its inputs scaled by the model's own climate."""
    scales = climate(SYSTEM, torch_stream(recipe.training.seed, "climate"))
    config = AmEnFConfig(
        filters=recipe.filters,
        dropout=recipe.dropout,
        climate_mean=scales.mean[0],
        climate_std=scales.standard_deviation[0],
        tendency_std=scales.tendency_standard_deviation[0],
        obs_error_std=recipe.obs_error_std,
    )
    with seeded_weights(recipe.training.seed):
        network = AmEnF(config)
    return Trainer(network, SYSTEM, training_observations(recipe), recipe.training)


def training_command(recipe: FilterRecipe) -> str:
    """Return what a reader types to train by `recipe`, as far as the command has options for it."""
    training = recipe.training
    options = {
        "--obs-error-std": (recipe.obs_error_std,),
        "--filters": (recipe.filters,),
        "--seed": (training.seed,),
        "--ensemble-size": (training.ensemble_size,),
        "--last-unroll": (training.last_unroll,),
        "--round": training.rounds,
    }
    return " ".join([TRAINING_COMMAND, *(f"{name} {value:g}" for name, each in options.items() for value in each)])


def train_checkpoint(recipe: FilterRecipe, path: Path, report: Callable[[Trainer], None] | None = None) -> AmEnF:
    """Train by `recipe`, resuming from `path`.progress if that exists, and write the filter to `path`."""
    progress = path.with_suffix(".progress")
    trainer = new_trainer(recipe)
    network = trainer.train(report=report, progress=progress, every=200)
    provenance = {"wall_seconds": round(trainer.seconds), "threads": torch.get_num_threads()}
    config = {"network": asdict(network.config), "recipe": asdict(recipe), "system": repr(SYSTEM), **provenance}
    save_checkpoint(path, CHECKPOINT_KIND, network.state_dict(), config)
    progress.unlink(missing_ok=True)
    return network


@dataclass(frozen=True)
class TrainedFilter:
    """A filter read from a checkpoint, the recipe it was trained by, and what that took."""

    network: AmEnF
    recipe: FilterRecipe
    minutes: float
    threads: int


def stored_filter(obs_error_std: float) -> TrainedFilter:
    """Return the stored filter that was trained for this observation noise.

    Raises:
        InputError: none was.
    """
    if obs_error_std not in STORED_FILTERS:
        known = ", ".join(f"{noise:g}" for noise in STORED_FILTERS)
        hint = f"{TRAINING_COMMAND} --obs-error-std {obs_error_std:g}"
        raise InputError("obs_error_std", obs_error_std, f"a noise with a stored filter: {known}", hint)
    return load_filter(STORED_FILTERS[obs_error_std])


def load_filter(path: Path = CHECKPOINT) -> TrainedFilter:
    """Return the filter stored at `path`.

    Raises:
        InputError: the file is missing, damaged, of another architecture or of another system.
    """
    weights, config = load_checkpoint(path, CHECKPOINT_KIND)
    if config["system"] != repr(SYSTEM):
        raise InputError("checkpoint", f"{path} for {config['system']}", repr(SYSTEM), "a filter trained on it")
    network = AmEnF(AmEnFConfig(**config["network"]))
    fill_module(network, weights, path)
    training = config["recipe"]["training"]
    training = TrainingConfig(**training | {"rounds": tuple(training["rounds"])})
    recipe = config["recipe"] | {"training": training}
    return TrainedFilter(network, FilterRecipe(**recipe), config["wall_seconds"] / 60, config["threads"])
