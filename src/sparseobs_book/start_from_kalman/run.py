"""What the page on the smoother runs: settings on validation truths, filters on test truths, a truth exchanged."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import advance
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.fixed_lag_runs import fixed_lag_cycles
from sparseobs.filtering.run import Analysis
from sparseobs.filtering.tuning import analysis_errors
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import TEST_STREAM, VALIDATION_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import CLIMATOLOGY, SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import (
    FilterRecipe,
    Recipe,
    smoother_recipe,
    standard_recipe,
    with_training,
)
from sparseobs_book.trained_filters.training import new_trainer
from sparseobs_book.trained_filters.tuning import tuned_starts

# Chosen by hand on validation truths, at ten members. A filter without lag wants a smaller radius.
FILTER = FixedLagSettings(lag=0, radius=3.0, shift=0.0, inflation=1.02)
HALF, MORE = 0.5, 0.65  # shares of the gain by which the anomalies shrink
TRIED = {
    ("standard", HALF): FixedLagSettings(radius=5.0, shift=0.6, inflation=1.02, reduction=HALF),
    ("standard", MORE): FixedLagSettings(radius=5.5, shift=0.6, inflation=1.05, reduction=MORE),
    ("fixed_long_gap", HALF): FixedLagSettings(radius=3.0, shift=0.9, inflation=1.03, reduction=HALF),
    ("fixed_long_gap", MORE): FixedLagSettings(radius=4.0, shift=0.9, inflation=1.05, reduction=MORE),
}
WITHOUT_LAG = {("standard", HALF): FILTER, ("standard", MORE): FixedLagSettings(0, 5.5, 0.0, 1.1, MORE)}


@dataclass(frozen=True)
class StartFromKalman:
    """The numbers of the page.

    Args:
        seed: decides truths, noise and first ensembles.
        ensemble_size: members.
        lag: cycles back at which the ensemble is corrected; this and what follows as in `FixedLagSettings`.
        radius: localization radius, sites.
        shift: sites a cycle by which the taper moves.
        inflation: factor on the anomalies.
        reduction: share of the gain by which they shrink.
        n_truths: trajectories of each experiment.
        n_cycles: cycles scored.
        burn_in: cycles before them, in which filters find the truth and the lag grows.
        n_many: members of the ensemble whose correlations are drawn.
        n_starts: starts from the climate that are followed for `start_cycles`.
        start_cycles: cycles after which they are judged.
        n_training_steps: of the two short trainings, of an AmEnS and of an AmEnF.
    """

    seed: int = 0
    ensemble_size: int = 10
    lag: int = 5
    radius: float = 5.5
    shift: float = 0.6
    inflation: float = 1.05
    reduction: float = MORE
    n_truths: int = 5
    n_cycles: int = 300
    burn_in: int = 120
    n_many: int = 200
    n_starts: int = 40
    start_cycles: int = 150
    n_training_steps: int = 100

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_truths=2, n_cycles=2, burn_in=3, n_many=2, n_starts=2, start_cycles=2)
        require_whole_numbers(self, n_training_steps=1)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        require_number("lag", self.lag, least=0, most=20, whole=True)
        require_number("shift", self.shift, least=-5, most=5)
        self.smoother  # noqa: B018  refuses what it cannot be made of

    @property
    def smoother(self) -> FixedLagSettings:
        """The smoother of these numbers."""
        return FixedLagSettings(self.lag, self.radius, self.shift, self.inflation, self.reduction)


PRESETS = {
    "smoke": StartFromKalman(
        n_truths=2, n_cycles=8, burn_in=4, n_many=20, n_starts=4, start_cycles=4, n_training_steps=2
    ),
    "lesson": StartFromKalman(),
    "paper": StartFromKalman(n_truths=20, n_cycles=5000, burn_in=200, n_starts=400, n_training_steps=2000),
}


class Twin(NamedTuple):
    """An experiment, and the members that every filter starts from, (truth, member, variable, site)."""

    experiment: TwinExperiment
    ensemble: Tensor

    @property
    def given(self) -> tuple[Observations, Tensor]:
        """What a filter is given: observations and first members."""
        return self.experiment.observations, self.ensemble

    def rmse(self, means: Iterable[Tensor], burn_in: int) -> Tensor:
        """Return the RMSE of analysis means (truth, variable, site), one a cycle, after the burn-in, (truth,)."""
        estimate = torch.stack(list(means)).to(self.experiment.truth)
        return time_mean(spatial_rmse(estimate, self.experiment.truth), burn_in)


def twin(settings: StartFromKalman, stream: int, recipe: FilterRecipe | None = None) -> Twin:
    """Return truths, what is seen of them, and members of the climate.

    Args:
        settings: of the page.
        stream: `VALIDATION_STREAM`, where something is chosen, or `TEST_STREAM`.
        recipe: says what is observed; every fourth site, rotating, by default.
    """
    length, seed = settings.burn_in + settings.n_cycles, stream + settings.seed
    recipe = recipe or standard_recipe("lorenz96")
    experiment = observed(recipe, n_cycles=length, batch=settings.n_truths, seed=seed)
    return Twin(experiment, climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), seed))


def errors_of(
    settings: StartFromKalman, tried: Sequence[FixedLagSettings], recipe: FilterRecipe | None = None
) -> pd.DataFrame:
    """Return the RMSE of several smoothers on validation truths, a row a smoother and truth.

    Args:
        settings: of the page.
        tried: the smoothers, all run at once.
        recipe: says what is observed; every fourth site, rotating, by default.

    Returns:
        Columns lag, shift, reduction, truth and rmse, NaN where a run diverged.
    """
    experiment, ensemble = twin(settings, VALIDATION_STREAM, recipe)
    errors = analysis_errors(
        fixed_lag_cycles,
        tried,
        SYSTEM,
        experiment,
        ensemble.float(),
        burn_in=settings.burn_in,
        generator=torch_stream(settings.seed, "rotations"),
        schedule=recipe and recipe.schedule,
    )
    rows = [
        {"lag": one.lag, "shift": one.shift, "reduction": one.reduction, "truth": truth, "rmse": value}
        for one, row in zip(tried, errors.tolist(), strict=True)
        for truth, value in enumerate(row)
    ]
    return pd.DataFrame(rows)


def errors_by_lag(settings: StartFromKalman, lags: Sequence[int], experiment: str = "standard") -> pd.DataFrame:
    """Return `errors_of` smoothers that look back by several lags, with half the gain for anomalies and with more.

    Args:
        settings: of the page; the smoothers are those of `TRIED`.
        lags: cycles.
        experiment: `standard`, or `fixed_long_gap`: fixed sites, three steps from one look to the next.
    """
    recipe = standard_recipe("lorenz96", experiment)
    tried = [
        WITHOUT_LAG.get((which, share), replace(one, lag=0)) if lag == 0 else replace(one, lag=lag)
        for (which, share), one in TRIED.items()
        if which == experiment
        for lag in lags
    ]
    return errors_of(settings, tried, recipe)


def starts_lost(settings: StartFromKalman, tried: Sequence[FixedLagSettings]) -> pd.DataFrame:
    """Return how many starts from the climate still are beyond half of climatology's error after `start_cycles`.

    Returns:
        A row a smoother, in their order: columns growth, way_back, lost and starts.
    """
    short = replace(settings, n_truths=settings.n_starts, burn_in=settings.start_cycles, n_cycles=2)
    errors = errors_of(short, tried)["rmse"].to_numpy().reshape(len(tried), settings.n_starts)
    lost = (~(errors <= CLIMATOLOGY / 2)).sum(1)  # NaN is lost
    rows = [
        {"growth": one.growth, "way_back": one.largest_surprise < math.inf, "lost": count, "starts": settings.n_starts}
        for one, count in zip(tried, lost.tolist(), strict=True)
    ]
    return pd.DataFrame(rows)


def many_members(settings: StartFromKalman) -> Tensor:
    """Return analyses of a filter that has many members, (truth, member, variable, site), after the burn-in."""
    short = replace(settings, ensemble_size=settings.n_many, n_cycles=2)
    experiment, ensemble = twin(short, VALIDATION_STREAM)
    wide = FixedLagSettings(lag=0, radius=14.0, shift=0.0, inflation=1.02)
    for analyses in fixed_lag_cycles([wide], SYSTEM, experiment.observations, ensemble):
        members = analyses.members[0]
    return members


def squared_correlations(then: Tensor, now: Tensor) -> Tensor:
    """Return the mean squared correlation of what was at `j + offset` with what is at `j`, (offset,).

    Args:
        then: (truth, member, variable, site).
        now: the same members, later.

    Returns:
        Of the first variable, over truths and sites, for offsets from minus half the ring up.
    """
    scaled = [each[:, :, 0] - each[:, :, 0].mean(1, keepdim=True) for each in (then, now)]
    scaled = [each / each.square().sum(1, keepdim=True).sqrt() for each in scaled]
    squares = (scaled[0].mT @ scaled[1]).square().mean(0)
    n_sites = len(squares)
    sites = torch.arange(n_sites)
    return torch.stack([squares[(sites + offset) % n_sites, sites].mean() for offset in offsets(n_sites)])


def offsets(n_sites: int) -> Tensor:
    """Return the offsets around a ring, from minus half of it up, (offset,)."""
    return torch.arange(-(n_sites // 2), n_sites - n_sites // 2)


def centre(profile: Tensor) -> float:
    """Return where the weight of a profile around the ring (offset,) is centred, as an angle is averaged."""
    n_sites = len(profile)
    angles = 2 * torch.pi * offsets(n_sites) / n_sites
    return torch.atan2((profile * angles.sin()).sum(), (profile * angles.cos()).sum()).item() * n_sites / 2 / torch.pi


def asymmetry(settings: StartFromKalman, error_std: float, n_steps: int) -> float:
    """Return how far forecasts of opposite errors are from opposite: 0 where the model is linear.

    The root-mean-square of the even part of the error's growth over that of the odd part.

    Args:
        settings: of the page.
        error_std: standard deviation of the errors at first, independent at every site.
        n_steps: integration steps of the forecast.
    """
    stream = torch_stream(VALIDATION_STREAM + settings.seed, "asymmetry")
    states = attractor_states(SYSTEM, settings.n_many, stream)
    errors = error_std * torch.randn(states.shape, generator=stream, dtype=states.dtype)
    starts = states + errors, states - errors, states
    plus, minus, straight = (advance(SYSTEM, each, SYSTEM.schedule.step, n_steps) for each in starts)
    even, odd = plus + minus - 2 * straight, plus - minus
    return (even.square().mean() / odd.square().mean()).sqrt().item()


def exchanged(settings: StartFromKalman) -> tuple[Twin, int]:
    """Return a twin whose truth is exchanged for another halfway through the scored cycles, and the cycle where."""
    cut, n = settings.burn_in + settings.n_cycles // 2, settings.n_truths
    experiment, ensemble = twin(replace(settings, n_truths=2 * n), TEST_STREAM)
    first, second = experiment.part(slice(cut), slice(n)), experiment.part(slice(cut, None), slice(n, None))
    values = torch.cat([first.observations.values, second.observations.values])
    truth = torch.cat([first.truth, second.truth])
    return Twin(TwinExperiment(truth, replace(experiment.observations, values=values)), ensemble[:n]), cut


class Learned(NamedTuple):
    """Two trainings, looked at now and then.

    Attributes:
        steps: (look,), optimiser steps done.
        errors: (look,), analysis RMSE over validation truths and cycles, by network.
        analyses: (look, site), the analysis mean of the first truth at the last cycle, by network.
        truth: (site,), that truth.
    """

    steps: list[int]
    errors: dict[str, list[float]]
    analyses: dict[str, Tensor]
    truth: Tensor


def learned_from(settings: StartFromKalman) -> Learned:
    """Return how the AmEnS learns, which begins as the smoother, and the AmEnF, which begins from nothing.

    Small networks and eight streams; each has the loss of its recipe. Both are judged with ten members.
    """
    short = replace(settings, ensemble_size=10, n_cycles=min(settings.n_cycles, 20))
    trial, n_steps = twin(short, VALIDATION_STREAM), settings.n_training_steps
    looks = sorted({round(share * n_steps) for share in (0, 0.1, 0.25, 0.5, 1)})
    errors, analyses = {}, {}
    for name, recipe in _short_recipes(settings).items():
        trainer, means = new_trainer(recipe), []
        for look in looks:
            while trainer.iteration < look:
                trainer.step()
            means.append(run_filter(trainer.average, *trial.given, settings.seed).mean)
        errors[name] = [trial.rmse(each, short.burn_in).mean().item() for each in means]
        analyses[name] = torch.stack([each[-1, 0, 0] for each in means])
    return Learned(looks, errors, analyses, trial.experiment.truth[-1, 0, 0])


def _short_recipes(settings: StartFromKalman) -> dict[str, Recipe]:
    """Return the recipes of both networks, cut down to `n_training_steps`; unrolls of three and four cycles."""
    n_steps = settings.n_training_steps
    few = {"rounds": (n_steps,), "batch": 8, "other_sizes": (), "warm_up": max(1, n_steps // 10)}
    few |= {"averaging": 0.97, "seed": settings.seed}  # averages of a short training
    size = {"filters": 24, "n_streams": 8, "n_cycles": 4 * n_steps + 5}
    smoother, alone = smoother_recipe("lorenz96", **size), standard_recipe("lorenz96", **size)
    smoother = with_training(smoother, **few, first_unroll=3, last_unroll=3, learning_rate=3e-4)
    alone = with_training(alone, **few, first_unroll=4, last_unroll=4, ensemble_size=2)
    return {"AmEnS": tuned_starts(smoother, (smoother.training.ensemble_size,)), "AmEnF": alone}


class Noted:
    """Makes an analysis note the lag of every run after each cycle; `lags` holds (cycle, run).

    It is what `run_filter` takes for `change`.
    """

    def __init__(self) -> None:
        self.noted: list[Tensor] = []

    def __call__(self, analysis: Analysis) -> Analysis:
        """Return the same analysis, whose lags are noted."""

        def noting(state, cycle):
            state = analysis(state, cycle)
            self.noted.append(state.lag)
            return state

        return noting

    @property
    def lags(self) -> Tensor:
        """Lag of every run, (cycle, run)."""
        return torch.stack(self.noted)
