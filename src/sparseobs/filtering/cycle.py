"""One assimilation cycle of the AmEnF: features, analysis, forecast."""

from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.amenf import AmEnF, Draws, covariance_band
from sparseobs.filtering.ring_network import fitted_to
from sparseobs.observing.filling import filled_with_forecasts, filled_with_zeros

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

    def streams(self, chosen: slice) -> "FilterState":
        """Return the state of some streams of the batch."""
        return FilterState(self.forecast[chosen], self.memory[chosen])

    def advanced(self, system: System, schedule: Schedule) -> "FilterState":
        """Return the forecast of the next cycle."""
        return FilterState(schedule.forecast(system, self.forecast), self.memory)


def first_state(network: AmEnF, ensemble: Tensor) -> FilterState:
    """Return the state before the first cycle: the given ensemble (batch, member, variable, site), empty memory."""
    ensemble = fitted_to(network, ensemble)
    batch, members, _, sites = ensemble.shape
    return FilterState(ensemble, ensemble.new_zeros(batch, members, network.config.memory_channels, sites))


def analyse(
    network: AmEnF,
    system: System,
    state: FilterState,
    values: Tensor,
    mask: Tensor,
    draws: Draws,
) -> FilterState:
    """Return the analysis ensemble and the updated memory.

    Args:
        network: the AmEnF.
        system: gives the local tendency.
        state: the forecast ensemble and the memory.
        values: (batch, variable, site), observations; ignored where `mask` is false.
        mask: (site,), or (batch, 1, 1, site) where the streams are not seen alike, true where observed; where nothing
            is, the network still moves the forecast as it was taught.
        draws: the cycle's random numbers.
    """
    features = analysis_features(network, system, state, values, mask, draws)
    dropout = None if draws.dropout is None else draws.dropout.flatten(1, 2)
    output = network(features.flatten(0, 1), dropout).unflatten(0, state.forecast.shape[:2])
    return updated(network, state, output)


def analysis_features(
    network: AmEnF, system: System, state: FilterState, values: Tensor, mask: Tensor, draws: Draws
) -> Tensor:
    """Return what the network reads, (batch, member, input, site); arguments as of `analyse`."""
    config, forecast = network.config, state.forecast
    batch, members, _, sites = forecast.shape
    if config.filling == "forecasts":
        filled = filled_with_forecasts(values, mask, forecast, draws.shift)
    else:
        filled = filled_with_zeros(values, mask, forecast)
    band = covariance_band(forecast - forecast.mean(1, keepdim=True), config.covariance_width)
    noise = network.obs_error_std.repeat_interleave(config.covariance_width, 0)
    return torch.cat(
        [
            (forecast - network.climate_mean) / network.climate_std,
            (filled - network.climate_mean) / network.climate_std,
            mask.to(forecast).expand(batch, members, 1, sites),
            *([system.tendency(forecast) / network.tendency_std] if config.use_tendency else []),
            (band / noise.square())[:, None].expand(-1, members, -1, -1),
            state.memory,
        ],
        dim=2,
    )


def updated(network: AmEnF, state: FilterState, output: Tensor) -> FilterState:
    """Return analysis and memory from the network's output (batch, member, output, site) [mccabe2021, equation 5]."""
    config = network.config
    sizes = [config.n_variables, config.memory_channels]
    centred = state.forecast - network.climate_mean
    if config.use_gate:
        increment, memory_increment, gate, memory_gate = output.split(sizes * 2, dim=2)
        kept, memory_kept = torch.sigmoid(gate) * centred, torch.sigmoid(memory_gate) * state.memory
    else:
        increment, memory_increment = output.split(sizes, dim=2)
        kept, memory_kept = centred, 0
    # Far outside the attractor a Runge-Kutta step overflows, and one wild member would spoil the batch.
    largest = LARGEST_DEPARTURE * network.climate_std
    bounded = torch.clamp(kept + network.climate_std * increment, -largest, largest)
    return FilterState(network.climate_mean + bounded, memory_kept + memory_increment)


def predict(system: System, schedule: Schedule, analysis: FilterState) -> FilterState:
    """Return the forecast for the next cycle from an analysis."""
    return analysis.advanced(system, schedule)
