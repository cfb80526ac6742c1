"""Filters in the space of the members, for many settings and trajectories at once: iEnKS with lag 1, and EnKF.

Their analyses equal DAPPER's (`Sqrt`), which the reported figures come from; these are for tuning. The ensemble
square-root filter for any linear instrument, without localization, stands beside them [hunt2007].
References: [bocquet2014] for the iterations, [raanes2024] for DAPPER.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.errors import require_number
from sparseobs.filtering.ensemble_runs import LARGEST_STATE, Cycle, Problem, Runs, Seen, all_cycles

ITERATIONS = 10  # DAPPER's default, all of them done


@dataclass(frozen=True)
class TransformSettings:
    """What an ensemble filter without localization needs tuned.

    Args:
        inflation: factor on the analysis anomalies, at least 1.
        rotation: whether a random rotation that keeps mean and covariance follows.
    """

    inflation: float = 1.0
    rotation: bool = False

    def __post_init__(self) -> None:
        require_number("inflation", self.inflation, least=1)


@all_cycles
def ienks_cycles(problem: Problem) -> Cycle:
    """Yield the analyses of the iterative ensemble Kalman smoother with lag 1, see `all_cycles`.

    Each cycle fits the ensemble one cycle back to the new observations by Gauss and Newton's method.
    """

    def one_cycle(runs: Runs, cycle: int) -> tuple[Runs, Tensor]:
        smoothed, analysis = _fit(problem, runs, problem.seen(runs, cycle))
        following = problem.forecast(problem.spread_out(runs, smoothed))
        # A run whose iterations diverged is NaN; one whose analysis is sound may yet be lost in this forecast.
        runs, going = runs._replace(ensemble=following).survivors()
        return runs, analysis[going]

    return one_cycle


@all_cycles
def enkf_cycles(problem: Problem) -> Cycle:
    """Yield the analyses of the deterministic ensemble Kalman filter, without localization, see `all_cycles`."""

    def one_cycle(runs: Runs, cycle: int) -> tuple[Runs, Tensor]:
        runs, _ = runs._replace(ensemble=problem.forecast(runs.ensemble)).survivors()
        mean, anomalies = _centred(runs.ensemble)
        change = _Change.by(*_departures(runs.ensemble, problem.seen(runs, cycle)), torch.zeros_like(anomalies[..., 0]))
        analysis = mean + (change.weights[:, None] + change.transform) @ anomalies
        runs = runs._replace(ensemble=problem.spread_out(runs, analysis))
        return runs, runs.ensemble

    return one_cycle


def square_root_analysis(forecast: Tensor, expected: Tensor, values: Tensor, error_std: float) -> Tensor:
    """Return the analysis ensembles, in exact agreement with the Kalman filter for the ensemble's own covariance.

    Args:
        forecast: (run, member, state).
        expected: (run, member, observation), what the instrument would show of every member.
        values: (run, observation), what it showed.
        error_std: standard deviation of its independent errors.
    """
    mean, middle = forecast.mean(1, keepdim=True), expected.mean(1, keepdim=True)
    scale = error_std * (forecast.shape[1] - 1) ** 0.5
    seen, innovation = (expected - middle) / scale, (values - middle[:, 0]) / scale
    eigenvalues, vectors = torch.linalg.eigh(seen @ seen.mT)
    one_plus = 1 + eigenvalues.clamp(min=0)[:, None]
    weights = (vectors / one_plus) @ (vectors.mT @ (seen @ innovation[..., None]))
    transform = (vectors / one_plus.sqrt()) @ vectors.mT
    return mean + (weights.mT + transform) @ (forecast - mean)


class _Change(NamedTuple):
    """A Gauss-Newton step: of the weights (run, member), and the transform (run, member, member) with its inverse."""

    weights: Tensor
    transform: Tensor
    inverse: Tensor

    @classmethod
    def by(cls, anomalies: Tensor, innovation: Tensor, weights: Tensor) -> "_Change":
        """Return the step from `weights`; anomalies (run, member, observation) in units of the observation error."""
        degrees = anomalies.shape[1] - 1
        values, vectors = torch.linalg.eigh(anomalies @ anomalies.mT)
        precision = values.clamp(min=0)[:, None] + degrees
        gradient = (anomalies @ innovation[..., None]) - degrees * weights[..., None]
        step = (vectors / precision) @ (vectors.mT @ gradient)
        root = (precision / degrees).sqrt()
        return cls(step[..., 0], (vectors / root) @ vectors.mT, (vectors * root) @ vectors.mT)


def _fit(problem: Problem, runs: Runs, seen: Seen) -> tuple[Tensor, Tensor]:
    """Return the ensembles one cycle back given what is seen now, and the analysis; NaN where a run diverged."""
    mean, anomalies = _centred(runs.ensemble)
    weights = torch.zeros_like(anomalies[..., 0])
    transform = torch.eye(anomalies.shape[1]).to(anomalies).expand(len(anomalies), -1, -1)
    inverse, first, diverged = transform, None, torch.zeros_like(runs.place, dtype=torch.bool)
    for _ in range(ITERATIONS):
        forecast = problem.forecast(mean + (weights[:, None] + transform) @ anomalies)
        diverged = diverged | ~(forecast.abs().amax((-1, -2)) < LARGEST_STATE)
        forecast = forecast.masked_fill(diverged[:, None, None], 0)  # no decomposition takes a NaN
        first = _centred(forecast)[1] if first is None else first
        observed, innovation = _departures(forecast, seen)
        change = _Change.by(inverse @ observed, innovation, weights)
        # As far as linear theory goes, what another forecast would show.
        analysis = forecast + (change.weights[:, None] + change.transform - transform) @ first
        weights, transform, inverse = weights + change.weights, change.transform, change.inverse
    smoothed = mean + (weights[:, None] + transform) @ anomalies
    return smoothed.masked_fill(diverged[:, None, None], torch.nan), analysis


def _centred(ensemble: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean (run, 1, state) and anomalies (run, member, state)."""
    mean = ensemble.mean(1, keepdim=True)
    return mean, ensemble - mean


def _departures(forecast: Tensor, seen: Seen) -> tuple[Tensor, Tensor]:
    """Return observed anomalies (run, member, observation) and innovation (run, observation), over the noise."""
    mean, anomalies = _centred(forecast[..., seen.states] / seen.error_stds)
    return anomalies, seen.values / seen.error_stds - mean[:, 0]
