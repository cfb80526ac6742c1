"""One small AmEnF trained by given switches, and scored: a cell of the grids on objectives, ingredients and dropout."""

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import require_whole_numbers
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.filtering.training import TrainingConfig
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import FilterRecipe, standard_recipe
from sparseobs_book.trained_filters.training import new_trainer

LAST_STEPS = 100  # whose mean loss is the final loss


@dataclass(frozen=True)
class Trial:
    """The switches of one training, and how its filter is tested.

    Args:
        seed: decides weights, training streams, test truths and all that is drawn.
        system: of `sparseobs.dynamics.catalogue`.
        stride: every how many sites is one observed; None for the system's own.
        obs_error_std: standard deviation of the observation noise, state units.
        objective: of `sparseobs.filtering.objectives`.
        protocol: of the first ensembles in training: `no_truth` or `paper`.
        dropout: probability of dropping a channel.
        covariance_width: sites of the covariance band, 0 for none; None for the system's own.
        memory_channels: recurrent channels, 0 for none; None for the system's own.
        use_tendency: whether the network is shown the tendency.
        use_gate: whether gates decide what is kept.
        filling: what stands where nobody looked: `forecasts` or `zeros`.
        unroll: cycles that gradients flow through, from the first step to the last.
        ensemble_size: members in training.
        n_training_steps: optimiser steps.
        filters: channels of the network.
        batch: training streams followed side by side.
        n_streams: independent training trajectories.
        n_cycles: observation times on each of them.
        test_ensemble_size: members at test.
        n_test_truths: independent test trajectories.
        n_test_cycles: cycles scored on each.
        burn_in: cycles before them, in which the filter finds the truth.
    """

    seed: int = 0
    system: str = "lorenz96"
    stride: int | None = None
    obs_error_std: float = 1.0
    objective: str = "forecast"
    protocol: str = "no_truth"
    dropout: float = 0.1
    covariance_width: int | None = None
    memory_channels: int | None = None
    use_tendency: bool = True
    use_gate: bool = True
    filling: str = "forecasts"
    unroll: int = 4
    ensemble_size: int = 2
    n_training_steps: int = 800
    filters: int = 24
    batch: int = 8
    n_streams: int = 16
    n_cycles: int = 1000
    test_ensemble_size: int = 10
    n_test_truths: int = 4
    n_test_cycles: int = 200
    burn_in: int = 100

    def __post_init__(self) -> None:
        require_whole_numbers(
            self, n_training_steps=1, n_test_truths=1, test_ensemble_size=2, n_test_cycles=2, burn_in=0
        )
        self.recipe.network  # noqa: B018 -- refuses bad switches before anything is computed

    @property
    def recipe(self) -> FilterRecipe:
        """The recipe of the training, every number of it."""
        training = TrainingConfig(
            rounds=(self.n_training_steps,),
            batch=self.batch,
            ensemble_size=self.ensemble_size,
            first_unroll=self.unroll,
            last_unroll=self.unroll,
            warm_up=min(200, max(1, self.n_training_steps // 10)),
            objective=self.objective,
            protocol=self.protocol,
            micro_batch=self.batch,
            seed=self.seed,
        )
        given = {name: getattr(self, name) for name in OF_THE_RECIPE}
        changes = {name: value for name, value in given.items() if value is not None}
        return standard_recipe(self.system, **changes, training=training)

    @property
    def switches(self) -> dict[str, object]:
        """What a row of a table says of the trial."""
        return vars(self) | {name: getattr(self.recipe, name) for name in OF_THE_SYSTEM}


OF_THE_SYSTEM = ("stride", "covariance_width", "memory_channels")
OF_THE_RECIPE = tuple({one.name for one in fields(FilterRecipe)} & {one.name for one in fields(Trial)} - {"system"})

PRESETS = {
    "smoke": Trial(
        n_training_steps=4, filters=8, batch=2, n_streams=2, n_cycles=60, n_test_truths=2, n_test_cycles=6, burn_in=4
    ),
    "lesson": Trial(),
    # The paper's network, ensemble, unroll, iterations, and as many test cycles [mccabe2021, section 5].
    "paper": Trial(
        dropout=0.2,
        unroll=40,
        ensemble_size=10,
        n_training_steps=47_000,
        filters=64,
        batch=64,
        n_streams=80,
        n_cycles=3000,
        n_test_truths=10,
        n_test_cycles=1000,
        burn_in=200,
    ),
}


def held_out(trial: Trial) -> TwinExperiment:
    """Return the test truths and their observations: the same for all switches of a seed, system and noise."""
    n_cycles = trial.burn_in + trial.n_test_cycles
    return observed(trial.recipe, n_cycles=n_cycles, batch=trial.n_test_truths, seed=TEST_STREAM + trial.seed)


def run_held_out(network: AmEnF, trial: Trial, experiment: TwinExperiment) -> FilterRun:
    """Return the filter's run over the test truths, from an ensemble of the climate, every member kept."""
    system, stream = named_system(trial.system), TEST_STREAM + trial.seed
    shape = (trial.n_test_truths, trial.test_ensemble_size)
    place = next(network.parameters()).device
    ensemble = climate_ensemble(system, shape, stream).to(place, torch.float32)
    generator = torch_stream(stream, "dropout", place)
    run = assimilate(network, system, experiment.observations, ensemble, generator, keep_members=True)
    return FilterRun(run.mean.cpu().double(), run.spread.cpu().double(), run.members.cpu())


def scores(run: FilterRun, trial: Trial, experiment: TwinExperiment) -> dict[str, float]:
    """Return a run's scores, means over truths and the cycles after the burn-in, NaN if it ceased to be finite.

    Returns:
        `rmse`, `spread` and `crps` of the analysis; `rmse_observed`, of the analysis at the sites just observed;
        `misfit`, root-mean-square difference of analysis mean and observations there, 0 for a filter that repeats what
        it is given; `forecast_rmse`, one cycle later. All in state units.
    """
    system = named_system(trial.system)
    after = slice(trial.burn_in, None)
    truth, mean, members = experiment.truth[after], run.mean[after], run.members[after]
    values, mask = experiment.observations.values[after], experiment.observations.mask[after]
    forecast = torch.stack([system.schedule.forecast(system, one).mean(1) for one in members[:-1]])
    found = {
        "rmse": spatial_rmse(mean, truth),
        "spread": run.spread[after],
        "crps": ensemble_crps(members, truth.float()),
        "rmse_observed": _rmse_where(mean - truth, mask),
        "misfit": _rmse_where(mean - values, mask),
        "forecast_rmse": spatial_rmse(forecast.double(), truth[1:]),
    }
    return {name: series.mean().item() for name, series in found.items()}


def _rmse_where(error: Tensor, mask: Tensor) -> Tensor:
    """Return the RMSE over the sites of `mask` (cycle, site) of errors (cycle, batch, variable, site)."""
    chosen = mask[:, None, None].to(error)
    squared = (error.square() * chosen).sum((-1, -2))
    return (squared / (chosen.sum((-1, -2)) * error.shape[-2])).sqrt()


def score(trial: Trial, progress: Path | None = None) -> pd.DataFrame:
    """Train by a trial's switches, test, and return one row: every switch, the scores and the final loss.

    Args:
        trial: the switches.
        progress: file by which a killed training is taken up again.
    """
    trainer = new_trainer(trial.recipe)
    trainer.train(progress=progress)
    experiment = held_out(trial)
    found = scores(run_held_out(trainer.average, trial, experiment), trial, experiment)
    last = trainer.losses[-LAST_STEPS:]
    return pd.DataFrame([trial.switches | found | {"final_loss": sum(last) / len(last)}])
