"""Any filter as a function from forecast to analysis, and its run with every member kept."""

from collections.abc import Callable

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, analyse, predict
from sparseobs.filtering.ensemble_runs import LARGEST_STATE
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.letkf_analysis import letkf_analysis, mean_preserving_rotations, ring_taper
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.twin_experiment import Observations

Analysis = Callable[[FilterState, int], FilterState]  # of a cycle's forecast and the cycle's number


@torch.no_grad()
def follow(system: System, first: FilterState, n_cycles: int, analysis: Analysis) -> FilterRun:
    """Return a filter's run with its members: forecast, analysis, forecast, ...; NaN throughout for a diverged truth.

    Args:
        system: the model that makes the forecasts.
        first: the state one cycle before the first observation.
        n_cycles: how many to run.
        analysis: the filter.

    Notes: a run diverges when its members are not finite or exceed `LARGEST_STATE`.
    """
    state = first
    members = state.forecast.new_empty(n_cycles, *state.forecast.shape)
    lost = torch.zeros(len(state.forecast), dtype=torch.bool)
    for cycle in range(n_cycles):
        state = _without_lost(predict(system, system.schedule, state), lost)
        state = _without_lost(analysis(state, cycle), lost)
        members[cycle] = state.forecast
    members[:, lost] = torch.nan
    return FilterRun(members.mean(2), members.var(2).mean((-1, -2)).sqrt(), members)


def _without_lost(state: FilterState, lost: Tensor) -> FilterState:
    """Return the state with zeros for truths that are lost by now, and mark these in `lost` (truth,).

    Before an analysis as well as after it: an eigenvalue problem of infinities stops the whole run.
    """
    lost |= ~(state.forecast.abs().amax((1, 2, 3)) < LARGEST_STATE)  # NaN is not
    return state._replace(forecast=torch.where(lost[:, None, None, None], 0, state.forecast))


def amenf(network: AmEnF, system: System, observations: Observations, generator: torch.Generator) -> Analysis:
    """Return the AmEnF's analysis; `generator` draws dropout masks and fillings, as `assimilate` draws them."""

    def analysis(state: FilterState, cycle: int) -> FilterState:
        draws = draw(network.config, 1, state.forecast.shape[:2], state.forecast, generator).cycle(0)
        values = observations.values[cycle].to(state.forecast)
        return analyse(network, system, state, values, observations.mask[cycle], draws)

    return analysis


def letkf(settings: LETKFSettings, observations: Observations, generator: torch.Generator) -> Analysis:
    """Return LETKF's analysis, inflated and rotated as `settings` say; `generator` draws the rotations."""

    def analysis(state: FilterState, cycle: int) -> FilterState:
        mask, forecast = observations.mask[cycle], state.forecast
        n_variables, states = forecast.shape[2], mask.repeat(forecast.shape[2])
        taper = ring_taper(mask, settings.radius, n_variables).to(forecast)
        seen = observations.values[cycle].to(forecast).flatten(-2)[:, states]
        error_std = forecast.new_tensor(observations.error_stds).repeat_interleave(int(mask.sum()))
        members = letkf_analysis(forecast.flatten(-2), seen, states, taper, error_std)
        return state._replace(forecast=_spread_out(settings, members, generator).unflatten(-1, forecast.shape[2:]))

    return analysis


def _spread_out(settings: LETKFSettings, members: Tensor, generator: torch.Generator) -> Tensor:
    mean = members.mean(1, keepdim=True)
    anomalies = settings.inflation * (members - mean)
    if settings.rotation:
        anomalies = mean_preserving_rotations(*members.shape[:2], generator).to(members) @ anomalies
    return mean + anomalies
