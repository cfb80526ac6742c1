"""What keeps the members of an AmEnF apart: dropout on and off, filters taught by mean or by likelihood, and noise."""

from dataclasses import dataclass, replace

import pandas as pd

from sparseobs.dynamics.catalogue import CLIMATES, named_system
from sparseobs.errors import require_choice, require_number
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import FilterState, first_state
from sparseobs.filtering.letkf import LETKFSettings, letkf
from sparseobs.filtering.run import FilterRun, amenf, follow
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse, spread_skill_ratio
from sparseobs.scores.lost import lost_truths
from sparseobs_book.trained_filters.recipes import (
    TEST_STREAM,
    TrainedFilter,
    climate_ensemble,
    load_filter,
    observed,
    standard_recipe,
    stored_filter,
)

SYSTEM = named_system("lorenz96")
CLIMATOLOGY = CLIMATES["lorenz96"][1][0]  # the error of the climate's mean
LETKF = LETKFSettings(inflation=1.1, radius=4.0)  # as tuned for ten members and noise 1
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
    """

    seed: int = 0
    ensemble_size: int = 10
    n_truths: int = 4
    n_cycles: int = 120
    burn_in: int = 60
    site: int = 0

    def __post_init__(self) -> None:
        require_number("seed", self.seed, least=0, whole=True)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        require_number("n_truths", self.n_truths, least=2, whole=True)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        require_number("site", self.site, least=0, most=SYSTEM.n_sites - 1, whole=True)


PRESETS = {
    "smoke": Ensembles(n_truths=2, n_cycles=20, burn_in=6),
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
    recipe = standard_recipe("lorenz96", obs_error_std=obs_error_std)
    size = {"n_cycles": settings.burn_in + settings.n_cycles, "batch": settings.n_truths}
    return observed(recipe, **size, seed=TEST_STREAM + settings.seed)


def run(settings: Ensembles, filter_: AmEnF | LETKFSettings, experiment: TwinExperiment) -> FilterRun:
    """Return an AmEnF's run, or LETKF's, from the same ensemble of the climate, every member kept."""
    stream, seen = TEST_STREAM + settings.seed, experiment.observations
    ensemble = climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), stream)
    if isinstance(filter_, LETKFSettings):
        first = FilterState(ensemble, ensemble[:, :, :0])
        analysis = letkf(filter_, seen, torch_stream(stream, "rotations"))
    else:
        first = first_state(filter_, ensemble.float())
        analysis = amenf(filter_, SYSTEM, seen, torch_stream(stream, "dropout"))
    return follow(SYSTEM, first, seen.n_cycles, analysis)


def scores(settings: Ensembles, done: FilterRun, experiment: TwinExperiment) -> pd.DataFrame:
    """Return a run's scores, a row a truth, means over the cycles after the burn-in.

    Returns:
        Columns truth; rmse of the mean, spread, crps, all in state units; spread_skill, 1 where the spread is honest;
        lost, whether the filter lost that truth.
    """
    after = slice(settings.burn_in, None)
    truth, spread = experiment.truth[after], done.spread[after].double()
    error = spatial_rmse(done.mean[after].double(), truth)
    columns = {
        "rmse": error.mean(0),
        "spread": spread.mean(0),
        "spread_skill": spread_skill_ratio(spread, error, settings.ensemble_size),
        "crps": ensemble_crps(done.members[after], truth.to(done.members)).mean(0),
        "lost": lost_truths(error, CLIMATOLOGY),
    }
    return pd.DataFrame({"truth": range(settings.n_truths)} | {name: each.numpy() for name, each in columns.items()})
