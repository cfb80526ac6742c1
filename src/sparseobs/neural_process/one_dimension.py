"""A convolutional conditional neural process on a line: the same parts as on the map, with one row of nodes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.errors import require_number
from sparseobs.neural_process.conv_cnp import VARIANCE_FLOOR, ConvCNP, Gaussian, Points, require_layers
from sparseobs.neural_process.set_conv import DENSITY_EPSILON, REACH
from sparseobs.neural_process.unet import ResidualBlock, UNet
from sparseobs.randomness import seeded_weights


@dataclass(frozen=True)
class LineConfig:
    """Everything that decides the weights' shapes of a ConvCNP on a line and where it looks.

    Attributes:
        channels: width of every level of the U-Net, finest first; each further level halves the resolution.
        kernel: length of the convolutions, odd.
        points_per_unit: internal nodes per unit of length; the SetConv's length scale is one spacing.
        margin: of the internal grid around the interval, units of length.
        low: left end of the interval.
        high: right end of the interval.
    """

    channels: tuple[int, ...] = (16, 16, 16, 16, 16)
    kernel: int = 5
    points_per_unit: float = 64.0
    margin: float = 0.1
    low: float = -2.0
    high: float = 2.0

    def __post_init__(self):
        require_layers(self.channels, self.kernel)
        require_number("points_per_unit", self.points_per_unit, above=0)
        require_number("margin", self.margin, least=0)
        require_number("low", self.low)
        require_number("high", self.high, above=self.low)

    def __str__(self) -> str:
        widths = "-".join(map(str, self.channels))
        return f"{widths} channels, kernel {self.kernel}, {self.points_per_unit:g} nodes a unit"

    def nodes(self) -> Tensor:
        """Return (node,) positions, centred on the interval, as many as the coarsest level can halve."""
        multiple = 2 ** (len(self.channels) - 1)
        least = (self.high - self.low + 2 * self.margin) * self.points_per_unit
        n_nodes = -int(-least // multiple) * multiple
        steps = torch.arange(n_nodes, dtype=torch.float64) - (n_nodes - 1) / 2
        return ((self.low + self.high) / 2 + steps / self.points_per_unit).float()


class LineBlock(ResidualBlock):
    """Convolution along the line of the rectified, FiLM-modulated input, plus the input itself."""

    rows = 1

    def forward(self, features: Tensor) -> Tensor:
        """Return (batch, n_out, 1, node)."""
        return self.convolution(torch.relu(self.film(features))) + self.shortcut(features)


class LineUNet(UNet):
    """Down by average pooling, up by repeating nodes, with concatenated skips; `kernel` is the convolutions' length.

    References: [scholz2023].
    """

    block = LineBlock

    def forward(self, features: Tensor) -> Tensor:
        """Return (batch, n_out, 1, node) for (batch, n_in, 1, node)."""
        levels = []
        for depth, block in enumerate(self.down):
            features = block(features)
            features = torch.relu(functional.avg_pool2d(features, (1, 2)) if depth else features)
            levels.append(features)
        features = levels.pop()
        for depth, block in enumerate(self.up):
            if depth:
                features = torch.cat([levels.pop(), features], dim=1)
            if depth < len(self.up) - 1:
                features = functional.interpolate(features, scale_factor=(1.0, 2.0), mode="nearest")
            features = torch.relu(block(features))
        return self.head(features)


class LineConvCNP(nn.Module):
    """SetConv, U-Net with FiLM layers, SetConv, heteroscedastic Gaussian, on an interval.

    It is called as `ConvCNP` is, so that training and adapting are the same.

    Args:
        config: the architecture.
        seed: of the initial weights.

    References: [gordon2020]; [scholz2023].
    """

    kind, config_type = "line_conv_cnp", LineConfig
    film_parameters = ConvCNP.film_parameters
    other_parameters = ConvCNP.other_parameters

    def __init__(self, config: LineConfig, seed: int = 0):
        super().__init__()
        self.config = config
        self.register_buffer("x", config.nodes(), persistent=False)
        with seeded_weights(seed):
            self.unet = LineUNet(2, 2, tuple(config.channels), config.kernel)

    def forward(
        self, context: Points, targets: Tensor, *, scalars: Tensor | None = None, grid: None = None, start: None = None
    ) -> Gaussian:
        """Return the prediction at the targets.

        Args:
            context: the observed points, coordinates (batch or 1, point, 2) with zero before x; a task may have none.
            targets: (batch or 1, point, 2), likewise.
            scalars: not read.
            grid: not read; the nodes are the network's own.
            start: not read; on the line nothing is corrected.
        """
        features = self.unet(self._encode(context))[:, :, 0]
        nodes, weights = self._near(targets.expand(len(features), -1, -1))
        weights = weights / weights.sum(-1, keepdim=True)
        picked = features.gather(2, nodes.flatten(1).unsqueeze(1).expand(-1, 2, -1))
        mean, raw = (picked.unflatten(2, nodes.shape[1:]) * weights.unsqueeze(1)).sum(-1).unbind(1)
        return Gaussian(mean, VARIANCE_FLOOR + functional.softplus(raw))

    def _encode(self, context: Points) -> Tensor:
        """Return density and data (batch, 2, 1, node): what `points_to_grid` returns, in a fraction of the time."""
        values = context.values.masked_fill(~context.mask, 0.0)
        channels = torch.stack([context.mask.to(values.dtype), values], dim=1)
        nodes, weights = self._near(context.coordinates.expand(len(values), -1, -1))
        parts = (channels.unsqueeze(-1) * weights.unsqueeze(1)).flatten(2)
        empty = parts.new_zeros(*parts.shape[:2], len(self.x))
        density, data = empty.scatter_add(2, nodes.flatten(1).unsqueeze(1).expand(-1, 2, -1), parts).unbind(1)
        image = torch.stack([density, data / (density + DENSITY_EPSILON)], dim=1).unsqueeze(2)
        return image.contiguous(memory_format=torch.channels_last)

    def _near(self, coordinates: Tensor) -> tuple[Tensor, Tensor]:
        """Return the nodes near each point and their Gaussian weights, (batch, point, near) each.

        On a line it pays to leave the others out in encoding too, unlike on a map, where that is two matrix products.
        """
        at = (coordinates[..., 1] - self.x[0]) * self.config.points_per_unit
        nodes = at.round().long().unsqueeze(-1) + torch.arange(-REACH, REACH + 1, device=at.device)
        weights = torch.exp(-0.5 * (at.unsqueeze(-1) - nodes).square())
        outside = (nodes < 0) | (nodes >= len(self.x))
        return nodes.clamp(0, len(self.x) - 1), weights.masked_fill(outside, 0.0)
