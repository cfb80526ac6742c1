"""The AmEnF against LETKF, the observations alone and climatology, on one and the same twin experiment."""

from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.climate import climate
from sparseobs.errors import require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.baselines import latest_observations
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.filtering.training import TrainingConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import stream_seed, torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.lorenz96 import SYSTEM
from sparseobs_book.trained_filters.recipes import FilterRecipe


@dataclass(frozen=True)
class Comparison:
    """One comparison of filters.

    Args:
        seed: decides truth, noise, first ensembles and the filter trained on the page.
        obs_error_std: observation noise, in the state's units.
        stride: every how many sites is one observed; the pattern rotates.
        ensemble_size: members of every filter.
        n_cycles: assimilation cycles scored.
        burn_in: cycles before them, in which the filters find the truth.
        letkf_inflation: factor on LETKF's analysis anomalies.
        letkf_radius: LETKF's localization radius, in sites.
        letkf_rotation: whether LETKF turns its analysis anomalies at random.
        n_training_steps: optimiser steps of the filter trained on the page.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    stride: int = 4
    ensemble_size: int = 10
    n_cycles: int = 600
    burn_in: int = 200
    letkf_inflation: float = 1.1
    letkf_radius: float = 4.0
    letkf_rotation: bool = False
    n_training_steps: int = 600

    def __post_init__(self) -> None:
        require_number("seed", self.seed, least=0, whole=True)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_number("stride", self.stride, least=1, whole=True)
        EveryKth(self.stride).sites(0, SYSTEM.n_sites)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        require_number("letkf_inflation", self.letkf_inflation, least=1)
        require_number("letkf_radius", self.letkf_radius, above=0)
        require_number("n_training_steps", self.n_training_steps, least=1, whole=True)


PRESETS = {
    "smoke": Comparison(n_cycles=40, burn_in=20, n_training_steps=4),
    "lesson": Comparison(),
    "paper": Comparison(n_cycles=10_000, n_training_steps=47_000),
}


RECIPES = {
    "smoke": FilterRecipe(filters=8, n_streams=4, n_cycles=60, training=TrainingConfig(batch=4)),
    "lesson": FilterRecipe(filters=32, n_streams=16, n_cycles=2000),
    # The paper's network, ensemble, unroll and 240,000 observation times; days on two cores.
    "paper": FilterRecipe(
        filters=64,
        dropout=0.2,
        training=TrainingConfig(batch=64, ensemble_size=10, first_unroll=40, last_unroll=40, learning_rate=2e-3),
    ),
}


def page_recipe(preset: str, settings: Comparison) -> FilterRecipe:
    """Return the recipe of the filter that is trained while the reader watches, at the page's noise and pattern."""
    recipe = RECIPES[preset]
    steps = settings.n_training_steps
    # A short run has no time for the long unrolls of a long one.
    longest = max(recipe.training.first_unroll, min(recipe.training.last_unroll, 4 + steps // 1000))
    training = replace(recipe.training, rounds=(steps,), last_unroll=longest, seed=settings.seed)
    return replace(recipe, obs_error_std=settings.obs_error_std, stride=settings.stride, training=training)


def twin_experiment(settings: Comparison, noise_seed: int) -> TwinExperiment:
    """Return the test trajectory; `noise_seed` changes the noise alone."""
    return simulate(
        SYSTEM,
        EveryKth(settings.stride),
        n_cycles=settings.burn_in + settings.n_cycles,
        batch=1,
        obs_error_std=settings.obs_error_std,
        seed=TEST_STREAM + settings.seed,
        noise_seed=TEST_STREAM + noise_seed,
    )


def first_ensemble(settings: Comparison, noise_seed: int) -> Tensor:
    """Return the ensemble that every filter starts from: members of the climate, (1, member, 1, site)."""
    return climate_ensemble(SYSTEM, (1, settings.ensemble_size), TEST_STREAM + noise_seed)


def run_letkf(settings: Comparison, experiment: TwinExperiment, ensemble: Tensor) -> FilterRun:
    """Run DAPPER's LETKF [hunt2007] with the settings' inflation, localization and rotation."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF

    method = LETKF(
        N=settings.ensemble_size,
        infl=settings.letkf_inflation,
        loc_rad=settings.letkf_radius,
        rot=settings.letkf_rotation,
    )
    return run_dapper(method, SYSTEM, experiment, ensemble, seed=1 + stream_seed(settings.seed, "LETKF") % 10**6)


def run_amenf(network: AmEnF, settings: Comparison, experiment: TwinExperiment, ensemble: Tensor) -> FilterRun:
    """Run an AmEnF; its dropout masks come from the settings' seed."""
    generator = torch_stream(settings.seed, "dropout at test")
    return assimilate(network, SYSTEM, experiment.observations, ensemble.float(), generator)


def without_dropout(network: AmEnF) -> AmEnF:
    """Return the same filter with its dropout switched off."""
    deterministic = AmEnF(replace(network.config, dropout=0.0))
    deterministic.load_state_dict(network.state_dict())
    return deterministic


def estimates_without_model(settings: Comparison, experiment: TwinExperiment) -> dict[str, FilterRun]:
    """Return the observations alone (each site's newest value) and the climate's mean, with no spread."""
    scales = climate(SYSTEM, torch_stream(settings.seed, "climate"))
    newest = latest_observations(experiment.observations, scales.mean[0])
    nothing = torch.full_like(newest[..., 0, 0], torch.nan)
    still = torch.full_like(nothing, scales.standard_deviation[0])
    return {
        "observations": FilterRun(newest, nothing),
        "climatology": FilterRun(torch.full_like(newest, scales.mean[0]), still),
    }


def score(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return one row a method: analysis RMSE and spread, each a mean over the cycles after `burn_in`."""
    rows = []
    for method, run in runs.items():
        error = time_mean(spatial_rmse(run.mean.double(), experiment.truth), burn_in)
        spread = time_mean(run.spread.double(), burn_in)
        rows.append({"method": method, "rmse": error.mean().item(), "spread": spread.mean().item()})
    return pd.DataFrame(rows)


def compare(trained: dict[str, AmEnF], settings: Comparison, noise_seed: int) -> tuple[dict, TwinExperiment]:
    """Return every method's run on one experiment, and the experiment."""
    experiment = twin_experiment(settings, noise_seed)
    ensemble = first_ensemble(settings, noise_seed)
    runs = {name: run_amenf(network, settings, experiment, ensemble) for name, network in trained.items()}
    runs["LETKF"] = run_letkf(settings, experiment, ensemble)
    return runs | estimates_without_model(settings, experiment), experiment
