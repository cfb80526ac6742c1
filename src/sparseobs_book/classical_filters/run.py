"""What the page on classical filters runs: sampled correlations, and LETKF with all its members kept."""

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.climate import attractor_states
from sparseobs.errors import require_number
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.ensemble_runs import LARGEST_STATE
from sparseobs.filtering.letkf import LETKFSettings, letkf_cycles
from sparseobs.filtering.letkf_analysis import letkf_analysis, ring_taper
from sparseobs.filtering.run import FilterRun
from sparseobs.filtering.tuning import analysis_errors, ranked
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import diverged, ensemble_crps, ensemble_spread, spatial_rmse, spread_skill_ratio
from sparseobs.scores.intervals import time_mean_interval
from sparseobs_book.trained_filters.experiments import climate_ensemble

SYSTEM = named_system("lorenz96")
PAGE_STREAM = 30_000  # added to the seed: neither training, validation nor test streams
# A part of the tuning grid, coarse enough for a few seconds.
INFLATIONS = (1.0, 1.02, 1.04, 1.07, 1.1, 1.2, 1.4)
RADII = (1.0, 2.0, 4.0, 7.0, 10.0, 20.0)


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
        require_number("seed", self.seed, least=0, whole=True)
        require_number("obs_error_std", self.obs_error_std, above=0)
        EveryKth(self.stride).sites(0, SYSTEM.n_sites)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        LETKFSettings(self.inflation, self.radius)
        require_number("n_cycles", self.n_cycles, least=2, whole=True)
        require_number("n_tuning_cycles", self.n_tuning_cycles, least=1, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        require_number("n_trajectories", self.n_trajectories, least=1, whole=True)

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


def twin_experiment(settings: Classical, n_cycles: int, n_trajectories: int = 1) -> TwinExperiment:
    """Return truths and observations of the page's noise and pattern."""
    return simulate(
        SYSTEM,
        EveryKth(settings.stride),
        n_cycles=settings.burn_in + n_cycles,
        batch=n_trajectories,
        obs_error_std=settings.obs_error_std,
        seed=PAGE_STREAM + settings.seed,
    )


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
    for cycle in range(observations.n_cycles):
        forecast = SYSTEM.schedule.forecast(SYSTEM, ensemble)
        if not forecast.abs().max() < LARGEST_STATE:  # nor is NaN
            break
        kept.forecast[cycle] = forecast
        ensemble = kept.analysis[cycle] = _analysis(settings, observations, cycle, forecast)
    return kept


def _analysis(settings: LETKFSettings, observations: Observations, cycle: int, forecast: Tensor) -> Tensor:
    seen = observations.mask[cycle]
    values = observations.values[cycle].to(forecast).flatten(-2)[:, seen]
    taper = ring_taper(seen, settings.radius).to(forecast)
    error_std = forecast.new_tensor(observations.error_stds)
    analysis = letkf_analysis(forecast.flatten(-2), values, seen, taper, error_std).unflatten(-1, forecast.shape[2:])
    mean = analysis.mean(1, keepdim=True)
    return mean + settings.inflation * (analysis - mean)


def dapper_letkf(settings: LETKFSettings, experiment: TwinExperiment, ensemble: Tensor) -> FilterRun:
    """Run DAPPER's LETKF [raanes2018] on the same observations, first members and settings."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF

    method = LETKF(N=ensemble.shape[1], infl=settings.inflation, loc_rad=settings.radius, rot=settings.rotation)
    return run_dapper(method, SYSTEM, experiment, ensemble, seed=1)


def from_cycle(experiment: TwinExperiment, cycle: int) -> TwinExperiment:
    """Return the part of an experiment from `cycle` on."""
    return _part(experiment, slice(cycle, None))


def first_cycles(experiment: TwinExperiment, n_cycles: int) -> TwinExperiment:
    """Return the first cycles of an experiment."""
    return _part(experiment, slice(n_cycles))


def _part(experiment: TwinExperiment, cycles: slice) -> TwinExperiment:
    seen = experiment.observations
    return TwinExperiment(
        experiment.truth[cycles], Observations(seen.values[cycles], seen.mask[cycles], seen.error_std)
    )


def score_members(cases: dict[str, Members], truth: Tensor) -> pd.DataFrame:
    """Return one row a case: errors, spread and CRPS over all cycles of one trajectory; NaN where it diverged.

    Args:
        cases: runs on the same experiment, by name.
        truth: (cycle, 1, variable, site).

    Returns:
        Columns case, analysis RMSE (a text with the 95 % interval of its time mean), forecast RMSE, spread (of the
        analysis), spread/skill (of the forecast, 1 if calibrated) and CRPS (of the analysis, fair).
    """
    rows = []
    for case, members in cases.items():
        error = spatial_rmse(members.analysis.mean(2), truth)[:, 0]
        forecast_error = spatial_rmse(members.forecast.mean(2), truth)
        spread, size = ensemble_spread(members.forecast), members.forecast.shape[2]
        rows.append(
            {
                "case": case,
                "analysis RMSE": "diverged" if diverged(members.analysis).any() else str(time_mean_interval(error)),
                "forecast RMSE": forecast_error.mean().item(),
                "spread": ensemble_spread(members.analysis).mean().item(),
                "spread/skill": spread_skill_ratio(spread, forecast_error, size).item(),
                "CRPS": ensemble_crps(members.analysis, truth, fair=True).mean().item(),
            }
        )
    return pd.DataFrame(rows)


def tuning_gain(table: pd.DataFrame) -> pd.DataFrame:
    """Return what tuning bought, a row a noise and ensemble size.

    Args:
        table: the stored tuning, columns obs_error_std, ensemble_size, inflation, radius, rotation, rmse, n_diverged,
            n_runs, n_cycles.

    Returns:
        Columns obs_error_std, ensemble_size; the chosen setting and its rmse; the same of the settings without
        inflation, and of those with the largest radius: each the best that did not diverge, NaN if none; and the
        share of all settings of which every run survived.
    """
    rows = []
    for (noise, size), part in table.groupby(["obs_error_std", "ensemble_size"]):
        sound = part[part["n_diverged"] == 0]
        longest = sound[sound["n_cycles"] == part["n_cycles"].max()]
        best = longest.nsmallest(1, "rmse").iloc[0]
        rows.append(
            {
                "obs_error_std": noise,
                "ensemble_size": size,
                **best[["inflation", "radius", "rotation", "rmse"]],
                "no inflation": sound.loc[sound["inflation"] == 1, "rmse"].min(),
                "no localization": sound.loc[sound["radius"] == part["radius"].max(), "rmse"].min(),
                "settings that survived": len(sound) / len(part),
            }
        )
    return pd.DataFrame(rows)
