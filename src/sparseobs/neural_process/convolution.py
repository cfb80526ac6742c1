"""Convolutions with fewer multiplications: equal to the plain ones but for rounding, values and gradients alike.

Averaging, interpolating and convolving are linear and commute with shifts, so they may change places wherever no
rectifier stands between them. Each change leaves a quarter of the multiplications:

- the mean of 2 x 2 outputs of a convolution is the convolution of 2 x 2 means, computed at every other place only;
- bilinear interpolation to twice the resolution puts zeros between the values and blurs; convolving the values and
  their zeros is a transposed convolution, and the blur, which mixes no channels and costs next to nothing, comes last.

What is left at full resolution multiplies less in a way of its own, see `minimal_filtering`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from sparseobs.neural_process.minimal_filtering import convolve_valid, products_cost_most

Window = tuple[tuple[int, int], tuple[int, int]]  # rows and columns: the first, and one past the last
BLUR = (0.25, 0.75, 0.75, 0.25)  # what interpolating does to values with zeros between them, along one axis


def convolve(image: Tensor, kernel: Tensor, bias: Tensor, window: Window | None = None) -> Tensor:
    """Convolve with zero padding.

    Args:
        image: (batch, channel, row, column).
        kernel: (out, channel, side, side), `side` odd.
        bias: (out,).
        window: the part of the result that is wanted and returned; None is all of it.

    Returns:
        (batch, out, row, column): `conv2d(..., padding="same")`.
    """
    half, shape = kernel.shape[-1] // 2, image.shape[-2:]
    window = window or everything(shape)
    reads = [clipped(read_by(part, half), size) for part, size in zip(window, shape, strict=True)]
    zeros = [(half - first + low, half - high + last) for (first, last), (low, high) in zip(window, reads, strict=True)]
    image = cut(image, reads)
    if products_cost_most(image, kernel):
        (above, below), (before, after) = zeros
        if any(map(any, zeros)):
            image = functional.pad(image, (before, after, above, below))
        return convolve_valid(image, kernel, bias)
    padding = [max(ends) for ends in zeros]
    whole = functional.conv2d(image, kernel, bias, padding=padding)
    return _cut_at([most - before for most, (before, _) in zip(padding, zeros, strict=True)], whole, window)


def convolve_and_halve(image: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Convolve with zero padding and average over blocks of 2 x 2.

    Args:
        image: (batch, channel, row, column), rows and columns even.
        kernel: (out, channel, side, side), `side` odd.
        bias: (out,).

    Returns:
        (batch, out, row / 2, column / 2): `avg_pool2d(conv2d(...), 2)`.
    """
    side = kernel.shape[-1]
    if side == 1:
        return functional.conv2d(functional.avg_pool2d(image, 2), kernel, bias)
    means = functional.avg_pool2d(image, 2, stride=1, padding=1)  # zeros around it count, as they do for conv2d
    return functional.conv2d(means, kernel, bias, stride=2, padding=side // 2 - 1)


def double_and_convolve(image: Tensor, kernel: Tensor, bias: Tensor, window: Window | None = None) -> Tensor:
    """Interpolate bilinearly to twice the resolution and convolve with zero padding.

    Args:
        image: (batch, channel, row, column).
        kernel: (out, channel, side, side), `side` odd.
        bias: (out,).
        window: the part of the result that is wanted and returned; None is all of it.

    Returns:
        (batch, out, 2 row, 2 column): `conv2d(interpolate(...), ...)`.
    """
    half, shape = kernel.shape[-1] // 2, [2 * size for size in image.shape[-2:]]
    window = window or everything(shape)
    if half == 0 or min(shape) <= 4 * half:  # nearly all of it is edge
        return cut(functional.conv2d(double(image), kernel, bias, padding=half), window)
    if all(half <= first and last <= size - half for (first, last), size in zip(window, shape, strict=True)):
        return _within_edges(image, kernel, bias, window)
    # Outside the edges conv2d sees zeros, where this goes on: the outermost rows and columns are done as they are.
    inner = _within_edges(image, kernel, bias, tuple((half, size - half) for size in shape))
    left, right = (_edge(image.mT, kernel.mT, bias, last).mT[..., half:-half, :] for last in (False, True))
    top, bottom = (_edge(image, kernel, bias, last) for last in (False, True))
    return cut(torch.cat([top, torch.cat([left, inner, right], dim=-1), bottom], dim=-2), window)


def everything(shape: Sequence[int]) -> Window:
    """Return the window that holds all rows and columns."""
    return (0, shape[0]), (0, shape[1])


def read_by(part: tuple[int, int], half: int, *, doubled: bool = False) -> tuple[int, int]:
    """Return which nodes along one axis a convolution reads for its outputs from first to one past last.

    Args:
        part: of the outputs.
        half: side of the kernel // 2.
        doubled: the nodes are interpolated to twice the resolution before.

    Returns:
        The first and one past the last; they may lie beyond the image.
    """
    first, last = part[0] - half, part[1] + half
    return ((first - 1) // 2, last // 2 + 1) if doubled else (first, last)  # between nodes: from the two nearest


def clipped(part: tuple[int, int], size: int) -> tuple[int, int]:
    """Return what of a part lies within `size` nodes."""
    return max(part[0], 0), min(part[1], size)


def cut(image: Tensor, window: Window) -> Tensor:
    """Return a window of (..., row, column)."""
    (top, bottom), (left, right) = window
    return image[..., top:bottom, left:right]


def _cut_at(starts: list[int], image: Tensor, window: Window) -> Tensor:
    """Return as much as the window holds, from the given row and column on."""
    return cut(image, tuple((start, start + last - first) for start, (first, last) in zip(starts, window, strict=True)))


def double(image: Tensor) -> Tensor:
    """Interpolate bilinearly to twice the resolution."""
    return functional.interpolate(image, scale_factor=2, mode="bilinear")


def _edge(image: Tensor, kernel: Tensor, bias: Tensor, last: bool) -> Tensor:
    """Return the first (or last) `side // 2` rows of the convolution of the doubled image."""
    half = kernel.shape[-1] // 2
    near = image[..., -half - 1 :, :] if last else image[..., : half + 1, :]
    strip = double(near)[..., -2 * half :, :] if last else double(near)[..., : 2 * half, :]
    above, below = (0, half) if last else (half, 0)
    return functional.conv2d(functional.pad(strip, (half, half, above, below)), kernel, bias)


def _within_edges(image: Tensor, kernel: Tensor, bias: Tensor, window: Window) -> Tensor:
    """Return a window of `double_and_convolve` that reads none of the zeros around the doubled image."""
    half = kernel.shape[-1] // 2
    reads = tuple(read_by(part, half, doubled=True) for part in window)
    spare = [  # of what these nodes spread to, so much at either end is not read
        (first + half - 2 * (low + 1), 2 * high - last + half - 2)
        for (first, last), (low, high) in zip(window, reads, strict=True)
    ]
    read = _replicated(image, reads)
    crop = [min(ends) for ends in spare]
    spread = functional.conv_transpose2d(read, kernel.transpose(0, 1).flip(-1, -2), stride=2, padding=crop)
    blur = torch.tensor(BLUR, dtype=image.dtype, device=image.device)
    blur = torch.outer(blur, blur).expand(spread.shape[1], 1, -1, -1)
    blurred = functional.conv2d(spread, blur, bias, groups=spread.shape[1])
    return _cut_at([before - least for (before, _), least in zip(spare, crop, strict=True)], blurred, window)


def _replicated(image: Tensor, window: Window) -> Tensor:
    """Return a window that may reach one node beyond the image, where its edges are repeated."""
    beyond = [(int(low < 0), int(high > size)) for (low, high), size in zip(window, image.shape[-2:], strict=True)]
    if any(map(any, beyond)):
        (above, below), (before, after) = beyond
        image = functional.pad(image, (before, after, above, below), mode="replicate")
        window = tuple((low + extra, high + extra) for (low, high), (extra, _) in zip(window, beyond, strict=True))
    return cut(image, window)
