"""One assimilation cycle of the AmEnF: features, analysis, forecast."""

from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import System
from sparseobs.filtering.amenf import AmEnF, covariance_band
from sparseobs.observing.twin_experiment import Schedule

LARGEST_DEPARTURE = 6.0  # standard deviations of the climate that an analysis may be from its mean


class FilterState(NamedTuple):
    """What is carried from cycle to cycle.

    Args:
        forecast: (batch, member, variable, site).
        memory: (batch, member, memory channel, site).
    """

    forecast: Tensor
    memory: Tensor

    def detach(self) -> "FilterState":
        """Return the same state, cut off from the past's gradients."""
        return FilterState(self.forecast.detach(), self.memory.detach())


def first_state(network: AmEnF, ensemble: Tensor) -> FilterState:
    """Return the state before the first cycle: the given ensemble (batch, member, variable, site), empty memory."""
    batch, members, _, sites = ensemble.shape
    return FilterState(ensemble, ensemble.new_zeros(batch, members, network.config.memory_channels, sites))


def analyse(
    network: AmEnF,
    system: System,
    state: FilterState,
    values: Tensor,
    mask: Tensor,
    generator: torch.Generator,
) -> FilterState:
    """Return the analysis ensemble and the updated memory.

    Args:
        network: the AmEnF.
        system: gives the local tendency.
        state: the forecast ensemble and the memory.
        values: (batch, variable, site), observations; ignored where `mask` is false.
        mask: (site,), true where observed.
        generator: draws the dropout masks and whose forecast fills an unobserved site.
    """
    config = network.config
    forecast = state.forecast
    batch, members, _, sites = forecast.shape
    filled = torch.where(mask, values[:, None], _another_member(forecast.detach(), generator))
    band = covariance_band(forecast, config.covariance_width) / config.obs_error_std**2
    features = torch.cat(
        [
            (forecast - config.climate_mean) / config.climate_std,
            (filled - config.climate_mean) / config.climate_std,
            mask.to(forecast).expand(batch, members, 1, sites),
            system.tendency(forecast) / config.tendency_std,
            band.expand(batch, members, -1, sites),
            state.memory,
        ],
        dim=2,
    )
    output = network(features.flatten(0, 1), generator).unflatten(0, (batch, members))
    increment, memory_increment, gate, memory_gate = output.split([1, config.memory_channels] * 2, dim=2)
    centred = forecast - config.climate_mean
    analysis = torch.sigmoid(gate) * centred + config.climate_std * increment
    # Far outside the attractor a Runge-Kutta step overflows, and one wild member would spoil the batch.
    bounded = analysis.clamp(-LARGEST_DEPARTURE * config.climate_std, LARGEST_DEPARTURE * config.climate_std)
    memory = torch.sigmoid(memory_gate) * state.memory + memory_increment
    return FilterState(config.climate_mean + bounded, memory)


def _another_member(forecast: Tensor, generator: torch.Generator) -> Tensor:
    """Return, for each member, the forecast of a different one: what an unobserved site might have shown."""
    shift = int(torch.randint(1, max(forecast.shape[1], 2), (), generator=generator))
    return forecast.roll(shift, 1)


def predict(system: System, schedule: Schedule, analysis: FilterState) -> FilterState:
    """Return the forecast for the next cycle from an analysis."""
    return FilterState(schedule.forecast(system, analysis.forecast), analysis.memory)
