"""Filters made for one observing pattern at work on others, all on the same truths, noise and first ensembles."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import require_number
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import analyse, first_state, predict
from sparseobs.filtering.letkf import run_letkf
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.observing.patterns import EveryKth, Pattern
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.recipes import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.tuning import tuned

SYSTEM = named_system("lorenz96")


@dataclass(frozen=True)
class SparseWorld:
    """Experiments with observing patterns.

    Args:
        seed: decides truths, noise, first ensembles, dropout and what fails.
        obs_error_std: observation noise, in the state's units; one that a filter is stored for.
        ensemble_size: members of every filter; one that LETKF was tuned for.
        map_stride: every how many sites is one observed where errors are mapped site by site.
        outage_length: cycles without any observation.
        n_truths: independent test trajectories.
        n_cycles: assimilation cycles scored on each.
        burn_in: cycles before them, in which the filters find the truth.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    ensemble_size: int = 10
    map_stride: int = 5
    outage_length: int = 30
    n_truths: int = 4
    n_cycles: int = 80
    burn_in: int = 50

    def __post_init__(self) -> None:
        require_number("seed", self.seed, least=0, whole=True)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        EveryKth(self.map_stride).sites(0, SYSTEM.n_sites)
        require_number("outage_length", self.outage_length, least=1, whole=True)
        require_number("n_truths", self.n_truths, least=2, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)


PRESETS = {
    "smoke": SparseWorld(n_truths=2, n_cycles=10, burn_in=6, outage_length=4),
    "lesson": SparseWorld(),
    "paper": SparseWorld(n_truths=10, n_cycles=1000, burn_in=200),
}


def observe(settings: SparseWorld, pattern: Pattern) -> TwinExperiment:
    """Return the test truths and what `pattern` shows of them; truth and noise are the same for all patterns."""
    return simulate(
        SYSTEM,
        pattern,
        n_cycles=settings.burn_in + settings.n_cycles,
        batch=settings.n_truths,
        obs_error_std=settings.obs_error_std,
        seed=TEST_STREAM + settings.seed,
    )


def first_ensemble(settings: SparseWorld) -> Tensor:
    """Return the climate's members that every filter starts from, (truth, member, 1, site)."""
    return climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), TEST_STREAM + settings.seed)


def run_filters(settings: SparseWorld, network: AmEnF, observations: Observations) -> dict[str, FilterRun]:
    """Return the AmEnF's run with its members, and the batched LETKF's as tuned for every fourth site, rotating."""
    ensemble = first_ensemble(settings)
    tuning = tuned("lorenz96", "LETKF", settings.obs_error_std, settings.ensemble_size)
    stream = TEST_STREAM + settings.seed
    dropout, rotations = torch_stream(stream, "dropout"), torch_stream(stream, "rotations")
    return {
        "AmEnF": assimilate(network, SYSTEM, observations, ensemble.float(), dropout, keep_members=True),
        "LETKF": run_letkf(tuning, SYSTEM, observations, ensemble, generator=rotations),
    }


@torch.no_grad()
def run_skipping(settings: SparseWorld, network: AmEnF, observations: Observations) -> FilterRun:
    """Return the AmEnF's run with its network left out wherever nothing is observed: there the forecast stands."""
    ensemble = first_ensemble(settings).float()
    generator = torch_stream(TEST_STREAM + settings.seed, "dropout")
    state = predict(SYSTEM, SYSTEM.schedule, first_state(network, ensemble))
    means, spreads = [], []
    for values, mask in zip(observations.values.float(), observations.mask, strict=True):
        draws = draw(network.config, 1, ensemble.shape[:2], ensemble, generator).cycle(0)
        if mask.any():
            state = analyse(network, SYSTEM, state, values, mask, draws)
        means.append(state.forecast.mean(1))
        spreads.append(state.forecast.var(1).mean((-1, -2)).sqrt())
        state = predict(SYSTEM, SYSTEM.schedule, state)
    return FilterRun(torch.stack(means), torch.stack(spreads))


def errors(runs: dict[str, FilterRun], experiment: TwinExperiment) -> dict[str, Tensor]:
    """Return each method's analysis RMSE, (cycle, truth)."""
    return {method: spatial_rmse(run.mean.double(), experiment.truth) for method, run in runs.items()}


def errors_by_site(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> dict[str, Tensor]:
    """Return each method's analysis RMSE at every site, over truths and the cycles after `burn_in`: (site,)."""
    squared = {method: (run.mean.double() - experiment.truth)[burn_in:].square() for method, run in runs.items()}
    return {method: each.mean((0, 1, 2)).sqrt() for method, each in squared.items()}


def score(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return a row a method and truth: analysis RMSE and spread, means over the cycles after `burn_in`."""
    parts = []
    for method, error in errors(runs, experiment).items():
        rmse, spread = time_mean(error, burn_in), time_mean(runs[method].spread.double(), burn_in)
        columns = {"method": method, "truth": range(len(rmse)), "rmse": rmse, "spread": spread}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def score_patterns(settings: SparseWorld, network: AmEnF, patterns: Sequence[EveryKth]) -> pd.DataFrame:
    """Return the scores of both filters under every pattern: `score`'s columns, and stride and movement."""
    tables = []
    for pattern in patterns:
        experiment = observe(settings, pattern)
        runs = run_filters(settings, network, experiment.observations)
        table = score(runs, experiment, settings.burn_in)
        tables.append(table.assign(stride=pattern.stride, movement=pattern.movement))
    return pd.concat(tables, ignore_index=True)
