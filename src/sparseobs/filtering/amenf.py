"""The Amortized Ensemble Filter: a network in place of the EnKF's analysis step [mccabe2021, section 3.1]."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.filtering.ring_network import RingNetwork

FILLINGS = ("forecasts", "zeros")


@dataclass(frozen=True)
class AmEnFConfig:
    """What defines the network; climate and noise, a number for each variable, make its inputs of order one.

    Args:
        filters: channels of the hidden layers.
        kernel: width of the circular convolutions, odd.
        n_blocks: residual blocks of two convolutions.
        covariance_width: local ensemble covariances of each variable with sites up to `width // 2` away, odd; 0 for
            a network that is not shown the ensemble.
        memory_channels: recurrent channels at every site; 0 for a network without memory.
        dropout: probability of dropping a channel of a member; on at test too, for it keeps the members apart.
        use_tendency: whether the network is shown the local tendency.
        use_gate: whether sigmoid gates decide what is kept; without them the increment is added to the whole forecast,
            and the memory is written anew each cycle.
        filling: what stands where nobody looked: another member's `forecasts`, or `zeros`.
        climate_mean: mean of the state.
        climate_std: standard deviation of the state.
        tendency_std: standard deviation of the tendency.
        obs_error_std: standard deviation of the observation noise trained for.
    """

    filters: int = 64
    kernel: int = 5
    n_blocks: int = 2
    covariance_width: int = 3
    memory_channels: int = 6
    dropout: float = 0.2
    use_tendency: bool = True
    use_gate: bool = True
    filling: str = "forecasts"
    climate_mean: tuple[float, ...] = (0.0,)
    climate_std: tuple[float, ...] = (1.0,)
    tendency_std: tuple[float, ...] = (1.0,)
    obs_error_std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for name in ("filters", "kernel", "n_blocks"):
            require_number(name, getattr(self, name), least=1, whole=True)
        for name in ("covariance_width", "memory_channels"):
            require_number(name, getattr(self, name), least=0, whole=True)
        for name in ("kernel", "covariance_width"):
            width = getattr(self, name)
            if width and width % 2 == 0:
                raise InputError(name, width, "an odd width", f"{name}={width + 1}")
        require_number("dropout", self.dropout, least=0, most=0.9)
        require_choice("filling", self.filling, FILLINGS)
        for name in ("climate_mean", "climate_std", "tendency_std", "obs_error_std"):
            values = getattr(self, name)
            if not isinstance(values, tuple) or len(values) != self.n_variables:
                raise InputError(name, values, f"a tuple of {self.n_variables}, one number a variable", "(1.0,)")
            for value in values:
                require_number(name, value, **({} if name == "climate_mean" else {"above": 0}))

    @property
    def n_variables(self) -> int:
        """Variables at each site."""
        return len(self.climate_mean) if isinstance(self.climate_mean, tuple) else 1

    @property
    def n_inputs(self) -> int:
        """Input channels: member, observation, mask, tendency, covariance band, memory."""
        each = 2 + self.use_tendency + self.covariance_width
        return each * self.n_variables + 1 + self.memory_channels

    @property
    def n_updated(self) -> int:
        """Channels that a cycle updates: the state's and the memory's."""
        return self.n_variables + self.memory_channels

    @property
    def n_outputs(self) -> int:
        """Output channels: an increment, and if there are gates a gate, for every updated channel."""
        return (1 + self.use_gate) * self.n_updated


class Draws(NamedTuple):
    """All random numbers that an assimilation cycle uses, drawn beforehand, so that a cycle is a pure function.

    Attributes:
        dropout: (layer, batch, member, filter), zero where a channel is dropped; None without dropout.
        shift: (), by how many members the forecasts that fill unobserved sites are shifted, at least 1.
    """

    dropout: Tensor | None
    shift: Tensor

    def cycle(self, index: int) -> "Draws":
        """Return one cycle's draws from those of many."""
        return Draws(None if self.dropout is None else self.dropout[index], self.shift[index])

    def streams(self, chosen: slice) -> "Draws":
        """Return one cycle's draws of some streams of the batch."""
        return self._replace(dropout=None if self.dropout is None else self.dropout[:, chosen])


def draw(config: AmEnFConfig, n_cycles: int, shape: tuple[int, int], like: Tensor, generator: torch.Generator) -> Draws:
    """Return the draws of `n_cycles` cycles, cycle first.

    Args:
        config: of the network.
        n_cycles: how many cycles.
        shape: batch and member counts.
        like: a tensor of the type and on the device wanted.
        generator: on the same device.
    """
    shift = torch.randint(1, max(shape[1], 2), (n_cycles,), generator=generator, device=like.device)
    keep = 1 - config.dropout
    if keep == 1:
        return Draws(None, shift)
    dropped = like.new_empty(n_cycles, 2 * config.n_blocks + 1, *shape, config.filters)
    return Draws(dropped.bernoulli_(keep, generator=generator) / keep, shift)


def covariance_band(anomalies: Tensor, width: int) -> Tensor:
    """Return each site's ensemble covariance with its neighbours, variable by variable, as channels.

    Args:
        anomalies: (batch, member, variable, site), from the mean of the ensemble, at least two members.
        width: odd number of neighbours, the site itself in the middle; 0 for none.

    Returns:
        (batch, variable * width, site): channel j of a variable holds the covariance with the same variable at the site
        `j - width // 2` to the right.
    """
    if width == 0:
        return anomalies.new_empty(anomalies.shape[0], 0, anomalies.shape[-1])
    n_members = anomalies.shape[1]
    if n_members < 2:
        raise InputError("ensemble_size", n_members, "at least 2 members, to have a covariance", "ensemble_size=10")
    half = width // 2
    # The band is symmetric: Cov(x_i, x_{i-d}) at site i is Cov(x_i, x_{i+d}) at site i - d.
    right = [anomalies.square().sum(1)]
    right += [(anomalies * anomalies.roll(-d, -1)).sum(1) for d in range(1, half + 1)]
    left = [right[d].roll(d, -1) for d in range(half, 0, -1)]
    return torch.stack(left + right, dim=2).flatten(1, 2) / (n_members - 1)


class AmEnF(RingNetwork):
    """The analysis network: features of one member in, increments and gates out; (batch * member, channel, site).

    Args:
        config: sizes, parts, climate and noise.

    References: [mccabe2021], section 3.1, equation 5 and appendix E.
    """

    def __init__(self, config: AmEnFConfig):
        super().__init__(config.n_inputs, config.n_outputs, config.filters, config.kernel, config.n_blocks)
        self.config = config
        # Start close to a free run: no increment, and 95 % (the sigmoid of 3) of each departure from the climate kept.
        if config.use_gate:
            nn.init.constant_(self.readout.bias[config.n_updated : config.n_updated + config.n_variables], 3.0)
        for name in ("climate_mean", "climate_std", "tendency_std", "obs_error_std"):
            scale = torch.tensor(getattr(config, name))[:, None]  # (variable, 1), beside (..., variable, site)
            self.register_buffer(name, scale, persistent=False)
