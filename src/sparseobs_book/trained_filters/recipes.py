"""Trained filters: each system's standard experiment, recipes, training into checkpoints, and the stored ones."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

import torch

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.dynamics.catalogue import CLIMATES, named_system
from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.run import assimilate
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import seeded_weights, torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean

CHECKPOINT_KIND = "amenf"
TRAINING_COMMAND = "python -m sparseobs filters train"
# Streams of truths never meet: training begins at seed 0, validation and test have these added to theirs.
VALIDATION_STREAM, TEST_STREAM = 10_000, 20_000
NOISES = (1.0, 2.5)


@dataclass(frozen=True)
class FilterRecipe:
    """Everything that decides a trained filter; the defaults are those of Lorenz-96.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        obs_error_std: standard deviation of the observation noise.
        stride: every how many sites is one observed; the pattern rotates.
        filters: channels of the network; this and what follows as in `AmEnFConfig`.
        n_streams: independent trajectories observed for training.
        n_cycles: observation times on each.
        start_from: noise of the stored filter of the same system whose weights training begins with; none by default.
        training: how to train.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    stride: int = 4
    filters: int = 48
    kernel: int = 5
    covariance_width: int = 3
    memory_channels: int = 6
    dropout: float = 0.1
    use_tendency: bool = True
    use_gate: bool = True
    filling: str = "forecasts"
    n_streams: int = 80
    n_cycles: int = 3000
    start_from: float | None = None
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        named_system(self.system)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_number("n_streams", self.n_streams, least=1, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)

    @property
    def network(self) -> AmEnFConfig:
        """The network's configuration, its inputs scaled by the climate of the model."""
        names = {one.name for one in fields(AmEnFConfig)}
        chosen = {name: value for name, value in vars(self).items() if name in names}
        mean, deviation, tendency = CLIMATES[self.system]
        noise = (self.obs_error_std,) * len(mean)
        scales = {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency, "obs_error_std": noise}
        return AmEnFConfig(**chosen | scales)


# What the papers observe of each system, and the network's size where it is not Lorenz-96's [mccabe2021, appendix E].
STANDARD = {
    "lorenz96": {},
    "kuramoto_sivashinsky": {
        "stride": 1,
        "kernel": 7,
        "covariance_width": 5,
        "memory_channels": 4,
        "n_streams": 32,
        "n_cycles": 1500,
    },
    "vissio_lucarini": {"n_streams": 48},
}


def standard_recipe(system: str, **changes: object) -> FilterRecipe:
    """Return a system's recipe with some of its numbers changed."""
    return FilterRecipe(system=system, **STANDARD[require_choice("system", system, STANDARD)] | changes)


def observed(
    recipe: FilterRecipe, *, n_cycles: int, batch: int, seed: int, noise_seed: int | None = None
) -> TwinExperiment:
    """Return truths and observations of a recipe's experiment; the seed says which stream they belong to."""
    return simulate(
        named_system(recipe.system),
        EveryKth(recipe.stride),
        n_cycles=n_cycles,
        batch=batch,
        obs_error_std=recipe.obs_error_std,
        seed=seed,
        noise_seed=noise_seed,
    )


def climate_ensemble(system: System, shape: tuple[int, int], seed: int) -> torch.Tensor:
    """Return first members that know nothing of the truth: (batch, member, variable, site), float64."""
    stream = torch_stream(seed, "first ensemble")
    return climatological_ensemble(attractor_states(system, 256, stream), shape, stream)


def new_trainer(recipe: FilterRecipe, **options: object) -> Trainer:
    """Return a training run that has not begun.

    Args:
        recipe: what to train. Its truth is dropped here unless the protocol or the objective reads it.
        options: `device` and `compiled` of `Trainer`.
    """
    training = recipe.training
    experiment = observed(recipe, n_cycles=recipe.n_cycles, batch=recipe.n_streams, seed=training.seed)
    truth = experiment.truth if training.reads_truth else None
    with seeded_weights(training.seed):
        network = AmEnF(recipe.network)
    if recipe.start_from is not None:
        path = checkpoint_path(recipe.system, recipe.start_from)
        fill_module(network, stored_filter(recipe.system, recipe.start_from).network.state_dict(), path)
    return Trainer(network, named_system(recipe.system), experiment.observations, training, truth=truth, **options)


