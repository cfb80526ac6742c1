"""The Amortized Ensemble Filter: a network in place of the EnKF's analysis step [mccabe2021, section 3.1]."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.errors import InputError, require_number


@dataclass(frozen=True)
class AmEnFConfig:
    """What defines the network; the climate and noise make its inputs of order one.

    Args:
        filters: channels of the hidden layers.
        kernel: width of the circular convolutions, odd.
        n_blocks: residual blocks of two convolutions.
        covariance_width: local ensemble covariances with sites up to `width // 2` away, odd.
        memory_channels: recurrent channels at every site.
        dropout: probability of dropping a channel of a member; on at test too, for it keeps the members apart.
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
    climate_mean: float = 0.0
    climate_std: float = 1.0
    tendency_std: float = 1.0
    obs_error_std: float = 1.0

    def __post_init__(self) -> None:
        for name in ("filters", "kernel", "n_blocks", "covariance_width", "memory_channels"):
            require_number(name, getattr(self, name), least=1, whole=True)
        for name in ("kernel", "covariance_width"):
            if getattr(self, name) % 2 == 0:
                raise InputError(name, getattr(self, name), "an odd width", f"{name}={getattr(self, name) + 1}")
        require_number("dropout", self.dropout, least=0, most=0.9)
        for name in ("climate_std", "tendency_std", "obs_error_std"):
            require_number(name, getattr(self, name), above=0)

    @property
    def n_inputs(self) -> int:
        """Input channels: member, observation, mask, tendency, covariance band, memory."""
        return 4 + self.covariance_width + self.memory_channels

    @property
    def n_outputs(self) -> int:
        """Output channels: state increment, its gate, and the same for each memory channel."""
        return 2 * (1 + self.memory_channels)


def covariance_band(ensemble: Tensor, width: int) -> Tensor:
    """Return each site's ensemble covariance with its neighbours, as channels.

    Args:
        ensemble: (batch, member, 1, site), at least two members.
        width: odd number of neighbours, the site itself in the middle.

    Returns:
        (batch, 1, width, site): channel j holds the covariance with the site `j - width // 2` to the right.
    """
    n_members = ensemble.shape[1]
    if n_members < 2:
        raise InputError("ensemble_size", n_members, "at least 2 members, to have a covariance", "ensemble_size=10")
    anomalies = ensemble - ensemble.mean(1, keepdim=True)
    half = width // 2
    # The band is symmetric: Cov(x_i, x_{i-d}) at site i is Cov(x_i, x_{i+d}) at site i - d.
    right = [(anomalies * anomalies.roll(-d, -1)).sum(1, keepdim=True) / (n_members - 1) for d in range(half + 1)]
    left = [right[d].roll(d, -1) for d in range(half, 0, -1)]
    return torch.cat(left + right, dim=2)


class AmEnF(nn.Module):
    """The analysis network: features of one member in, increments and sigmoid gates out.

    References: [mccabe2021], section 3.1, equation 5 and appendix E.
    """

    def __init__(self, config: AmEnFConfig):
        super().__init__()
        self.config = config
        width, kernel = config.filters, config.kernel
        self.lift = nn.Conv1d(config.n_inputs, width, kernel)
        self.blocks = nn.ModuleList([nn.Conv1d(width, width, kernel) for _ in range(2 * config.n_blocks)])
        self.readout = nn.Conv1d(width, config.n_outputs, kernel)
        # Start as a free run: no increment, state and memory kept.
        nn.init.zeros_(self.readout.weight)
        nn.init.zeros_(self.readout.bias)
        nn.init.constant_(self.readout.bias[config.n_outputs // 2 : config.n_outputs // 2 + 1], 3.0)

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Return (batch * member, output, site) from features (batch * member, input, site)."""
        hidden = _normalise(self._convolve(self.lift, features))
        for first, second in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            update = self._stage(first, hidden, generator)
            hidden = hidden + self._stage(second, update, generator)
        return self._convolve(self.readout, self._drop(hidden, generator))

    def _stage(self, layer: nn.Conv1d, hidden: Tensor, generator: torch.Generator | None) -> Tensor:
        return functional.leaky_relu(_normalise(self._convolve(layer, self._drop(hidden, generator))), 0.01)

    def _convolve(self, layer: nn.Conv1d, channels: Tensor) -> Tensor:
        half = self.config.kernel // 2
        return layer(functional.pad(channels, (half, half), mode="circular"))

    def _drop(self, hidden: Tensor, generator: torch.Generator | None) -> Tensor:
        """Drop whole channels, independently for each member, in training and at test alike."""
        keep = 1 - self.config.dropout
        if keep == 1:
            return hidden
        mask = hidden.new_empty(hidden.shape[:2] + (1,)).bernoulli_(keep, generator=generator)
        return hidden * (mask / keep)


def _normalise(hidden: Tensor) -> Tensor:
    """Normalise each member over channels and sites jointly, with no learned scale."""
    return functional.layer_norm(hidden, hidden.shape[1:])
