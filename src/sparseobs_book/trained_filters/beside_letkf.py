"""A stored AmEnF beside a tuned LETKF on any of the three systems: what the systems' own pages run."""

from dataclasses import dataclass

import pandas as pd
import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.integrate import System
from sparseobs.errors import require_number
from sparseobs.filtering.letkf import LETKFSettings, run_letkf
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.trained_filters.recipes import TEST_STREAM, climate_ensemble, standard_recipe, stored_filter


@dataclass(frozen=True)
class SystemPage:
    """What a system's page runs.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        seed: decides truths, noise, first ensembles, dropout and rotations.
        obs_error_std: noise of the observations.
        ensemble_size: members of both filters.
        n_truths: independent truths, each a repeat.
        n_cycles: cycles scored.
        burn_in: cycles before them.
        inflation: LETKF's, on the analysis anomalies.
        radius: LETKF's localization, in sites.
        rotation: whether LETKF turns its analysis anomalies at random.
    """

    system: str
    seed: int = 0
    obs_error_std: float = 1.0
    ensemble_size: int = 10
    n_truths: int = 4
    n_cycles: int = 100
    burn_in: int = 60
    inflation: float = 1.02
    radius: float = 10.0
    rotation: bool = False

    def __post_init__(self) -> None:
        named_system(self.system)
        require_number("seed", self.seed, least=0, whole=True)
        require_number("obs_error_std", self.obs_error_std, above=0)
        for name in ("ensemble_size", "n_truths", "n_cycles"):
            require_number(name, getattr(self, name), least=2, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        LETKFSettings(self.inflation, self.radius, self.rotation)

    @property
    def letkf(self) -> LETKFSettings:
        """LETKF's tuning."""
        return LETKFSettings(self.inflation, self.radius, self.rotation)

    @property
    def model(self) -> System:
        """The system."""
        return named_system(self.system)


def presets(system: str, **numbers: float) -> dict[str, SystemPage]:
    """Return a system's page at every size; `numbers` are LETKF's tuning and what else differs."""
    return {
        "smoke": SystemPage(system, n_truths=2, n_cycles=8, burn_in=4, **numbers),
        "lesson": SystemPage(system, **numbers),
        "paper": SystemPage(system, n_truths=10, n_cycles=10_000, burn_in=200, **numbers),
    }


def test_data(page: SystemPage, world: System | None = None) -> TwinExperiment:
    """Return the page's truths and observations, from the filters' own model or another `world`."""
    recipe = standard_recipe(page.system)
    return simulate(
        world or page.model,
        EveryKth(recipe.stride),
        n_cycles=page.burn_in + page.n_cycles,
        batch=page.n_truths,
        obs_error_std=page.obs_error_std,
        seed=TEST_STREAM + page.seed,
    )


def first_ensemble(page: SystemPage) -> torch.Tensor:
    """Return the members of the climate that both filters start from, (truth, member, variable, site)."""
    return climate_ensemble(page.model, (page.n_truths, page.ensemble_size), TEST_STREAM + page.seed)


def run_filters(page: SystemPage, experiment: TwinExperiment) -> dict[str, FilterRun]:
    """Return both filters' runs, from the same members of the climate.

    The AmEnF is the one stored for the page's noise. LETKF is the batched one, whose analysis equals DAPPER's.
    """
    ensemble = first_ensemble(page)
    network = stored_filter(page.system, page.obs_error_std).network
    dropout, rotations = (torch_stream(page.seed, name) for name in ("dropout at test", "rotations"))
    observations = experiment.observations
    return {
        "AmEnF": assimilate(network, page.model, observations, ensemble.float(), dropout),
        "LETKF": run_letkf(page.letkf, page.model, observations, ensemble, generator=rotations),
    }


def errors(runs: dict[str, FilterRun], truth: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return each method's analysis RMSE, (cycle, truth)."""
    return {method: spatial_rmse(run.mean.double(), truth) for method, run in runs.items()}


def score(page: SystemPage, runs: dict[str, FilterRun], truth: torch.Tensor) -> pd.DataFrame:
    """Return a row a method: RMSE with its 95 % interval over the truths, spread, and diverged truths."""
    rows = []
    for method, error in errors(runs, truth).items():
        each = time_mean(error, page.burn_in)
        finite = each[each.isfinite()].numpy()
        interval = repeat_interval(finite) if len(finite) > 1 else None
        spread = time_mean(runs[method].spread.double(), page.burn_in).nanmean().item()
        numbers = {"rmse": finite.mean() if len(finite) else float("nan"), "spread": spread}
        bounds = {"low": interval.low, "high": interval.high} if interval else {}
        rows.append({"method": method, **numbers, **bounds, "diverged": int((~each.isfinite()).sum())})
    return pd.DataFrame(rows)


def rmse_by_variable(page: SystemPage, runs: dict[str, FilterRun], truth: torch.Tensor) -> pd.DataFrame:
    """Return the RMSE of each variable, (method, variable), a mean over scored cycles and truths."""
    scored = slice(page.burn_in, None)
    rows = {}
    for method, run in runs.items():
        squared = (run.mean.double() - truth)[scored].square().mean(-1).sqrt()  # (cycle, truth, variable)
        rows[method] = squared.mean((0, 1)).tolist()
    return pd.DataFrame(rows).T
