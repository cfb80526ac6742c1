"""What keeps the members of an AmEnF apart: dropout on and off, filters taught by mean or by likelihood, and noise."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse, spread_skill_ratio
from sparseobs.scores.rank_histogram import rank_counts, truth_ranks
from sparseobs_book.trained_filters.recipes import (
    TEST_STREAM,
    TrainedFilter,
    climate_ensemble,
    load_filter,
    stored_filter,
)

SYSTEM = named_system("lorenz96")
# The stored filter of noise 1, trained on for a few hundred steps with one thing changed.
TRAINED_ON = ("likelihood", "no_dropout", "half_noise")


@dataclass(frozen=True)
class Ensembles:
    """Experiments with the spread of ensembles.

    Args:
        seed: decides truths, noise, first ensembles and dropout.
        ensemble_size: members at test.
        n_truths: independent test trajectories.
        n_cycles: assimilation cycles scored on each.
        burn_in: cycles before them, in which the filters find the truth.
        site: whose members are drawn.
        n_shown: cycles that are drawn.
    """

    seed: int = 0
    ensemble_size: int = 10
    n_truths: int = 4
    n_cycles: int = 120
    burn_in: int = 60
    site: int = 0
    n_shown: int = 80

    def __post_init__(self) -> None:
        require_number("seed", self.seed, least=0, whole=True)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        require_number("n_truths", self.n_truths, least=2, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        require_number("site", self.site, least=0, most=SYSTEM.n_sites - 1, whole=True)
        require_number("n_shown", self.n_shown, least=2, whole=True)
        if self.n_shown > self.n_cycles:
            raise InputError("n_shown", self.n_shown, f"at most the {self.n_cycles} cycles", f"n_shown={self.n_cycles}")


PRESETS = {
    "smoke": Ensembles(n_truths=2, n_cycles=20, burn_in=6, n_shown=20),
    "lesson": Ensembles(),
    "paper": Ensembles(n_truths=10, n_cycles=1000, burn_in=200),
}


def trained_on(name: str) -> TrainedFilter:
    """Return a filter of `TRAINED_ON`: the stored one of noise 1, trained further with one thing changed."""
    require_choice("filter", name, TRAINED_ON)
    return load_filter(CHECKPOINTS / f"ensembles_{name}.safetensors", "lorenz96")


def filter_for_noise(obs_error_std: float) -> TrainedFilter:
    """Return the filter of that noise with dropout, taught by its mean."""
    return trained_on("half_noise") if obs_error_std == 0.5 else stored_filter("lorenz96", obs_error_std)


def with_dropout(network: AmEnF, dropout: float) -> AmEnF:
    """Return the same weights with another probability of dropping a channel."""
    other = AmEnF(replace(network.config, dropout=dropout))
    other.load_state_dict(network.state_dict())
    return other


def observe(settings: Ensembles, obs_error_std: float = 1.0) -> TwinExperiment:
    """Return the test truths, every fourth site seen, rotating; the truths are the same for every noise."""
    return simulate(
        SYSTEM,
        EveryKth(4),
        n_cycles=settings.burn_in + settings.n_cycles,
        batch=settings.n_truths,
        obs_error_std=obs_error_std,
        seed=TEST_STREAM + settings.seed,
    )


def run(settings: Ensembles, network: AmEnF, experiment: TwinExperiment) -> FilterRun:
    """Return the filter's run from an ensemble of the climate, every member kept."""
    stream = TEST_STREAM + settings.seed
    ensemble = climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), stream).float()
    generator = torch_stream(stream, "dropout")
    return assimilate(network, SYSTEM, experiment.observations, ensemble, generator, keep_members=True)


def scores(settings: Ensembles, done: FilterRun, experiment: TwinExperiment) -> pd.DataFrame:
    """Return a run's scores, a row a truth, means over the cycles after the burn-in.

    Returns:
        Columns truth; rmse of the mean, spread, crps, all in state units; spread_skill, 1 where the spread is honest.
    """
    after = slice(settings.burn_in, None)
    truth, spread = experiment.truth[after], done.spread[after].double()
    error = spatial_rmse(done.mean[after].double(), truth)
    columns = {
        "rmse": error.mean(0),
        "spread": spread.mean(0),
        "spread_skill": spread_skill_ratio(spread, error, settings.ensemble_size),
        "crps": ensemble_crps(done.members[after], truth.float()).mean(0),
    }
    return pd.DataFrame({"truth": range(settings.n_truths)} | {name: each.numpy() for name, each in columns.items()})


def table(settings: Ensembles, runs: dict[str, FilterRun], experiment: TwinExperiment) -> pd.DataFrame:
    """Return every filter's `scores`, with a column method."""
    parts = [scores(settings, one, experiment).assign(method=name) for name, one in runs.items()]
    return pd.concat(parts, ignore_index=True)


def ranks(settings: Ensembles, done: FilterRun, experiment: TwinExperiment) -> Tensor:
    """Return how often the truth has each rank among the members after the burn-in, (rank,)."""
    after = slice(settings.burn_in, None)
    stream = torch_stream(TEST_STREAM + settings.seed, "ties")
    found = truth_ranks(done.members[after], experiment.truth[after].float(), stream)
    return rank_counts(found, settings.ensemble_size)


def dropout_at_test(
    settings: Ensembles, network: AmEnF, rates: Iterable[float], experiment: TwinExperiment
) -> pd.DataFrame:
    """Return one network's `scores` with several rates of dropout, most of which it was not trained with."""
    parts = []
    for rate in rates:
        done = run(settings, with_dropout(network, rate), experiment)
        parts.append(scores(settings, done, experiment).assign(dropout=rate))
    return pd.concat(parts, ignore_index=True)
