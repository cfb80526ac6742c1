"""Assimilating an instrument that nobody described, by a network of its own [mccabe2021, appendix D.2].

Known observations of some sites and the channels of the unknown instrument take turns. Where the channels come, a
learned linear operator says what they should read if the forecast were right; a second learned map spreads the
difference over the ring, and the result is assimilated as if it were an observation of every site. The paper asks for
an independent network and says no more; this form of it is ours.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig, Draws
from sparseobs.filtering.cycle import FilterState, analyse

STRETCH = 10.0  # Adam's steps are of one size: by this factor the maps learn faster than the convolutions


@dataclass(frozen=True)
class InstrumentConfig(AmEnFConfig):
    """What defines the network of an unknown instrument: an AmEnF's, and its sizes.

    Args:
        n_channels: numbers that the instrument returns.
        n_sites: sites of the ring. Unlike an AmEnF, this network knows one ring only: every site has its own weights.
    """

    n_channels: int = 10
    n_sites: int = 40

    def __post_init__(self) -> None:
        super().__post_init__()
        require_number("n_channels", self.n_channels, least=1, whole=True)
        require_number("n_sites", self.n_sites, least=4, whole=True)


class InstrumentNetwork(AmEnF):
    """An AmEnF that reads an instrument's channels instead of sites.

    Args:
        config: of the network.
        record: (..., channel), channels as they were recorded; only their means and standard deviations are kept, to
            bring the inputs to order one.
    """

    def __init__(self, config: InstrumentConfig, record: Tensor):
        super().__init__(config)
        if record.shape[-1] != config.n_channels:
            raise InputError("record", f"{record.shape[-1]} channels", f"{config.n_channels}", "the instrument's own")
        flat = record.reshape(-1, config.n_channels).float()
        self.register_buffer("channel_mean", flat.mean(0))
        self.register_buffer("channel_std", flat.std(0).clamp(min=1e-6))
        size = config.n_variables * config.n_sites
        self.operator = nn.Linear(size, config.n_channels)
        self.spreading = nn.Linear(config.n_channels, size, bias=False)
        for parameter in (*self.operator.parameters(), *self.spreading.parameters()):
            nn.init.zeros_(parameter)  # at first the channels say nothing; the second map moves first, then the other

    def pseudo_observation(self, channels: Tensor, forecast: Tensor) -> Tensor:
        """Return what the channels say of every site, (batch, variable, site), in the state's units.

        Args:
            channels: (batch, channel).
            forecast: (batch, member, variable, site); its mean is what the channels are compared with.
        """
        mean = forecast.mean(1)
        if mean.shape[-1] != self.config.n_sites:
            expected = f"the {self.config.n_sites} that the network was made for"
            raise InputError("sites", mean.shape[-1], expected, "a filter trained on this ring")
        expected = STRETCH * self.operator(((mean - self.climate_mean) / self.climate_std).flatten(-2))
        surprise = (channels - self.channel_mean) / self.channel_std - expected
        return mean + self.climate_std * STRETCH * self.spreading(surprise).unflatten(-1, mean.shape[-2:])

    @torch.no_grad()
    def learned_weights(self) -> Tensor:
        """Return what the network takes the instrument's weights to be, (channel, variable and site)."""
        climate_std = self.climate_std.expand(-1, self.config.n_sites).flatten()
        return STRETCH * self.channel_std[:, None] * self.operator.weight / climate_std

    @torch.no_grad()
    def learned_spreading(self) -> Tensor:
        """Return how the channels' surprise is spread over the state, (variable and site, channel), in its units."""
        climate_std = self.climate_std.expand(-1, self.config.n_sites).flatten()
        return STRETCH * climate_std[:, None] * self.spreading.weight / self.channel_std


class TwoInstrumentFilter(nn.Module):
    """The network of the known observations and that of the unknown instrument; they hand on one memory.

    Args:
        known: reads observed sites.
        unknown: reads the channels; of the same shape but for those.
    """

    def __init__(self, known: AmEnF, unknown: InstrumentNetwork):
        super().__init__()
        if known.config.memory_channels != unknown.config.memory_channels:
            expected = f"{known.config.memory_channels}, as the other network has"
            raise InputError("memory_channels", unknown.config.memory_channels, expected, "equal configurations")
        self.known, self.unknown = known, unknown
        self.config = unknown.config

    @property
    def obs_error_std(self) -> Tensor:
        """Standard deviation of the known observations' noise, (variable, 1)."""
        return self.known.obs_error_std


def analyse_channels(
    network: InstrumentNetwork, system: System, state: FilterState, channels: Tensor, draws: Draws
) -> FilterState:
    """Return the analysis ensemble and memory after an unknown instrument's channels (batch, channel)."""
    values = network.pseudo_observation(channels, state.forecast)
    everywhere = torch.ones(values.shape[-1], dtype=torch.bool, device=values.device)
    return analyse(network, system, state, values, everywhere, draws)