class Validation:
    """Truths of their own, on which a filter's analysis RMSE is watched while it is trained; nothing is chosen by it.

    Args:
        recipe: gives the experiment.
        ensemble_size: members.
        n_cycles: cycles scored.
        burn_in: cycles before them.
        batch: independent truths.
    """

    def __init__(self, recipe: FilterRecipe, ensemble_size: int = 10, n_cycles: int = 200, burn_in: int = 100, batch=4):
        self.system, self.burn_in = named_system(recipe.system), burn_in
        self.experiment = observed(recipe, n_cycles=burn_in + n_cycles, batch=batch, seed=VALIDATION_STREAM)
        self.ensemble = climate_ensemble(self.system, (batch, ensemble_size), VALIDATION_STREAM).float()

    def rmse(self, network: AmEnF) -> float:
        """Return the analysis RMSE, a mean over the scored cycles and the truths."""
        place = next(network.parameters()).device
        generator = torch_stream(VALIDATION_STREAM, "dropout", place)
        ensemble = self.ensemble.to(place)
        run = assimilate(network, self.system, self.experiment.observations, ensemble, generator)
        error = spatial_rmse(run.mean.cpu().double(), self.experiment.truth)
        return time_mean(error, self.burn_in).mean().item()


def train_checkpoint(
    recipe: FilterRecipe,
    path: Path,
    report: Callable[[Trainer], None] | None = None,
    *,
    every: int = 200,
    **options: object,
) -> AmEnF:
    """Train by `recipe`, resuming from `path`.progress if that exists, and write the filter to `path`.

    Args:
        recipe: what to train.
        path: the safetensors file to write.
        report: called every `every` steps.
        every: steps between reports and saved states.
        options: as of `new_trainer`.
    """
    progress = path.with_suffix(".progress")
    trainer = new_trainer(recipe, **options)
    network = trainer.train(report=report, progress=progress, every=every).cpu()
    made = {
        "wall_seconds": round(trainer.seconds),
        "threads": torch.get_num_threads(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    config = {"network": asdict(network.config), "recipe": asdict(recipe), "system": repr(trainer.system), **made}
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


def load_filter(path: Path, system: str | None = None) -> TrainedFilter:
    """Return the filter stored at `path`.

    Args:
        path: a checkpoint.
        system: what it must have been trained for, if that is known.

    Raises:
        InputError: the file is missing, damaged, of another architecture or of another system.
    """
    weights, config = load_checkpoint(path, CHECKPOINT_KIND)
    recipe = _recipe(config["recipe"])
    expected = repr(named_system(system or recipe.system))
    if config["system"] != expected:
        raise InputError("checkpoint", f"{path} for {config['system']}", expected, "a filter trained on it")
    tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in config["network"].items()}
    network = AmEnF(AmEnFConfig(**tuples))
    fill_module(network, weights, path)
    return TrainedFilter(network, recipe, config["wall_seconds"] / 60, config["threads"])


def training_command(recipe: FilterRecipe) -> str:
    """Return what a reader types to train by `recipe`: the options in which it differs from the system's own."""
    standard = standard_recipe(recipe.system)
    words = [TRAINING_COMMAND, "--system", recipe.system]
    for own, usual in ((recipe, standard), (recipe.training, standard.training)):
        for one in fields(own):
            value = getattr(own, one.name)
            if one.name not in ("system", "training") and value != getattr(usual, one.name):
                words += _option(one.name, value)
    return " ".join(words)


def _option(name: str, value: object) -> list[str]:
    """Return the words that give a recipe's field a value on the command line."""
    flag = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if isinstance(value, tuple):
        return [word for each in value for word in (flag.removesuffix("s"), f"{each:g}")]
    return [flag, value if isinstance(value, str) else f"{value:g}"]


def _recipe(stored: dict) -> FilterRecipe:
    """Return a recipe from what JSON made of it."""
    training = stored["training"]
    training = TrainingConfig(**training | {"rounds": tuple(training["rounds"])})
    return FilterRecipe(**stored | {"training": training})


def with_training(recipe: FilterRecipe, **changes: object) -> FilterRecipe:
    """Return the recipe with some of its training's numbers changed."""
    return replace(recipe, training=replace(recipe.training, **changes))
