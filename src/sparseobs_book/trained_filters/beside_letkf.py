"""A stored AmEnF beside a tuned LETKF on one system: what the page on two more systems runs."""

import functools
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.integrate import System
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.trained_filters import series
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble
from sparseobs_book.trained_filters.recipes import standard_recipe
from sparseobs_book.trained_filters.series import Series
from sparseobs_book.trained_filters.stored import stored_filter

METHODS = ("AmEnF", "LETKF")


@dataclass(frozen=True)
class SystemPage:
    """What is run on a system.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        letkf: LETKF's tuning.
        seed: decides truths, noise, first ensembles, dropout and rotations.
        obs_error_std: noise of the observations.
        ensemble_size: members of both filters.
        n_truths: independent truths, each a repeat.
        n_cycles: cycles scored.
        burn_in: cycles before them.
    """

    system: str
    letkf: LETKFSettings
    seed: int = 0
    obs_error_std: float = 1.0
    ensemble_size: int = 10
    n_truths: int = 4
    n_cycles: int = 100
    burn_in: int = 60

    def __post_init__(self) -> None:
        named_system(self.system)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_whole_numbers(self, seed=0, ensemble_size=2, n_truths=2, n_cycles=4, burn_in=0)

    @property
    def model(self) -> System:
        """The system."""
        return named_system(self.system)


def presets(system: str, letkf: LETKFSettings) -> dict[str, SystemPage]:
    """Return a system's page at every size."""
    return {
        "smoke": SystemPage(system, letkf, n_truths=2, n_cycles=8, burn_in=4),
        "lesson": SystemPage(system, letkf),
        "paper": SystemPage(system, letkf, n_truths=10, n_cycles=10_000, burn_in=200),
    }


def test_data(page: SystemPage, world: System | None = None) -> TwinExperiment:
    """Return the page's truths and observations, from the filters' own model or another `world`."""
    return simulate(
        world or page.model,
        EveryKth(standard_recipe(page.system).stride),
        n_cycles=page.burn_in + page.n_cycles,
        batch=page.n_truths,
        obs_error_std=page.obs_error_std,
        seed=TEST_STREAM + page.seed,
    )


def run_filters(
    page: SystemPage,
    experiment: TwinExperiment,
    trained_for: float | None = None,
    methods: Collection[str] = METHODS,
) -> dict[str, Series]:
    """Return the filters' runs, from the same members of the climate; LETKF in our batched form.

    Args:
        page: what is run.
        experiment: truths and observations, as of `test_data`.
        trained_for: noise that the AmEnF was trained for, if not the page's.
        methods: which of the two are run.
    """
    ensemble = _first_members(page.model, page.n_truths, page.ensemble_size, page.seed)
    network = stored_filter(page.system, trained_for or page.obs_error_std).network
    dropout, rotations = (torch_stream(page.seed, name) for name in ("dropout at test", "rotations"))
    problem = (page.model, experiment, ensemble)
    runs = {
        "AmEnF": lambda: series.run_learned(network, *problem, dropout),
        "LETKF": lambda: series.run_batched("LETKF", page.letkf, *problem, rotations),
    }
    return {method: runs[method]() for method in METHODS if method in methods}


@functools.lru_cache(maxsize=8)
def _first_members(model: System, n_truths: int, ensemble_size: int, seed: int) -> Tensor:
    """Return (truth, member, variable, site), drawn once: a page starts many runs from the same members."""
    return climate_ensemble(model, (n_truths, ensemble_size), TEST_STREAM + seed)


def score(page: SystemPage, runs: dict[str, Series], experiment: TwinExperiment) -> pd.DataFrame:
    """Return a row a method.

    Returns:
        The method as index; rmse, a mean over the truths, with its 95 % interval over them from `low` to `high`; crps
        and spread; lost, the truths that the filter lost. Truths on which its states ceased to be finite have no score.
    """
    rows, climatology = {}, series.climatology_rmse(page.system)
    for method, run in runs.items():
        each = pd.DataFrame(series.score(run, experiment.truth, page.burn_in, climatology))
        finite = each["rmse"].dropna()
        bounds = repeat_interval(finite)[1:3] if len(finite) > 1 else (float("nan"),) * 2
        rows[method] = (finite.mean(), *bounds, each["crps"].mean(), each["spread"].mean(), each["lost"].sum())
    return pd.DataFrame.from_dict(rows, "index", columns=["rmse", "low", "high", "crps", "spread", "lost"])
