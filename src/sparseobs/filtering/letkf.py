"""The local ensemble transform Kalman filter for many settings and trajectories at once [hunt2007].

Its analysis equals DAPPER's, which the reported figures come from; this one is for tuning.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.errors import require_number
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.ensemble_runs import Cycle, Problem, Runs, all_cycles
from sparseobs.filtering.letkf_analysis import letkf_analysis, ring_taper
from sparseobs.filtering.run import Analysis, FilterRun, by_trajectory
from sparseobs.observing.twin_experiment import Observations


@dataclass(frozen=True)
class LETKFSettings:
    """What an LETKF needs tuned.

    Args:
        inflation: factor on the analysis anomalies, at least 1.
        radius: localization radius in sites; an observation at this distance keeps 0.63 of its weight.
        rotation: whether a random rotation that keeps mean and covariance follows.
    """

    inflation: float = 1.0
    radius: float = 4.0
    rotation: bool = False

    def __post_init__(self) -> None:
        require_number("inflation", self.inflation, least=1)
        require_number("radius", self.radius, above=0)


@all_cycles
def letkf_cycles(problem: Problem) -> Cycle:
    """Yield the analyses of every setting on every trajectory, cycle by cycle, see `all_cycles`."""
    radii = problem.ensemble.new_tensor([one.radius for one in problem.settings])

    def one_cycle(runs: Runs, cycle: int) -> tuple[Runs, Tensor]:
        runs, _ = runs._replace(ensemble=problem.forecast(runs.ensemble)).survivors()
        runs = runs._replace(ensemble=problem.spread_out(runs, _analysis(problem, runs, cycle, radii[runs.setting])))
        return runs, runs.ensemble

    return one_cycle


def run_letkf(
    settings: LETKFSettings, system: System, observations: Observations, ensemble: Tensor, **options: object
) -> FilterRun:
    """Return one setting's run over all trajectories; arguments as of a `Problem`.

    Args:
        settings: localization radius, inflation and rotation.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        options: `generator` and `schedule`, as of a `Problem`.
    """
    cycles = letkf_cycles([settings], system, observations, ensemble, **options)
    means, spreads = zip(*((one.mean, one.spread) for one in cycles), strict=True)
    return FilterRun(torch.cat(means), torch.cat(spreads))


def letkf(settings: LETKFSettings, observations: Observations, generator: torch.Generator) -> Analysis:
    """Return LETKF's analysis, inflated and rotated as `settings` say; `generator` draws the rotations."""
    return by_trajectory(lambda seen: _letkf(settings, seen, generator), observations)


def _letkf(settings: LETKFSettings, observations: Observations, generator: torch.Generator) -> Analysis:
    def analysis(state: FilterState, cycle: int) -> FilterState:
        problem = Problem([settings], None, observations, state.forecast, generator)
        runs = Runs.begin(1, state.forecast)
        seen, shape = problem.seen(runs, cycle), state.forecast.shape[2:]
        taper = ring_taper(seen.mask, settings.radius, shape[0]).to(state.forecast)
        members = letkf_analysis(state.forecast.flatten(-2), seen.values, seen.states, taper, seen.error_stds)
        return state._replace(forecast=problem.spread_out(runs, members).unflatten(-1, shape))

    return analysis


def _analysis(problem: Problem, runs: Runs, cycle: int, radii: Tensor) -> Tensor:
    """Return the analysis ensembles, before inflation; runs of the same radius (run,) go together."""
    seen, analysis = problem.seen(runs, cycle), torch.empty_like(runs.ensemble)
    n_variables = problem.ensemble.shape[2]
    for radius in radii.unique().tolist():
        chosen = (radii == radius).nonzero()[:, 0]
        taper = ring_taper(seen.mask, radius, n_variables).to(analysis)
        forecast, values = runs.ensemble[chosen], seen.values[chosen]
        analysis[chosen] = letkf_analysis(forecast, values, seen.states, taper, seen.error_stds)
    return analysis
