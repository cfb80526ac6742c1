"""A U-Net of residual convolution blocks, each behind a feature-wise affine (FiLM) layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional


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
        return features * self.scale + self.shift


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
            features = block(features)
            if depth:
                features = functional.avg_pool2d(features, 2)
            features = torch.relu(features)
            levels.append(features)
        features = levels.pop()
        for depth, block in enumerate(self.up):
            if depth:
                features = torch.cat([levels.pop(), features], dim=1)
            if depth < len(self.up) - 1:
                features = functional.interpolate(features, scale_factor=2, mode="bilinear")
            features = torch.relu(block(features))
        return self.head(features)
