"""The AmEnF against LETKF, the observations alone and climatology, on one and the same twin experiment."""

from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import CLIMATES, named_system
from sparseobs.errors import require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.baselines import latest_observations
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.letkf import LETKFSettings, letkf
from sparseobs.filtering.run import FilterRun, assimilate, follow
from sparseobs.filtering.training_config import TrainingConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse, time_mean
from sparseobs.scores.lost import lost_truths
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.recipes import FilterRecipe

SYSTEM = named_system("lorenz96")
(CLIMATE_MEAN,), (CLIMATE_STD,), _ = CLIMATES["lorenz96"]


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
    n_training_steps: int = 600

    def __post_init__(self) -> None:
        require_number("seed", self.seed, least=0, whole=True)
        require_number("obs_error_std", self.obs_error_std, above=0)
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


def twin_experiment(settings: Comparison) -> TwinExperiment:
    """Return the test truth and its observations."""
    return simulate(
        SYSTEM,
        EveryKth(settings.stride),
        n_cycles=settings.burn_in + settings.n_cycles,
        batch=1,
        obs_error_std=settings.obs_error_std,
        seed=TEST_STREAM + settings.seed,
    )


def first_ensemble(settings: Comparison) -> Tensor:
    """Return the ensemble that every filter starts from: members of the climate, (1, member, 1, site)."""
    return climate_ensemble(SYSTEM, (1, settings.ensemble_size), TEST_STREAM + settings.seed)


def run_letkf(settings: Comparison, experiment: TwinExperiment, ensemble: Tensor) -> FilterRun:
    """Run LETKF [hunt2007], in the form that equals DAPPER's, and keep its members."""
    tuning = LETKFSettings(settings.letkf_inflation, settings.letkf_radius)
    analysis = letkf(tuning, experiment.observations, torch_stream(settings.seed, "no rotation"))
    first = FilterState(ensemble, memory=ensemble[:, :, :0])
    return follow(SYSTEM, first, experiment.observations.n_cycles, analysis)


def run_amenf(network: AmEnF, settings: Comparison, experiment: TwinExperiment, ensemble: Tensor) -> FilterRun:
    """Run an AmEnF and keep its members; its dropout masks come from the settings' seed."""
    generator = torch_stream(settings.seed, "dropout at test")
    return assimilate(network, SYSTEM, experiment.observations, ensemble.float(), generator, keep_members=True)


def score(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return one row a method: analysis RMSE, CRPS and spread over the cycles after `burn_in`, and truths lost.

    CRPS and spread are NaN where no members are kept.
    """
    rows = []
    for method, run in runs.items():
        error = spatial_rmse(run.mean.double(), experiment.truth)
        members = run.members
        crps = run.spread * torch.nan if members is None else ensemble_crps(members.double(), experiment.truth)
        means = {"rmse": error, "crps": crps, "spread": run.spread}
        means = {name: time_mean(series.double(), burn_in).mean().item() for name, series in means.items()}
        rows.append({"method": method, **means, "lost": int(lost_truths(error[burn_in:], CLIMATE_STD).sum())})
    return pd.DataFrame(rows)


def compare(trained: dict[str, AmEnF], settings: Comparison) -> tuple[dict[str, FilterRun], TwinExperiment]:
    """Return every method's run on one experiment, and the experiment.

    Beneath the filters lie each site's newest observation and the climate's mean, which have no members.
    """
    experiment, ensemble = twin_experiment(settings), first_ensemble(settings)
    runs = {name: run_amenf(network, settings, experiment, ensemble) for name, network in trained.items()}
    runs["LETKF"] = run_letkf(settings, experiment, ensemble)
    newest = latest_observations(experiment.observations, CLIMATE_MEAN)
    mean = torch.full_like(newest, CLIMATE_MEAN)
    for name, estimate in {"observations": newest, "climatology": mean}.items():
        runs[name] = FilterRun(estimate, torch.full_like(estimate[..., 0, 0], torch.nan))
    return runs, experiment
