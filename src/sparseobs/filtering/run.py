"""Running a filter through a sequence of observations, and what is kept of the run."""

from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations, Schedule


@dataclass(frozen=True)
class FilterRun:
    """The analyses of one run.

    Args:
        mean: (cycle, batch, variable, site), the analysis ensemble's mean.
        spread: (cycle, batch), root of the ensemble variance averaged over variables and sites.
    """

    mean: Tensor
    spread: Tensor


@torch.no_grad()
def assimilate(
    network: AmEnF,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    generator: torch.Generator,
    schedule: Schedule = Schedule(),
) -> FilterRun:
    """Run the AmEnF over all cycles, dropout on.

    Args:
        network: the trained filter.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (batch, member, variable, site), one cycle before the first observation.
        generator: draws dropout masks.
        schedule: step and steps between observations.
    """
    if not torch.isfinite(observations.values).all():
        raise InputError("observations", "NaN or infinity", "finite values", "masking the missing ones")
    values = observations.values.to(ensemble.dtype)
    state = predict(system, schedule, first_state(network, ensemble))
    mean = values.new_empty(observations.n_cycles, *ensemble[:, 0].shape)
    spread = values.new_empty(observations.n_cycles, ensemble.shape[0])
    for cycle in range(observations.n_cycles):
        analysis = analyse(network, system, state, values[cycle], observations.mask[cycle], generator)
        mean[cycle] = analysis.forecast.mean(1)
        spread[cycle] = analysis.forecast.var(1).mean((-1, -2)).sqrt()
        state = predict(system, schedule, analysis)
    return FilterRun(mean, spread)
