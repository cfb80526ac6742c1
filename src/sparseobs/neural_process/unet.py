"""A U-Net of residual convolution blocks, each behind a feature-wise affine (FiLM) layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.neural_process.convolution import convolve_and_halve, double, double_and_convolve


class FiLM(nn.Module):
    """A scale and a shift for every channel, the identity until trained.

    References: [perez2018], eq. 2, with constants in place of a conditioning network.
    """

    def __init__(self, n_channels: int):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n_channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(n_channels, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Return scale * features + shift; (batch, channel, row, column) in and out."""
        return torch.addcmul(self.shift, features, self.scale)

    def keeps_sign(self) -> bool:
        """Return whether what is not negative stays so, now and through this step of training.

        Not asked where a graph is compiled. A trained shift needs the rectifier's gradient at zero.
        """
        if torch.compiler.is_compiling() or (torch.is_grad_enabled() and self.shift.requires_grad):
            return False
        return bool((self.scale >= 0).all() and (self.shift >= 0).all())


class ResidualBlock(nn.Module):
    """Convolution of the rectified, FiLM-modulated input, plus the input itself (through 1 x 1 if widths differ)."""

    def __init__(self, n_in: int, n_out: int, kernel: int):
        super().__init__()
        self.film = FiLM(n_in)
        self.convolution = nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2)
        self.shortcut = nn.Identity() if n_in == n_out else nn.Conv2d(n_in, n_out, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return (batch, n_out, row, column)."""
        return self.convolution(torch.relu(self.film(features))) + self.shortcut(features)

    def halved(self, features: Tensor) -> Tensor:
        """Return what `forward` returns, averaged over blocks of 2 x 2, in a quarter of the multiplications."""
        active = torch.relu(self.film(features))
        convolved = convolve_and_halve(active, self.convolution.weight, self.convolution.bias)
        return convolved + self.shortcut(functional.avg_pool2d(features, 2))

    def doubled(self, features: Tensor) -> Tensor:
        """Return `forward` of non-negative features at twice the resolution, (batch, n_out, 2 row, 2 column).

        Interpolating commutes with FiLM and with the 1 x 1 convolution, for its weights sum to one. It commutes with
        the rectifier where nothing is negative: before FiLM is trained. Then a quarter of the multiplications do.
        """
        modulated = self.film(features)
        if self.film.keeps_sign():
            convolved = double_and_convolve(modulated, self.convolution.weight, self.convolution.bias)
        else:
            convolved = self.convolution(torch.relu(double(modulated)))
        return convolved + double(self.shortcut(features))


class UNet(nn.Module):
    """Down by average pooling, up by bilinear interpolation, with concatenated skips.

    Args:
        n_in: channels of the input.
        n_out: channels of the output.
        channels: width of every level; the first keeps the resolution, each further one halves it.
        kernel: side of the convolutions, odd.

    References: [scholz2023]; channels = (96,) * 6 with kernel 5 and 10 inputs is the paper's network.
    """

    def __init__(self, n_in: int, n_out: int, channels: tuple[int, ...], kernel: int):
        super().__init__()
        widths = (n_in, *channels)
        self.down = nn.ModuleList(
            ResidualBlock(widths[level], widths[level + 1], kernel) for level in range(len(channels))
        )
        self.up = nn.ModuleList(
            ResidualBlock(
                channels[level] if level == len(channels) - 1 else 2 * channels[level],
                channels[max(level - 1, 0)],
                kernel,
            )
            for level in reversed(range(len(channels)))
        )
        self.head = ResidualBlock(channels[0], n_out, 1)

    @property
    def coarsening(self) -> int:
        """Factor between the finest and the coarsest level: rows and columns must be multiples of it."""
        return 2 ** (len(self.down) - 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return (batch, n_out, row, column) for (batch, n_in, row, column)."""
        levels = []
        for depth, block in enumerate(self.down):
            features = torch.relu(block.halved(features) if depth else block(features))
            levels.append(features)
        features = levels.pop()
        for depth, block in enumerate(self.up):
            if depth:
                features = torch.cat([levels.pop(), features], dim=1)
            last = depth == len(self.up) - 1
            features = torch.relu(block(features) if last else block.doubled(features))
        return self.head(features)
