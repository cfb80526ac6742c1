"""A convolution with two multiplications where five are usual, for kernels with many channels.

Four outputs in a row of a convolution with five taps are sums of 20 products of an input and a tap. They are also
combinations of only eight products, of a combination of the inputs and one of the taps each: inputs, taps and outputs
are coefficients of polynomials, and a product of polynomials is known from its values at as many points as it has
coefficients. Here the rows are convolved that way and the columns as usual: one convolution of columns for each point.
Combining works on every channel, multiplying on every pair of channels, so that it pays where there are many channels.
The result is `conv2d`'s but for rounding.

References: [winograd1980]; [lavin2016], there for three taps and along both axes.
"""

from functools import cache

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

OUTPUTS = 4  # rows at a time: with more, fewer products and a larger error of rounding
LEAST_CHANNELS = 64  # with fewer, carrying to the points and back costs as much
POINTS = (0, 1, -1, 2, -2, 1 / 2, -1 / 2)  # and infinity, where a polynomial's value is its first coefficient


def products_cost_most(image: Tensor, kernel: Tensor) -> bool:
    """Return whether `convolve_valid` is the faster way: not on a GPU, in half precision or with few channels."""
    n_out, n_channels, side, _ = kernel.shape
    wide = side in (3, 5) and min(n_out, n_channels) >= LEAST_CHANNELS
    plain = torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling()
    return wide and image.device.type == "cpu" and not plain


def convolve_valid(image: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Convolve without padding.

    Args:
        image: (batch, channel, row, column); fastest if a node's channels lie together in memory.
        kernel: (out, channel, side, side), `side` 3 or 5.
        bias: (out,).

    Returns:
        (batch, out, row - side + 1, column - side + 1): `conv2d(...)`, a node's channels together.
    """
    return _ConvolveValid.apply(image, kernel, bias)


class _ConvolveValid(torch.autograd.Function):
    """With its gradients: that of the image is a convolution too, that of the kernel is done as `conv2d` does it."""

    @staticmethod
    def forward(ctx, image: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(image, kernel)
        return _convolved(image, kernel) + bias[:, None, None]

    @staticmethod
    @once_differentiable
    def backward(ctx, slope: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        image, kernel = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        to_image = to_kernel = to_bias = None
        if wanted[0]:
            beyond = kernel.shape[-1] - 1
            turned = kernel.transpose(0, 1).flip(-1, -2)
            to_image = _convolved(functional.pad(slope, [beyond] * 4), turned)
        if wanted[1]:
            to_kernel = torch.nn.grad.conv2d_weight(image, kernel.shape, slope)
        if wanted[2]:
            to_bias = slope.sum((0, 2, 3))
        return to_image, to_kernel, to_bias


def _convolved(image: Tensor, kernel: Tensor) -> Tensor:
    """Return the convolution without a bias."""
    to_points, weigh, from_points = (matrix.to(image) for matrix in _matrices(kernel.shape[-1]))
    n_rows = image.shape[-2] - kernel.shape[-1] + 1
    tiles = _tiles(image, len(to_points), -(-n_rows // OUTPUTS))
    n_batch, n_tiles, n_points, n_columns, n_channels = tiles.shape
    # All points of all tiles below each other: those of one point are every `n_points`-th row.
    tall = (to_points @ tiles.flatten(-2)).view(1, -1, n_columns, n_channels).permute(0, 3, 1, 2)
    columns = torch.einsum("pi,ocij->pocj", weigh, kernel).unsqueeze(-2)
    products = torch.stack([
        functional.conv2d(tall[:, :, point:], columns[point], stride=(n_points, 1)).permute(0, 2, 3, 1)
        for point in range(n_points)
    ])  # fmt: skip
    outputs = (from_points @ products.flatten(1)).view(OUTPUTS, n_batch, n_tiles, -1, len(kernel))
    nodes = outputs.permute(1, 2, 0, 3, 4).reshape(n_batch, n_tiles * OUTPUTS, -1, len(kernel))
    return nodes[:, :n_rows].permute(0, 3, 1, 2)


def _tiles(image: Tensor, n_rows: int, n_tiles: int) -> Tensor:
    """Return a view of every `OUTPUTS`-th row with those below it: (batch, tile, row, column, channel)."""
    missing = OUTPUTS * (n_tiles - 1) + n_rows - image.shape[-2]
    if missing:
        image = functional.pad(image, (0, 0, 0, missing))
    nodes = image.permute(0, 2, 3, 1).contiguous()
    n_batch, _, n_columns, n_channels = nodes.shape
    each, row, column, channel = nodes.stride()
    return nodes.as_strided(
        (n_batch, n_tiles, n_rows, n_columns, n_channels), (each, OUTPUTS * row, row, column, channel)
    )


@cache
def _matrices(n_taps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the maps to the values at the points, of inputs and of taps, and from their products to the outputs.

    A convolution that keeps only what no zero enters is the transpose of a product of polynomials, which is where the
    transposes come from. Each point's three rows are scaled to share its magnitude.
    """
    n_points = OUTPUTS + n_taps - 1
    finite = torch.tensor(POINTS[: n_points - 1], dtype=torch.float64)

    def values(n_coefficients: int) -> Tensor:
        infinity = torch.eye(n_coefficients, dtype=torch.float64)[-1:]
        return torch.cat([finite[:, None] ** torch.arange(n_coefficients), infinity])

    of_inputs, of_taps, of_outputs = torch.linalg.inv(values(n_points)).T, values(n_taps), values(OUTPUTS)
    sizes = [matrix.norm(dim=1, keepdim=True) for matrix in (of_inputs, of_outputs)]
    return of_inputs / sizes[0], of_taps * sizes[0] * sizes[1], (of_outputs / sizes[1]).T
