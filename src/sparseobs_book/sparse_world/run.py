"""Filters made for one observing pattern at work on others, all on the same truths, noise and first ensembles."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from torch import Tensor

from sparseobs.dynamics.catalogue import CLIMATES, named_system
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import FilterState, first_state
from sparseobs.filtering.letkf import LETKFSettings, letkf
from sparseobs.filtering.run import Analysis, FilterRun, amenf, follow
from sparseobs.observing.patterns import Pattern
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, spatial_rmse
from sparseobs.scores.lost import lost_truths
from sparseobs_book.trained_filters.recipes import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.tuning import tuned

SYSTEM = named_system("lorenz96")
CLIMATOLOGY = CLIMATES["lorenz96"][1][0]  # the error of the climate's mean
STRIDES = tuple(stride for stride in range(1, SYSTEM.n_sites + 1) if SYSTEM.n_sites % stride == 0)


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
        require_number("outage_length", self.outage_length, least=1, whole=True)
        for name in ("ensemble_size", "n_truths", "n_cycles"):
            require_number(name, getattr(self, name), least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        if self.map_stride not in STRIDES:
            expected = f"a divisor of the {SYSTEM.n_sites} sites"
            raise InputError("map_stride", self.map_stride, expected, "one of " + ", ".join(map(str, STRIDES)))

    @property
    def letkf(self) -> LETKFSettings:
        """LETKF as tuned for every fourth site, rotating; refuses a noise and members that it was not tuned for."""
        return tuned("lorenz96", "LETKF", self.obs_error_std, self.ensemble_size)


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


def run_filters(
    settings: SparseWorld,
    network: AmEnF,
    observations: Observations,
    change: Callable[[Analysis], Analysis] = lambda analysis: analysis,
) -> dict[str, FilterRun]:
    """Return the runs of the AmEnF and of LETKF; `change` makes another analysis of either's."""
    ensemble, stream = first_ensemble(settings), TEST_STREAM + settings.seed
    dropout, rotations = torch_stream(stream, "dropout"), torch_stream(stream, "rotations")
    begin = {"AmEnF": first_state(network, ensemble.float()), "LETKF": FilterState(ensemble, ensemble[:, :, :0])}
    analysis = {
        "AmEnF": amenf(network, SYSTEM, observations, dropout),
        "LETKF": letkf(settings.letkf, observations, rotations),
    }
    return {name: follow(SYSTEM, first, observations.n_cycles, change(analysis[name])) for name, first in begin.items()}


def score(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return a row a method and truth: rmse, spread, crps, all NaN if the run diverged, and whether it was lost."""
    after, parts = slice(burn_in, None), []
    truth = experiment.truth[after]
    for method, run in runs.items():
        error = spatial_rmse(run.mean[after].double(), truth)
        columns = {"rmse": error.mean(0), "spread": run.spread[after].double().mean(0)}
        columns["crps"] = ensemble_crps(run.members[after], truth.to(run.members)).mean(0)
        columns["lost"] = lost_truths(error, CLIMATOLOGY)
        parts.append(pd.DataFrame({"method": method, "truth": range(len(error[0])), **columns}))
    return pd.concat(parts, ignore_index=True)
