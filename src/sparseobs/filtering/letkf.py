"""The local ensemble transform Kalman filter for many settings and trajectories at once [hunt2007].

Its analysis equals DAPPER's, which the reported figures come from; this one is for tuning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import require_number
from sparseobs.filtering.ensemble_runs import Analyses, Problem, Runs, analyses
from sparseobs.filtering.letkf_analysis import letkf_analysis, ring_taper
from sparseobs.filtering.run import FilterRun
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


def letkf_cycles(
    settings: Sequence[LETKFSettings],
    system: System,
    observations: Observations,
    ensemble: Tensor,
    *,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> Iterator[Analyses]:
    """Yield the analyses of every setting on every trajectory, cycle by cycle.

    Args:
        settings: one filter each; what one does never depends on the others.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        generator: draws the rotations, one a cycle and trajectory, the same for every setting.
        schedule: step and steps between observations; the system's own by default.

    Notes: a run diverges when its members are not finite or exceed `LARGEST_STATE`; it is then no longer computed.
    """
    problem = Problem(settings, system, observations, ensemble, generator, schedule)
    radii = ensemble.new_tensor([one.radius for one in settings])

    def one_cycle(runs: Runs, cycle: int) -> tuple[Runs, Tensor]:
        runs, _ = runs._replace(ensemble=problem.forecast(runs.ensemble)).survivors()
        runs = runs._replace(ensemble=problem.spread_out(runs, _analysis(problem, runs, cycle, radii[runs.setting])))
        return runs, runs.ensemble

    return analyses(problem, one_cycle)


def run_letkf(
    settings: LETKFSettings,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    *,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> FilterRun:
    """Return one setting's run over all trajectories; arguments as of `letkf_cycles`."""
    cycles = letkf_cycles([settings], system, observations, ensemble, generator=generator, schedule=schedule)
    means, spreads = zip(*((one.mean, one.spread) for one in cycles), strict=True)
    return FilterRun(torch.cat(means), torch.cat(spreads))


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
