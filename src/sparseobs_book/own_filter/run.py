"""What the page on a filter of one's own runs: its numbers, and the package's steps in numpy, to compare."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.letkf_analysis import letkf_analysis, ring_taper
from sparseobs_book.trained_filters.experiments import climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import standard_recipe

PAGE_STREAM = 40_000  # added to the seed: no other page's truths
N_SITES = SYSTEM.n_sites


@dataclass(frozen=True)
class OwnFilter:
    """The numbers of the page.

    Args:
        seed: decides truths, noise and first members.
        obs_error_std: standard deviation of the observation noise, state units.
        ensemble_size: members.
        inflation: factor on the analysis anomalies.
        perturbed_radius: localization radius of the filter with perturbed observations, sites.
        radius: localization radius of LETKF, sites.
        n_cycles: cycles scored.
        burn_in: cycles before them, in which filters find the truth.
        n_truths: worlds that every filter runs on.
        n_many: members of the ensemble whose gain is taken for the true one.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    ensemble_size: int = 10
    inflation: float = 1.1
    perturbed_radius: float = 3.0
    radius: float = 4.0
    n_cycles: int = 240
    burn_in: int = 60
    n_truths: int = 3
    n_many: int = 4000

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_cycles=2, burn_in=1, n_truths=1, n_many=200)
        require_number("obs_error_std", self.obs_error_std, least=0.1, most=5)
        require_number("ensemble_size", self.ensemble_size, least=2, most=100, whole=True)
        require_number("inflation", self.inflation, least=1, most=2)
        for name in ("perturbed_radius", "radius"):
            require_number(name, getattr(self, name), least=0.5, most=100)


PRESETS = {
    "smoke": OwnFilter(n_cycles=8, burn_in=4, n_truths=1, n_many=400),
    "lesson": OwnFilter(),
    "paper": OwnFilter(n_cycles=5000, burn_in=200, n_truths=5, n_many=20_000),
}


class Followed(NamedTuple):
    """One site of the first cycles of a run; cycle 0 is its start.

    Attributes:
        truth: (cycle,), NaN at the start.
        members: (cycle, member), of the analysis; at the start states of the climate.
        readings: (cycle,), NaN where the site was not looked at.
    """

    truth: NDArray
    members: NDArray
    readings: NDArray


def first_cycles(settings: OwnFilter, site: int = 22, n_cycles: int = 60) -> Followed:
    """Return how the package's LETKF finds one site's truth from members of the climate."""
    recipe = standard_recipe("lorenz96", obs_error_std=settings.obs_error_std)
    experiment = observed(recipe, n_cycles=n_cycles, batch=1, seed=PAGE_STREAM + settings.seed)
    ensemble = climate_ensemble(SYSTEM, (1, settings.ensemble_size), PAGE_STREAM + settings.seed)
    letkf = LETKFSettings(settings.inflation, settings.radius)
    run = run_filter(letkf, experiment.observations, ensemble, settings.seed)
    values, mask = experiment.observations.values[:, 0, 0, site], experiment.observations.mask[:, site]
    readings = torch.where(mask, values, torch.nan)
    members = torch.cat([ensemble[None, 0, :, 0, site], run.members[:, 0, :, 0, site]])
    unknown = readings.new_full((1,), torch.nan)
    truth, readings = (torch.cat([unknown, each]) for each in (experiment.truth[:, 0, 0, site], readings))
    return Followed(truth.numpy(), members.numpy(), readings.numpy())


def model_by_package(states: NDArray) -> NDArray:
    """Return the package's forecast of states (..., site) one cycle later."""
    return SYSTEM.schedule.forecast(SYSTEM, torch.as_tensor(states)[..., None, :])[..., 0, :].numpy()


def letkf_by_package(
    members: NDArray, observed_values: NDArray, seen: NDArray, error_std: float, settings: LETKFSettings
) -> NDArray:
    """Return the package's LETKF analysis, inflated.

    Args:
        members: (member, site), forecasts.
        observed_values: (observation,).
        seen: (observation,), their sites, ascending.
        error_std: of the observation noise.
        settings: inflation and radius.
    """
    mask = torch.zeros(members.shape[1], dtype=torch.bool).index_fill(0, torch.as_tensor(seen), True)
    ensemble, values = torch.as_tensor(members)[None], torch.as_tensor(observed_values)[None]
    noise = torch.tensor(error_std, dtype=ensemble.dtype)
    analysis = letkf_analysis(ensemble, values, mask, ring_taper(mask, settings.radius), noise)[0].numpy()
    mean = analysis.mean(0)
    return mean + settings.inflation * (analysis - mean)


def scores(runs: dict[str, list[NDArray]], burn_in: int) -> pd.DataFrame:
    """Return a row a filter: its RMSE on every truth and its mean spread, after the burn-in; NaN where it blew up.

    Args:
        runs: (2, cycle), error and spread, of each truth, by filter.
        burn_in: cycles left out at the start.
    """
    rows = {}
    for name, found in runs.items():
        means = np.array([each[:, burn_in:].mean(1) for each in found])  # NaN from the cycle on where it blew up
        rows[name] = {f"truth {number}": error for number, error in enumerate(means[:, 0])}
        kept = means[np.isfinite(means[:, 1]), 1]
        rows[name]["spread"] = kept.mean() if len(kept) else np.nan
    return pd.DataFrame.from_dict(rows, orient="index")
