"""How far a U-Net sees, and its output on a grid too large for one go, computed tile by tile."""

import torch
from torch import Tensor

from sparseobs.errors import require_number
from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig, Points
from sparseobs.neural_process.grid import InternalGrid


def reach(config: ConvCNPConfig) -> int:
    """Return how many nodes away an input can still change the U-Net's output, along one axis.

    Follows the nodes that an output depends on back through every layer, the widest way, which leads over the
    coarsest level. It depends on where the output lies in its coarsest cell; the largest of these reaches is returned.

    Args:
        config: of a ConvCNP.
    """
    return max(max(node - first, last - node) for node, first, last in _dependences(config))


def convolution_reach(config: ConvCNPConfig) -> int:
    """Return the same as if pooling and interpolating were points: (receptive field - 1) / 2 as it is often stated."""
    return config.kernel // 2 * 2 * config.coarsening


def _dependences(config: ConvCNPConfig) -> list[tuple[int, int, int]]:
    """Return (output, first input, last input) for an output at every place within a coarsest cell."""
    half, halvings = config.kernel // 2, len(config.channels) - 1
    found = []
    for node in range(config.coarsening):
        first, last = node - half, node + half  # the last convolution
        for _ in range(halvings):
            first, last = first - half, last + half
            first, last = (first - 1) // 2, (last + 1) // 2  # interpolated from the two nearest
        for _ in range(halvings):
            first, last = 2 * first - half, 2 * last + 1 + half  # two were averaged
        found.append((node, first - half, last + half))
    return found


@torch.no_grad()
def tiled_field(
    model: ConvCNP,
    context: Points,
    *,
    scalars: Tensor,
    grid: InternalGrid,
    tile: int,
    overlap: int | None = None,
    start: Tensor | None = None,
) -> Tensor:
    """Return `model.field` of a grid of any size in the memory of one tile, (batch, 2, row, column).

    Args:
        model: a ConvCNP.
        context: the observed points, wherever they lie.
        scalars: (batch, scalar), the time channels.
        grid: rows and columns multiples of the model's coarsening.
        tile: rows and columns of a tile, its overlap not counted; rounded up to the coarsening.
        overlap: nodes by which a tile is computed wider on every side, rounded up to the coarsening; None takes the
            model's `reach`, with which the result is the untiled one.
        start: channels of the `Start` on the whole grid, for a network that corrects one.
    """
    require_number("tile", tile, least=1, whole=True)
    overlap = reach(model.config) if overlap is None else require_number("overlap", overlap, least=0, whole=True)
    multiple = model.config.coarsening
    tile, overlap = (-(-size // multiple) * multiple for size in (tile, overlap))
    rows, columns = grid.shape
    bands = []
    for top in range(0, rows, tile):
        band = []
        for left in range(0, columns, tile):
            (row, above, height), (column, before, width) = (
                _part(start, tile, overlap, size) for start, size in ((top, rows), (left, columns))
            )
            window = grid.window(row, column, (height, width))
            channels = None if start is None else start[..., row : row + height, column : column + width]
            field = model.field(context, scalars=scalars, grid=window, start=channels)
            band.append(field[..., above : above + tile, before : before + tile])
        bands.append(torch.cat(band, dim=-1))
    return torch.cat(bands, dim=-2)


def _part(start: int, tile: int, overlap: int, size: int) -> tuple[int, int, int]:
    """Return the first node, how many of the nodes before the tile's own are computed, and how many in all."""
    first = max(start - overlap, 0)
    return first, start - first, min(start + tile + overlap, size) - first
