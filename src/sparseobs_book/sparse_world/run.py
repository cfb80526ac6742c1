"""Filters made for one observing pattern at work on others, all on the same truths, noise and first ensembles."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from sparseobs.errors import InputError, require_number, require_whole_numbers
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.run import Analysis, FilterRun
from sparseobs.observing.patterns import Pattern
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter, scores
from sparseobs_book.trained_filters.tuning import tuned

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
        require_whole_numbers(
            self, seed=0, map_stride=1, outage_length=1, ensemble_size=2, n_truths=2, n_cycles=2, burn_in=0
        )
        require_number("obs_error_std", self.obs_error_std, above=0)
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


def run_filters(
    settings: SparseWorld,
    network: AmEnF,
    observations: Observations,
    change: Callable[[Analysis], Analysis] = lambda analysis: analysis,
) -> dict[str, FilterRun]:
    """Return the runs of the AmEnF and of LETKF from the same members; `change` makes another analysis of either's."""
    seed = TEST_STREAM + settings.seed
    ensemble = climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), seed)
    filters = {"AmEnF": network, "LETKF": settings.letkf}
    return {name: run_filter(one, observations, ensemble, seed, change) for name, one in filters.items()}


def score(runs: dict[str, FilterRun], experiment: TwinExperiment, burn_in: int) -> pd.DataFrame:
    """Return a row a method and truth, with the columns of `lorenz96.scores`."""
    rows = [scores(run, experiment, burn_in).assign(method=method) for method, run in runs.items()]
    return pd.concat(rows, ignore_index=True)
