"""A U-Net of residual convolution blocks, each behind a feature-wise affine (FiLM) layer."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from sparseobs.neural_process.convolution import (
    Window,
    clipped,
    convolve,
    convolve_and_halve,
    cut,
    double,
    double_and_convolve,
    everything,
    read_by,
)


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


class ResidualBlock(nn.Module):
    """Convolution of the rectified, FiLM-modulated input, plus the input itself (through 1 x 1 if widths differ).

    Args:
        n_in: channels of the input.
        n_out: channels of the output.
        kernel: side of the convolution, odd.
    """

    rows: int | None = None  # of the kernel, where it is not square

    def __init__(self, n_in: int, n_out: int, kernel: int):
        super().__init__()
        self.film = FiLM(n_in)
        rows = self.rows or kernel
        self.convolution = nn.Conv2d(n_in, n_out, (rows, kernel), padding=(rows // 2, kernel // 2))
        self.shortcut = nn.Identity() if n_in == n_out else nn.Conv2d(n_in, n_out, 1)

    def forward(self, features: Tensor, window: Window | None = None, linear: bool = False) -> Tensor:
        """Return (batch, n_out, row, column).

        Args:
            features: (batch, n_in, row, column).
            window: the part of the result that is wanted and returned; None is all of it.
            linear: neither FiLM nor the rectifier changes these features, so that all is one convolution.
        """
        if linear:
            return convolve(features, *self._kernel_and_bias(), window)
        active = torch.relu(self.film(features))
        convolved = convolve(active, self.convolution.weight, self.convolution.bias, window)
        return convolved + self.shortcut(cut(features, window) if window else features)

    def halved(self, features: Tensor, linear: bool = False) -> Tensor:
        """Return what `forward` returns, averaged over blocks of 2 x 2, in a quarter of the multiplications."""
        if linear:
            return convolve_and_halve(features, *self._kernel_and_bias())
        active = torch.relu(self.film(features))
        convolved = convolve_and_halve(active, self.convolution.weight, self.convolution.bias)
        return convolved + self.shortcut(functional.avg_pool2d(features, 2))

    def doubled(self, features: Tensor, window: Window, linear: bool = False) -> Tensor:
        """Return a window of `forward` of the features interpolated to twice the resolution.

        Interpolating commutes with FiLM and with the shortcut, for its weights sum to one, but not with the rectifier.
        If the block is linear, a quarter of the multiplications do.
        """
        if linear:
            return double_and_convolve(features, *self._kernel_and_bias(), window)
        active = torch.relu(double(self.film(features)))
        convolved = convolve(active, self.convolution.weight, self.convolution.bias, window)
        return convolved + cut(double(self.shortcut(features)), window)

    def _kernel_and_bias(self) -> tuple[Tensor, Tensor]:
        """Return the one convolution that a linear block is: the shortcut is added to the middle of the kernel."""
        kernel, bias = self.convolution.weight, self.convolution.bias
        if isinstance(self.shortcut, nn.Identity):
            middle = torch.eye(len(kernel), dtype=kernel.dtype, device=kernel.device)[..., None, None]
        else:
            middle, bias = self.shortcut.weight, bias + self.shortcut.bias
        half = kernel.shape[-1] // 2
        return kernel + functional.pad(middle, (half, half, half, half)), bias


class UNet(nn.Module):
    """Down by average pooling, up by bilinear interpolation, with concatenated skips.

    Args:
        n_in: channels of the input.
        n_out: channels of the output.
        channels: width of every level; the first keeps the resolution, each further one halves it.
        kernel: side of the convolutions, odd.

    References: [scholz2023]; channels = (96,) * 6 with kernel 5 and 10 inputs is the paper's network.
    """

    block = ResidualBlock

    def __init__(self, n_in: int, n_out: int, channels: tuple[int, ...], kernel: int):
        super().__init__()
        self.half = kernel // 2
        widths = (n_in, *channels)
        deepest = len(channels) - 1
        self.down = nn.ModuleList(self.block(*pair, kernel) for pair in zip(widths, channels, strict=False))
        self.up = nn.ModuleList(
            self.block(channels[level] * (1 + (level < deepest)), channels[max(level - 1, 0)], kernel)
            for level in reversed(range(len(channels)))
        )
        self.head = self.block(channels[0], n_out, 1)

    def is_linear(self) -> bool:
        """Return whether no FiLM layer changes anything, now and through this step of training.

        All blocks but the first, whose input no rectifier has cut, are linear then. To be asked where no graph is
        compiled: it looks at values.
        """
        films = [module for module in self.modules() if isinstance(module, FiLM)]
        if torch.is_grad_enabled() and any(part.requires_grad for film in films for part in film.parameters()):
            return False
        scales, shifts = (torch.cat([getattr(film, name) for film in films]) for name in ("scale", "shift"))
        return bool(((scales == 1) & (shifts == 0)).all())

    def forward(self, features: Tensor, window: Window | None = None, *, linear: bool = False) -> Tensor:
        """Return (batch, n_out, row, column) for (batch, n_in, row, column).

        Args:
            features: rows and columns multiples of the factor between the finest and the coarsest level.
            window: the part of the output that is wanted and returned; None is all of it. The way up, where most of
                the work is, then computes only what that part depends on.
            linear: what `is_linear` says, for the same in less time; False is always right.
        """
        windows = self._windows(features.shape[-2:], window)
        levels = []
        for depth, block in enumerate(self.down):
            features = torch.relu(block.halved(features, linear) if depth else block(features))
            levels.append(features)
        features = cut(levels.pop(), windows[0])
        for depth, (block, has, wanted) in enumerate(zip(self.up, windows[:-1], windows[1:], strict=True)):
            if depth:
                features = _concatenated(cut(levels.pop(), has), features)
            if depth < len(self.up) - 1:
                features = block.doubled(features, _within(wanted, has, 2), linear)
            else:
                features = block(features, _within(wanted, has, 1), linear)
            features = torch.relu(features)
        return self.head(features, linear=linear)

    def _windows(self, shape: tuple[int, int], window: Window | None) -> list[Window]:
        """Return what each block of the way up reads of its own level, coarsest first, and last what is wanted."""
        wanted = window or everything(shape)
        found = [wanted]
        for level in range(len(self.up)):
            reads = [read_by(part, self.half, doubled=level > 0) for part in found[0]]
            found.insert(0, tuple(clipped(part, size >> level) for part, size in zip(reads, shape, strict=True)))
        return found


def _concatenated(*images: Tensor) -> Tensor:
    """Return the channels of all, a node's together in memory even where an image is a part of a larger one."""
    return torch.cat([image.permute(0, 2, 3, 1) for image in images], dim=-1).permute(0, 3, 1, 2)


def _within(window: Window, outer: Window, factor: int) -> Window:
    """Return where a window lies within another, whose nodes are those of a grid `factor` times as coarse."""
    pairs = zip(window, outer, strict=True)
    return tuple((first - factor * start, last - factor * start) for (first, last), (start, _) in pairs)
