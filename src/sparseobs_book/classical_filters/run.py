"""What the page on classical filters runs: what sampling makes of an observation, and LETKF with its members kept."""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.cycle import FilterState, predict
from sparseobs.filtering.ensemble_runs import LARGEST_STATE
from sparseobs.filtering.letkf import LETKFSettings, letkf, letkf_cycles
from sparseobs.filtering.letkf_analysis import ring_taper
from sparseobs.filtering.tuning import analysis_errors, ranked
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, ensemble_spread, spatial_rmse, spread_skill_ratio
from sparseobs.scores.intervals import time_mean_interval
from sparseobs.scores.lost import lost_truths
from sparseobs_book.trained_filters.experiments import climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY, SYSTEM
from sparseobs_book.trained_filters.recipes import standard_recipe

PAGE_STREAM = 30_000  # added to the seed: neither training, validation nor test streams
# A part of the tuning grid, coarse enough for a few seconds.
INFLATIONS = (1.0, 1.02, 1.04, 1.07, 1.1, 1.2, 1.4)
RADII = (1.0, 2.0, 4.0, 7.0, 10.0, 20.0)
NEAR, FAR = 3, 12  # sites from an observation


@dataclass(frozen=True)
class Classical:
    """The numbers of the page on classical filters.

    Args:
        seed: decides truth, noise and ensembles.
        obs_error_std: standard deviation of the observation noise, state units.
        stride: every how many sites is one observed; the pattern rotates.
        ensemble_size: members.
        inflation: factor on the analysis anomalies of the repaired filter, at least 1.
        radius: localization radius of the repaired filter, sites.
        n_cycles: cycles scored in the time plots and histograms.
        n_tuning_cycles: cycles scored of each setting of the heat map.
        burn_in: cycles before them, in which filters find the truth.
        n_trajectories: truths that each setting of the heat map is tried on.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    stride: int = 4
    ensemble_size: int = 10
    inflation: float = 1.1
    radius: float = 4.0
    n_cycles: int = 400
    n_tuning_cycles: int = 80
    burn_in: int = 80
    n_trajectories: int = 2

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_cycles=4, n_tuning_cycles=1, burn_in=0, n_trajectories=1)
        require_number("obs_error_std", self.obs_error_std, above=0)
        EveryKth(self.stride).sites(0, SYSTEM.n_sites)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        LETKFSettings(self.inflation, self.radius)

    @property
    def tuned(self) -> LETKFSettings:
        """The repaired filter's settings."""
        return LETKFSettings(self.inflation, self.radius)


PRESETS = {
    "smoke": Classical(n_cycles=20, n_tuning_cycles=3, burn_in=5, n_trajectories=1),
    "lesson": Classical(),
    "paper": Classical(n_cycles=10_000, n_tuning_cycles=1000, burn_in=200, n_trajectories=5),
}


def forecast_ensemble(n_members: int, error_std: float, seed: int, n_cycles: int = 4) -> Tensor:
    """Return forecasts from an analysis with independent errors, (member, variable, site).

    Args:
        n_members: how many.
        error_std: standard deviation of the analysis errors, independent at every site.
        seed: decides state and errors.
        n_cycles: length of the forecast, in which the dynamics correlate the errors.
    """
    stream = torch_stream(PAGE_STREAM + seed, "forecast ensemble")
    state = attractor_states(SYSTEM, 1, stream)
    noise = torch.randn(n_members, *state.shape[1:], generator=stream, dtype=state.dtype)
    members = state + error_std * noise
    for _ in range(n_cycles):
        members = SYSTEM.schedule.forecast(SYSTEM, members)
    return members


def correlations(ensembles: Tensor, site: int) -> Tensor:
    """Return the sample correlation of one site of the first variable with every site of it, (..., site).

    Args:
        ensembles: (..., member, variable, site), at least two members.
        site: the one.
    """
    anomalies = ensembles[..., 0, :] - ensembles[..., 0, :].mean(-2, keepdim=True)
    products = (anomalies * anomalies[..., site : site + 1]).sum(-2)
    norms = anomalies.square().sum(-2).sqrt()
    return products / (norms * norms[..., site : site + 1])


def increments(ensembles: Tensor, site: int, obs_error_std: float, radius: float | None = None) -> Tensor:
    """Return what an innovation of one at one site adds to the mean, (..., site), each site analysed for itself.

    Args:
        ensembles: (..., member, variable, site), forecasts, at least two members.
        site: of the first variable, the only one observed.
        obs_error_std: standard deviation of the observation noise, state units.
        radius: localization radius, sites, or None for no localization.

    References: [hunt2007], with the noise's variance divided by the observation's weight.
    """
    anomalies = ensembles[..., 0, :] - ensembles[..., 0, :].mean(-2, keepdim=True)
    covariance = (anomalies * anomalies[..., site : site + 1]).sum(-2) / (anomalies.shape[-2] - 1)
    variance = covariance[..., site : site + 1]
    weights = weights_of(site, radius).to(covariance)
    return weights * covariance / (weights * variance + obs_error_std**2)


def weights_of(site: int, radius: float | None) -> Tensor:
    """Return the localization weight of an observation at one site, (site,), or ones for no radius."""
    mask = torch.arange(SYSTEM.n_sites) == site
    return torch.ones(SYSTEM.n_sites) if radius is None else ring_taper(mask, radius)[0]


def sites_apart(site: int) -> Tensor:
    """Return how far every site of the ring is from one of them, (site,)."""
    apart = (torch.arange(SYSTEM.n_sites) - site).abs()
    return torch.minimum(apart, SYSTEM.n_sites - apart)


