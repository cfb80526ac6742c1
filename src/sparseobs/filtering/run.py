"""Running a filter through a sequence of observations, and what is kept of the run."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.cycle import FilterState, predict
from sparseobs.filtering.ensemble_runs import LARGEST_STATE, fitting_ensemble, sound_ensemble
from sparseobs.filtering.fixed_lag import replaced
from sparseobs.filtering.methods import method_of
from sparseobs.observing.twin_experiment import Observations

Analysis = Callable[[FilterState, int], FilterState]  # of a cycle's forecast and the cycle's number


@dataclass(frozen=True)
class FilterRun:
    """The analyses of one run.

    Args:
        mean: (cycle, batch, variable, site), the analysis ensemble's mean.
        spread: (cycle, batch), root of the ensemble variance averaged over variables and sites.
        members: (cycle, batch, member, variable, site), the whole analysis ensemble, if it was asked for.
    """

    mean: Tensor
    spread: Tensor
    members: Tensor | None = None


@torch.no_grad()
def follow(
    system: System,
    first: FilterState,
    n_cycles: int,
    analysis: Analysis,
    *,
    keep_members: bool = True,
    schedule: Schedule | None = None,
) -> FilterRun:
    """Return a filter's run: forecast, analysis, forecast, ...; NaN throughout for a diverged truth.

    Args:
        system: the model that makes the forecasts.
        first: the state one cycle before the first observation.
        n_cycles: how many to run.
        analysis: the filter.
        keep_members: whether to return every analysis ensemble, which takes the memory that it takes.
        schedule: step and steps between observations; the system's own if None.

    Notes: a run diverges when its members are not finite or exceed `LARGEST_STATE`.
    """
    state, ensemble = first, sound_ensemble(first.forecast)
    mean, spread = ensemble.new_empty(n_cycles, *ensemble[:, 0].shape), ensemble.new_empty(n_cycles, len(ensemble))
    members = ensemble.new_empty(n_cycles, *ensemble.shape) if keep_members else None
    lost = torch.zeros(len(ensemble), dtype=torch.bool, device=ensemble.device)
    for cycle in range(n_cycles):
        state = _without_lost(predict(system, schedule or system.schedule, state), lost)
        state = _without_lost(analysis(state, cycle), lost)
        mean[cycle], spread[cycle] = _mean_and_spread(state.forecast.contiguous())
        if keep_members:
            members[cycle] = state.forecast
    for part in (mean, spread, members)[: 2 + keep_members]:
        part[:, lost] = torch.nan
    return FilterRun(mean, spread, members)


def _mean_and_spread(ensemble: Tensor) -> tuple[Tensor, Tensor]:
    mean = ensemble.mean(1)
    anomalies = ensemble - mean[:, None]  # `var` over any but the last dimension takes fifty times as long
    degrees = max(1, ensemble.shape[1] - 1)
    return mean, (anomalies.square().sum((1, 2, 3)) / (degrees * mean[0].numel())).sqrt()


def _without_lost(state: FilterState, lost: Tensor) -> FilterState:
    """Return the state with zeros for truths that are lost by now, and mark these in `lost` (truth,).

    Before an analysis as well as after it: an eigenvalue problem of infinities stops the whole run.
    """
    lost |= ~(state.forecast.abs().amax((1, 2, 3)) < LARGEST_STATE)  # NaN is not
    return state._replace(forecast=replaced(lost, lambda: torch.zeros_like(state.forecast), state.forecast))


def by_trajectory(make: Callable[[Observations], Analysis], observations: Observations) -> Analysis:
    """Return the analysis made for all trajectories at once, or for each by itself where they are not seen alike."""
    if observations.mask.ndim == 2:
        return make(observations)
    each = [make(seen) for seen in observations.trajectories()]

    def analysis(state: FilterState, cycle: int) -> FilterState:
        parts = [one(state.streams(slice(index, index + 1)), cycle) for index, one in enumerate(each)]
        return type(state)(*(torch.cat(part) for part in zip(*parts, strict=True)))

    return analysis


def learned(
    network: AmEnF | AmEnS,
    system: System,
    observations: Observations,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> Analysis:
    """Return a learned filter's analysis; `generator` draws what it draws, on the states' device."""
    observations = replace(observations)  # looks through the values once more, which may have been changed in place
    method = method_of(network)

    def analysis(state: FilterState, cycle: int) -> FilterState:
        draws = method.draw(network.config, 1, state.forecast.shape[:2], state.forecast, generator).cycle(0)
        values, seen = observations.values[cycle], observations.mask[cycle].to(state.forecast.device)
        given = values.to(state.forecast), seen, draws
        return method.analyse(network, system, schedule or system.schedule, state, *given)

    return analysis


def assimilate(
    network: AmEnF | AmEnS,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    generator: torch.Generator,
    *,
    keep_members: bool = False,
    schedule: Schedule | None = None,
) -> FilterRun:
    """Run a learned filter over all cycles from an ensemble (batch, member, variable, site), see `follow`.

    The ensemble is brought to the type of the network's weights.

    Args:
        network: the filter.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (batch, member, variable, site), one cycle before the first observation.
        generator: draws dropout and rotations, on the states' device.
        keep_members: whether to return every analysis ensemble, which takes the memory that it takes.
        schedule: step and steps between observations; the system's own if None.
    """
    ensemble = fitting_ensemble(ensemble, observations, least=1)
    first = method_of(network).first_state(network, ensemble)
    analysis = learned(network, system, observations, generator, schedule)
    options = {"keep_members": keep_members, "schedule": schedule}
    return follow(system, first, observations.n_cycles, analysis, **options)
