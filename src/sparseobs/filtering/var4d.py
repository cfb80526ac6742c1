"""4D-Var over one cycle for many settings and trajectories at once.

Its analyses equal those of DAPPER's `Var4D` with lag 1, which the reported figures come from; this one is for tuning.
References: [raanes2024].
"""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System
from sparseobs.dynamics.tangent import along_tangents
from sparseobs.errors import require_choice, require_number
from sparseobs.filtering.ensemble_runs import LARGEST_STATE, Cycle, Problem, Runs, Seen, all_cycles
from sparseobs.randomness import torch_stream

ITERATIONS = 10  # at most, as in DAPPER
TOLERANCE = 1e-3  # of the mean square step, in standard deviations of the background
BACKGROUNDS = ("identity", "climate")


@dataclass(frozen=True)
class VariationalSettings:
    """What 4D-Var needs tuned: the covariance of its background error, the same at every cycle.

    Args:
        background: the identity, or the covariance of the system's climate.
        background_scale: factor on that covariance.
    """

    background: str = "identity"
    background_scale: float = 1.0

    def __post_init__(self) -> None:
        require_choice("background", self.background, BACKGROUNDS)
        require_number("background_scale", self.background_scale, above=0)

    def covariance(self, system: System) -> Tensor:
        """Return the background error's covariance without its factor, (state, state), float64."""
        if self.background == "identity":
            return torch.eye(system.n_variables * system.n_sites, dtype=torch.float64)
        return climate_covariance(system)


@functools.lru_cache(maxsize=8)
def climate_covariance(system: System) -> Tensor:
    """Return the covariance of a system's attractor states, the same at all turns of the ring: (state, state).

    Args:
        system: any system.
    """
    states = attractor_states(system, 128, torch_stream(0, "climate covariance"))
    turned = torch.cat([states.roll(sites, -1) for sites in range(system.n_sites)])
    return turned.flatten(-2).mT.cov()


@all_cycles
def var4d_cycles(problem: Problem) -> Cycle:
    """Yield the analyses of 4D-Var with a window of one cycle, see `all_cycles`; nothing is random.

    It starts from the mean of the ensemble. The spreads are NaN, for there is no ensemble.
    """
    covariances = [one.background_scale * one.covariance(problem.system) for one in problem.settings]
    roots = torch.stack([_root(covariance) for covariance in covariances]).to(problem.ensemble)

    def one_cycle(runs: Runs, cycle: int) -> tuple[Runs, Tensor]:
        smoothed, analysis = _fit(problem, runs, problem.seen(runs, cycle), roots[runs.setting])
        runs, going = runs._replace(ensemble=problem.forecast(smoothed[:, None])).survivors()
        return runs, analysis[going, None]

    return one_cycle


def _fit(problem: Problem, runs: Runs, seen: Seen, roots: Tensor) -> tuple[Tensor, Tensor]:
    """Return the states one cycle back given what is seen now, and the analyses, (run, state); NaN where diverged."""
    first = runs.ensemble.mean(1)
    weights, analysis = torch.zeros_like(first), torch.full_like(first, torch.nan)
    going = torch.arange(len(first), device=first.device)
    for _ in range(ITERATIONS):
        state = first[going] + (roots[going] @ weights[going, :, None])[..., 0]
        forecast, tangents = _forecast(problem, state, roots[going])
        sound = forecast.abs().amax(-1) < LARGEST_STATE
        weights[going[~sound]] = torch.nan
        going, forecast, tangents = going[sound], forecast[sound], tangents[sound]
        observed = tangents[..., seen.states] / seen.error_stds
        innovation = (seen.values[going] - forecast[:, seen.states]) / seen.error_stds
        step = _gauss_newton(observed, innovation, weights[going])
        weights[going] += step
        analysis[going] = forecast + (step[:, None] @ tangents)[:, 0]
        going = going[step.square().mean(-1) >= TOLERANCE]
        if not len(going):
            break
    return first + (roots @ weights[..., None])[..., 0], analysis


def _forecast(problem: Problem, states: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Return states (run, state) one cycle later, and what became of small differences (run, direction, state)."""
    shape = problem.ensemble.shape[2:]
    ahead, tangents = along_tangents(
        lambda given: problem.forecast(given.flatten(-2)).unflatten(-1, shape),
        states.unflatten(-1, shape),
        directions.unflatten(-1, shape),
    )
    return ahead.flatten(-2), tangents.flatten(-2)


def _gauss_newton(observed: Tensor, innovation: Tensor, weights: Tensor) -> Tensor:
    """Return the step of the weights (run, direction); observed tangents are (run, direction, observation)."""
    gradient = observed @ innovation[..., None] - weights[..., None]
    inner = observed.mT @ observed + torch.eye(observed.shape[-1]).to(observed)
    return (gradient - observed @ torch.linalg.solve(inner, observed.mT @ gradient))[..., 0]


def _root(covariance: Tensor) -> Tensor:
    """Return the symmetric square root of a covariance."""
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.mT
