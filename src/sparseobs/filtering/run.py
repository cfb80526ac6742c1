"""Running a filter through a sequence of observations, and what is kept of the run."""

from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations


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
def assimilate(
    network: AmEnF,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    generator: torch.Generator,
    schedule: Schedule | None = None,
    *,
    keep_members: bool = False,
) -> FilterRun:
    """Run the AmEnF over all cycles, dropout on.

    Args:
        network: the trained filter.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (batch, member, variable, site), one cycle before the first observation.
        generator: draws dropout masks and fillings, on the ensemble's device.
        schedule: step and steps between observations; the system's own by default.
        keep_members: whether to return every analysis ensemble, which takes the memory that it takes.
    """
    if not torch.isfinite(observations.values).all():
        raise InputError("observations", "NaN or infinity", "finite values", "masking the missing ones")
    schedule = schedule or system.schedule
    values, seen = observations.values.to(ensemble), observations.mask.to(ensemble.device)
    state = predict(system, schedule, first_state(network, ensemble))
    mean = values.new_empty(observations.n_cycles, *ensemble[:, 0].shape)
    spread = values.new_empty(observations.n_cycles, ensemble.shape[0])
    members = values.new_empty(observations.n_cycles, *ensemble.shape) if keep_members else None
    for cycle in range(observations.n_cycles):
        draws = draw(network.config, 1, ensemble.shape[:2], ensemble, generator).cycle(0)
        analysis = analyse(network, system, state, values[cycle], seen[cycle], draws)
        mean[cycle] = analysis.forecast.mean(1)
        spread[cycle] = analysis.forecast.var(1, correction=min(1, ensemble.shape[1] - 1)).mean((-1, -2)).sqrt()
        if members is not None:
            members[cycle] = analysis.forecast
        state = predict(system, schedule, analysis)
    return FilterRun(mean, spread, members)