def in_small_ensembles(members: Tensor, size: int) -> Tensor:
    """Return many members (member, variable, site) as ensembles of `size`, (ensemble, member, variable, site)."""
    return members[: len(members) // size * size].unflatten(0, (-1, size))


class IncrementErrors(NamedTuple):
    """How far the increments of small ensembles are from that of many members: RMS over ensembles and sites."""

    everywhere: float
    near: float
    far: float


def increment_errors(found: Tensor, reference: Tensor, site: int) -> IncrementErrors:
    """Return the RMS errors of increments (ensemble, site) at all sites, up to `NEAR` and from `FAR` sites away."""
    squares, apart = (found - reference).square().mean(0), sites_apart(site)
    parts = squares, squares[apart <= NEAR], squares[apart >= FAR]
    return IncrementErrors(*(part.mean().sqrt().item() for part in parts))


def twin_experiment(settings: Classical, n_cycles: int, n_trajectories: int = 1) -> TwinExperiment:
    """Return truths and observations of the page's noise and pattern."""
    recipe = standard_recipe("lorenz96", obs_error_std=settings.obs_error_std, stride=settings.stride)
    size = {"n_cycles": settings.burn_in + n_cycles, "batch": n_trajectories}
    return observed(recipe, **size, seed=PAGE_STREAM + settings.seed)


def first_ensemble(settings: Classical, n_trajectories: int = 1) -> Tensor:
    """Return members of the climate, (trajectory, member, variable, site)."""
    return climate_ensemble(SYSTEM, (n_trajectories, settings.ensemble_size), PAGE_STREAM + settings.seed)


def heat_map(settings: Classical) -> pd.DataFrame:
    """Return the RMSE of every inflation and radius at once (`ranked`), and the runs that diverged."""
    grid = [LETKFSettings(inflation, radius) for inflation in INFLATIONS for radius in RADII]
    errors = analysis_errors(
        letkf_cycles,
        grid,
        SYSTEM,
        twin_experiment(settings, settings.n_tuning_cycles, settings.n_trajectories),
        first_ensemble(settings, settings.n_trajectories),
        burn_in=settings.burn_in,
        generator=torch_stream(PAGE_STREAM + settings.seed, "rotations"),
    )
    return ranked(grid, errors)


class Members(NamedTuple):
    """All members of one run, (cycle, batch, member, variable, site); NaN once it has diverged."""

    forecast: Tensor
    analysis: Tensor


def letkf_members(settings: LETKFSettings, observations: Observations, ensemble: Tensor) -> Members:
    """Run the LETKF [hunt2007] on Lorenz-96 and keep its members; without rotation.

    Args:
        settings: inflation and radius.
        observations: what is assimilated.
        ensemble: (batch, member, variable, site), one cycle before the first observation.
    """
    shape = (observations.n_cycles, *ensemble.shape)
    kept = Members(ensemble.new_full(shape, torch.nan), ensemble.new_full(shape, torch.nan))
    analysis = letkf(settings, observations, torch_stream(0, "no rotation"))
    state = FilterState(ensemble, memory=ensemble[:, :, :0])
    for cycle in range(observations.n_cycles):
        state = predict(SYSTEM, SYSTEM.schedule, state)
        if not state.forecast.abs().max() < LARGEST_STATE:  # nor is NaN
            break
        kept.forecast[cycle] = state.forecast
        state = analysis(state, cycle)
        kept.analysis[cycle] = state.forecast
    return kept


def score_members(cases: dict[str, Members], truth: Tensor) -> pd.DataFrame:
    """Return a row a case: its scores over all cycles of one trajectory; NaN where it diverged.

    Args:
        cases: runs on the same experiment, by name.
        truth: (cycle, 1, variable, site).

    Returns:
        Columns case, RMSE (a text with the 95 % interval of its time mean) and CRPS (fair) of the analysis, its spread,
        spread/skill (of the forecast, 1 if calibrated), and whether the truth was lost.
    """
    rows = []
    for case, (forecast, analysis) in cases.items():
        error, forecast_error = (spatial_rmse(each.mean(2), truth) for each in (analysis, forecast))
        ratio = spread_skill_ratio(ensemble_spread(forecast), forecast_error, forecast.shape[2])
        rows.append(
            {
                "case": case,
                "RMSE": str(time_mean_interval(error[:, 0])) if torch.isfinite(error).all() else "diverged",
                "CRPS": ensemble_crps(analysis, truth, fair=True).mean().item(),
                "spread": ensemble_spread(analysis).mean().item(),
                "spread/skill": ratio.item(),
                "lost": lost_truths(error, CLIMATOLOGY).item(),
            }
        )
    return pd.DataFrame(rows)


def tuning_gain(table: pd.DataFrame) -> pd.DataFrame:
    """Return what tuning bought, a row a noise and ensemble size.

    Args:
        table: the stored tuning of one method on one system.

    Returns:
        Columns obs_error_std, ensemble_size; inflation, radius and rmse of the setting chosen; the rmse of the best
        setting without inflation, and of the best with the largest radius, among those that did not diverge, NaN if
        none; and the share of all settings that did not diverge in any run.
    """
    rows = []
    for (noise, size), part in table.groupby(["obs_error_std", "ensemble_size"]):
        sound = part[part["n_diverged"] == 0]
        best = sound[sound["n_cycles"] == part["n_cycles"].max()].nsmallest(1, "rmse").iloc[0]
        rows.append(
            {
                "obs_error_std": noise,
                "ensemble_size": size,
                **best[["inflation", "radius", "rmse"]],
                "no inflation": sound.loc[sound["inflation"] == 1, "rmse"].min(),
                "no localization": sound.loc[sound["radius"] == part["radius"].max(), "rmse"].min(),
                "survived": len(sound) / len(part),
            }
        )
    return pd.DataFrame(rows)
