"""The localized fixed-lag smoother through a sequence of observations: one filter, or many settings at once."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import climate_of
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.ensemble_runs import LARGEST_STATE, Analyses, Problem, one_by_one
from sparseobs.filtering.fixed_lag import (
    Corrected,
    FixedLagSettings,
    FixedLagState,
    Start,
    carried_to_now,
    first_fixed_lag_state,
    kalman_update,
)
from sparseobs.filtering.letkf_analysis import mean_preserving_rotations
from sparseobs.filtering.run import Analysis, by_trajectory
from sparseobs.observing.twin_experiment import Observations


def fixed_lag(
    settings: FixedLagSettings,
    system: System,
    observations: Observations,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> Analysis:
    """Return the smoother's analysis, of states as of `first_fixed_lag_state`; `generator` draws the rotations."""

    def make(seen: Observations) -> Analysis:
        return Several([settings], system, seen, generator, schedule or system.schedule).analyse

    return by_trajectory(make, observations)


def fixed_lag_cycles(
    settings: Sequence[FixedLagSettings],
    system: System,
    observations: Observations,
    ensemble: Tensor,
    *,
    generator: torch.Generator | None = None,
    schedule: Schedule | None = None,
) -> Iterator[Analyses]:
    """Yield the analyses of every setting on every trajectory, cycle by cycle; arguments as of a `Problem`.

    A run diverges when its members are not finite; states beyond the climate are clipped, see `carried_to_now`.

    Args:
        settings: one smoother each.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        generator: draws the rotations; None if there are none.
        schedule: step and steps between observations; the system's own if None.
    """
    if observations.mask.ndim == 3:
        options = {"generator": generator, "schedule": schedule}
        yield from one_by_one(fixed_lag_cycles, settings, system, observations, ensemble, **options)
        return
    ensemble = Problem(settings, system, observations, ensemble).ensemble  # refuses what does not fit together
    several = Several(settings, system, observations, generator, schedule or system.schedule)
    state = first_fixed_lag_state(ensemble.repeat(len(settings), 1, 1, 1))
    shape = len(settings), len(ensemble)
    for cycle in range(observations.n_cycles):
        state = several.analyse(state.advanced(system, several.schedule), cycle)
        members = state.forecast
        diverged = ~(members.abs().amax((1, 2, 3)) < LARGEST_STATE)
        members = torch.where(diverged[:, None, None, None], torch.nan, members)
        spread = members.var(1).mean((-1, -2)).sqrt()
        yield Analyses(*(values.unflatten(0, shape) for values in (members.mean(1), spread, members)))


class Several:
    """Smoothers with settings of their own, on trajectories that each of them sees.

    Args:
        settings: one smoother each.
        system: the model.
        observations: of the trajectories.
        generator: draws the rotations, one a cycle and trajectory, the same for every setting; None if none does.
        schedule: step and steps between observations.
    """

    def __init__(
        self,
        settings: Sequence[FixedLagSettings],
        system: System,
        observations: Observations,
        generator: torch.Generator | None,
        schedule: Schedule,
    ):
        self.settings, self.system, self.observations = settings, system, observations
        self.generator, self.schedule, self.climate = generator, schedule, climate_of(system)
        self.longest = max(one.lag for one in settings)
        n_trajectories = observations.values.shape[1]
        everyone = [one for one in settings for _ in range(n_trajectories)]
        self.start = Start.of(everyone, torch.empty(0, dtype=torch.float64))

    def analyse(self, state: FixedLagState, cycle: int) -> FixedLagState:
        """Return all analyses of a cycle, a run each: the first setting's on every trajectory, then the second's."""
        start = self.start.to(state.forecast)
        sites = self.observations.mask[cycle].nonzero()[:, 0].to(state.forecast.device)
        corrected = Corrected(state.past, state.memory, state.surprise)
        if len(sites):
            values = self.observations.values[cycle].to(state.forecast).repeat(len(self.settings), 1, 1)
            error_std = state.forecast.new_tensor(self.observations.error_stds)[:, None]
            update = kalman_update(state.past, state.forecast, values, sites, error_std, start, state.lag)
            mean = update.then.mean + update.increment
            anomalies = start.inflation[:, None, None, None] * self._turned(update.anomalies)
            corrected = Corrected(mean[:, None] + anomalies, state.memory, update.surprise)
        return carried_to_now(self.system, self.schedule, state, corrected, start, self.longest, self.climate)

    def _turned(self, anomalies: Tensor) -> Tensor:
        turned = torch.tensor([one.rotation for one in self.settings], device=anomalies.device)
        if not turned.any():
            return anomalies
        n_trajectories, members = len(anomalies) // len(self.settings), anomalies.shape[1]
        turns = mean_preserving_rotations(n_trajectories, members, self.generator).to(anomalies)
        rotated = (turns.repeat(len(self.settings), 1, 1) @ anomalies.flatten(-2)).unflatten(-1, anomalies.shape[2:])
        return torch.where(turned.repeat_interleave(n_trajectories)[:, None, None, None], rotated, anomalies)
