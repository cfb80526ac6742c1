"""An instrument nobody calibrated: random combinations of the state, by weights that no filter is told."""

from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.errors import require_number
from sparseobs.observing.patterns import Pattern
from sparseobs.randomness import torch_stream


@dataclass(frozen=True)
class EveryOtherCycle:
    """Let a pattern look at every other cycle, the first included; between two looks nobody sees a site.

    Args:
        pattern: which sites are seen; it moves on from look to look.
    """

    pattern: Pattern

    def mask(self, n_cycles: int, n_sites: int) -> Tensor:
        """Return (cycle, site), true where a site is observed."""
        mask = torch.zeros(n_cycles, n_sites, dtype=torch.bool)
        mask[::2] = self.pattern.mask((n_cycles + 1) // 2, n_sites)
        return mask


@dataclass(frozen=True)
class RandomProjection:
    """A linear instrument with random weights: every channel mixes all variables at all sites [mccabe2021, D.2].

    Weights are independent and normal, scaled so that a channel of a state with unit variance has unit variance.
    Only who simulates the experiment holds this object; a filter is given `observe`'s result.

    Args:
        n_channels: numbers that the instrument returns.
        seed: decides the weights.
    """

    n_channels: int
    seed: int = 0

    def __post_init__(self) -> None:
        require_number("n_channels", self.n_channels, least=1, whole=True)
        require_number("seed", self.seed, least=0, whole=True)

    def weights(self, size: int) -> Tensor:
        """Return the weights (channel, variable and site), float64, of a state of `size` numbers."""
        stream = torch_stream(self.seed, "unknown operator")
        return torch.randn(self.n_channels, size, generator=stream, dtype=torch.float64) / size**0.5

    def project(self, state: Tensor) -> Tensor:
        """Return the noise-free channels (..., channel) of `state` (..., variable, site)."""
        flat = state.flatten(-2)
        return flat @ self.weights(flat.shape[-1]).to(state).mT

    def observe(self, truth: Tensor, error_std: float, seed: int) -> Tensor:
        """Return the channels of `truth` (..., variable, site) with independent normal noise, (..., channel).

        Args:
            truth: the states.
            error_std: standard deviation of the noise, >= 0.
            seed: decides the noise.
        """
        require_number("error_std", error_std, least=0)
        channels = self.project(truth)
        stream = torch_stream(seed, "noise of the unknown operator")
        return channels + error_std * torch.randn(channels.shape, generator=stream, dtype=channels.dtype)
