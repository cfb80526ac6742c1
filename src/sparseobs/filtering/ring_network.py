"""The trunk that the learned filters share: residual circular convolutions over a ring of sites."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.errors import InputError

ROWS_IN_CACHE = 96  # rows whose hidden channels a processor core keeps at hand; more at a time run at half the speed


class RingNetwork(nn.Module):
    """A residual network of circular convolutions; its last layer begins at zero.

    Args:
        n_inputs: input channels.
        n_outputs: output channels.
        filters: channels of the hidden layers.
        kernel: width of the convolutions, odd.
        n_blocks: residual blocks of two convolutions.
    """

    def __init__(self, n_inputs: int, n_outputs: int, filters: int, kernel: int, n_blocks: int):
        super().__init__()
        self.kernel = kernel
        self.lift = nn.Conv1d(n_inputs, filters, kernel)
        self.blocks = nn.ModuleList([nn.Conv1d(filters, filters, kernel) for _ in range(2 * n_blocks)])
        self.readout = nn.Conv1d(filters, n_outputs, kernel)
        nn.init.zeros_(self.readout.weight)
        nn.init.zeros_(self.readout.bias)

    def forward(self, features: Tensor, dropout: Tensor | None = None) -> Tensor:
        """Return (row, output, site).

        Args:
            features: (row, input, site).
            dropout: (layer, row, filter), what every channel is multiplied by before each layer but the first; None
                drops nothing.
        """
        if features.is_cpu and len(features) > ROWS_IN_CACHE and not torch.is_grad_enabled():
            parts = features.split(ROWS_IN_CACHE)
            dropped = [None] * len(parts) if dropout is None else dropout.split(ROWS_IN_CACHE, 1)
            return torch.cat([self._layers(*part) for part in zip(parts, dropped, strict=True)])
        return self._layers(features, dropout)

    def _layers(self, features: Tensor, dropout: Tensor | None) -> Tensor:
        # Sites before channels from here on: a processor convolves channels that lie side by side up to twice as fast.
        hidden = _normalise(self._convolve(self.lift, features.transpose(1, 2), None))
        for index in range(len(self.blocks) // 2):
            update = self._stage(2 * index, hidden, dropout)
            hidden = hidden + self._stage(2 * index + 1, update, dropout)
        return self._convolve(self.readout, hidden, None if dropout is None else dropout[-1]).transpose(1, 2)

    def _stage(self, index: int, hidden: Tensor, dropout: Tensor | None) -> Tensor:
        convolved = self._convolve(self.blocks[index], hidden, None if dropout is None else dropout[index])
        return functional.leaky_relu(_normalise(convolved), 0.01, inplace=True)

    def _convolve(self, layer: nn.Conv1d, hidden: Tensor, dropout: Tensor | None) -> Tensor:
        """Return the circular convolution along the sites; (row, site, channel) in and out.

        Whole channels are dropped first, independently for each row, in training and at test alike.
        """
        half, sites = self.kernel // 2, hidden.shape[1]
        first, middle, last = hidden.split([half, sites - 2 * half, half], dim=1)  # its gradient is one copy
        ring = torch.cat([last, first, middle, last, first], dim=1)
        if dropout is not None:
            ring.mul_(dropout[:, None])
        if len(ring) == 1:  # the layout below is no layout of its own for a single row, and would take the slow way
            return functional.conv1d(ring.mT, layer.weight, layer.bias).mT
        image = ring[:, None].permute(0, 3, 1, 2)  # (row, channel, 1, site), in the memory that it has
        return functional.conv2d(image, layer.weight[:, :, None], layer.bias).permute(0, 2, 3, 1)[:, 0]


def _normalise(hidden: Tensor) -> Tensor:
    """Normalise each row over channels and sites jointly, with no learned scale."""
    return functional.layer_norm(hidden, hidden.shape[1:])


def fitted_to(network: nn.Module, ensemble: Tensor) -> Tensor:
    """Return the ensemble (batch, member, variable, site) in the type of a learned filter's weights.

    Raises:
        InputError: the filter has other variables, or a kernel wider than the ring.
    """
    (variables, sites), config = ensemble.shape[2:], network.config
    if variables != config.n_variables:
        expected = f"{config.n_variables} variable(s), as the network has"
        raise InputError("ensemble", f"{variables} variable(s)", expected, "a filter of the same system")
    if sites < config.kernel - 1:  # a kernel one wider than the ring reads the site opposite twice, and no more
        widest = sites + 1 - sites % 2
        expected = f"at most {widest} on a ring of {sites} site(s)"
        raise InputError("kernel", config.kernel, expected, f"a network with kernel={widest}")
    return ensemble.to(network.obs_error_std.dtype)
