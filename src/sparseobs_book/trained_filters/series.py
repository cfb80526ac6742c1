"""One method's run over several repeats, by whichever implementation, and what is kept of it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scoringrules
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import CLIMATES
from sparseobs.dynamics.integrate import System
from sparseobs.filtering import dapper_bridge
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.baselines import dapper_method, latest_observations
from sparseobs.filtering.run import assimilate
from sparseobs.filtering.tuning import METHODS
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import stream_seed
from sparseobs.scores.ensemble import diverged, ensemble_crps, spatial_rmse
from sparseobs.scores.intervals import time_mean_interval
from sparseobs.scores.lost import lost_truths


class Series(NamedTuple):
    """One method on all repeats, (cycle, repeat, ...); NaN from where a run diverged, or where there is no such thing.

    Attributes:
        analysis: the means, (cycle, repeat, variable, site).
        spread: of the analyses, (cycle, repeat).
        forecast: the means of the forecasts, shaped as `analysis`.
        crps: of the analyses, (cycle, repeat).
    """

    analysis: Tensor
    spread: Tensor
    forecast: Tensor
    crps: Tensor

    @classmethod
    def of_analyses(cls, analysis: Tensor, crps: Tensor, spread: Tensor | None = None) -> "Series":
        """Return what is known of a method whose forecasts were not kept, or which makes none."""
        spread = torch.full_like(crps, torch.nan) if spread is None else spread
        return cls(analysis, spread, torch.full_like(analysis, torch.nan), crps)


def run_learned(
    network: AmEnF | AmEnS, system: System, experiment: TwinExperiment, ensemble: Tensor, generator: torch.Generator
) -> Series:
    """Run a learned filter on all repeats at once.

    Args:
        network: the filter.
        system: the model.
        experiment: truth and observations.
        ensemble: (repeat, member, variable, site), one cycle before the first observation.
        generator: draws dropout masks and fillings, or rotations.
    """
    run = assimilate(network, system, experiment.observations, ensemble.float(), generator, keep_members=True)
    truth = experiment.truth
    forecast, crps = torch.full_like(truth, torch.nan), torch.full_like(truth[..., 0, 0], torch.nan)
    for repeat in range(truth.shape[1]):  # one by one, for the memory
        members = run.members[:, repeat].double()
        crps[:, repeat] = ensemble_crps(members, truth[:, repeat])
        forecast[1:, repeat] = system.schedule.forecast(system, members[:-1]).mean(1)
    return Series(run.mean.double(), run.spread.double(), forecast, crps)


def run_batched(
    method: str,
    tuning: object,
    system: System,
    experiment: TwinExperiment,
    ensemble: Tensor,
    generator: torch.Generator,
) -> Series:
    """Run a classical filter in our own form, whose analysis equals DAPPER's, on all repeats at once.

    Args:
        method: of `sparseobs.filtering.tuning.METHODS`.
        tuning: its settings.
        system, experiment, ensemble: as of `run_learned`.
        generator: draws rotations.
    """
    run = METHODS[method].cycles([tuning], system, experiment.observations, ensemble, generator=generator)
    kept = [
        (one.mean, ensemble_crps(one.members[0], truth)[None], one.spread)
        for one, truth in zip(run, experiment.truth, strict=True)
    ]
    return Series.of_analyses(*(torch.cat(values) for values in zip(*kept, strict=True)))


def run_dapper(
    method: str,
    tuning: object,
    system: System,
    experiment: TwinExperiment,
    ensemble: Tensor,
    seeds: Sequence[int],
) -> Series:
    """Run DAPPER's own filter on the first repeats, a seed each; other arguments as of `run_batched`."""
    parts = []
    for repeat, seed in enumerate(seeds):
        one = slice(repeat, repeat + 1)
        filter_ = dapper_method(method, system, ensemble.shape[1], tuning)
        state = 1 + stream_seed(seed, method) % 10**6
        case = experiment.part(slice(None), one)
        run = dapper_bridge.run_dapper(filter_, system, case, ensemble[one], seed=state)
        forecast = torch.as_tensor(np.asarray(filter_.stats.mu.f)).unflatten(-1, run.mean.shape[2:])
        crps = torch.as_tensor(np.asarray(filter_.stats.crps.a)).mean(-1)
        parts.append(Series(run.mean, run.spread, forecast[:, None], crps[:, None]))
    return Series(*(torch.cat(values, 1) for values in zip(*parts, strict=True)))


def climatology_rmse(system: str) -> float:
    """Return the expected RMSE of the climate's mean, state units, and so the climate's spread."""
    return float(np.sqrt(np.square(CLIMATES[system].standard_deviation).mean()))


def without_model(system: str, experiment: TwinExperiment) -> dict[str, Series]:
    """Return each site's newest observation, and the climate: a Gaussian of each variable.

    Args:
        system: its name.
        experiment: what is observed, and for how long.
    """
    truth, seen = experiment.truth, experiment.observations.mask.cumsum(0) > 0
    mean, deviation = (truth.new_tensor(numbers)[:, None].expand_as(truth) for numbers in CLIMATES[system][:2])
    newest = torch.where(seen[:, None, None], latest_observations(experiment.observations, 0.0), mean)
    crps = torch.as_tensor(scoringrules.crps_normal(truth.numpy(), mean.numpy(), deviation.numpy())).mean((-1, -2))
    spread = torch.full_like(crps, climatology_rmse(system))
    return {
        "observations": Series.of_analyses(newest, ensemble_crps(newest[:, :, None], truth)),
        "climatology": Series.of_analyses(mean, crps, spread),
    }


def score(series: Series, truth: Tensor, burn_in: int, climatology: float) -> Iterator[dict]:
    """Yield each repeat's scores, means over the scored cycles.

    Args:
        series: one method.
        truth: (cycle, repeat, variable, site).
        burn_in: cycles not scored.
        climatology: RMSE of the climate's mean.

    Returns:
        rmse, forecast_rmse, spread and crps; rmse_half_width, of the 95 % interval of the run's time mean; lost, 1
        where the truth was by `lost_truths`, else 0. Scores are NaN where there are none of the kind, and all of them
        where the states ceased to be finite.
    """
    n_repeats = series.analysis.shape[1]
    infinite, truth = diverged(series.analysis), truth[:, :n_repeats]
    error = spatial_rmse(series.analysis, truth)[burn_in:]
    lost = lost_truths(error, climatology) | infinite
    others = {
        "forecast_rmse": spatial_rmse(series.forecast, truth)[max(burn_in, 1) :],
        "spread": series.spread[burn_in:],
        "crps": series.crps[burn_in:],
    }
    for repeat in range(n_repeats):
        scores = dict.fromkeys(("rmse", "rmse_half_width", *others), float("nan"))
        if not infinite[repeat]:
            interval = time_mean_interval(error[:, repeat])
            scores = {"rmse": interval.mean, "rmse_half_width": (interval.high - interval.low) / 2}
            scores |= {name: values[:, repeat].mean().item() for name, values in others.items()}
        yield scores | {"lost": int(lost[repeat])}
