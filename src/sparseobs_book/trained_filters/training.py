"""Training by a recipe, watched on validation truths and kept as a checkpoint."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from sparseobs.checkpoints import fill_module
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.run import assimilate
from sparseobs.filtering.saved import save_filter
from sparseobs.filtering.training import Trainer
from sparseobs.randomness import seeded_weights, torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import VALIDATION_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import Recipe, SmootherRecipe
from sparseobs_book.trained_filters.stored import checkpoint_path, stored_filter


def new_trainer(recipe: Recipe, **options: object) -> Trainer:
    """Return a training run that has not begun.

    Args:
        recipe: what to train. Its truth is dropped here unless the protocol or the objective reads it.
        options: `device` and `compiled` of `Trainer`.
    """
    training = recipe.training
    experiment = observed(recipe, n_cycles=recipe.n_cycles, batch=recipe.n_streams, seed=training.seed)
    truth = experiment.truth if training.reads_truth else None
    with seeded_weights(training.seed):
        network = (AmEnS if isinstance(recipe, SmootherRecipe) else AmEnF)(recipe.network)
    if getattr(recipe, "start_from", None) is not None:
        path = checkpoint_path(recipe.system, recipe.start_from)
        fill_module(network, stored_filter(recipe.system, recipe.start_from).network.state_dict(), path)
    world = recipe.model, experiment.observations, training, recipe.schedule
    return Trainer(network, *world, truth=truth, **options)


def validation_rmse(recipe: Recipe) -> Callable[[AmEnF | AmEnS], float]:
    """Return what measures a filter while it is trained: its analysis RMSE on truths of their own; nothing is chosen.

    Four truths, 200 cycles scored after 100 that are not, ten members.
    """
    system, burn_in, batch = recipe.model, 100, 4
    experiment = observed(recipe, n_cycles=burn_in + 200, batch=batch, seed=VALIDATION_STREAM)
    ensemble = climate_ensemble(system, (batch, 10), VALIDATION_STREAM).float()

    def rmse(network: AmEnF | AmEnS) -> float:
        place = next(network.parameters()).device
        generator = torch_stream(VALIDATION_STREAM, "dropout", place)
        run = assimilate(
            network, system, experiment.observations, ensemble.to(place), generator, schedule=recipe.schedule
        )
        return time_mean(spatial_rmse(run.mean.cpu().double(), experiment.truth), burn_in).mean().item()

    return rmse


def train_checkpoint(
    recipe: Recipe,
    path: Path,
    report: Callable[[Trainer], None] | None = None,
    **options: object,
) -> AmEnF | AmEnS:
    """Train by `recipe`, resuming from `path`.progress if that exists, and write the filter to `path`.

    Args:
        recipe: what to train.
        path: the safetensors file to write.
        report: called every 200 steps, when the state is saved.
        options: as of `new_trainer`.
    """
    progress = path.with_suffix(".progress")
    trainer = new_trainer(recipe, **options)
    network = trainer.train(report=report, progress=progress, every=200).cpu()
    made = {
        "wall_seconds": round(trainer.seconds),
        "threads": torch.get_num_threads(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    save_filter(path, network, trainer.system, recipe=asdict(recipe), **made)
    progress.unlink(missing_ok=True)
    return network
