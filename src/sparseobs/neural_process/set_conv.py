"""Set convolutions: from scattered points to a regular grid and back, with separable Gaussian weights."""

import torch
from torch import Tensor
from torch.nn import functional

DENSITY_EPSILON = 1e-2
# The product of two weights as small is still a normal float32. Products below are denormal, which made the set
# convolutions on a CPU ten times as slow, and a node so far from a point says nothing of it either way.
SMALLEST_WEIGHT = 1e-18
REACH = 6  # length scales: farther off, a node's weight in a point's mean is below a float32's rounding


def axis_weights(positions: Tensor, axis: Tensor, length_scale: float) -> Tensor:
    """Return the Gaussian weights exp(-d²/2l²) between points and the nodes of one grid axis.

    Args:
        positions: (batch, point), in the units of `axis`.
        axis: (node,), positions of the nodes.
        length_scale: l, in the units of `axis`.

    Returns:
        (batch, point, node), 0 below `SMALLEST_WEIGHT`. The two axes' weights multiply to the isotropic kernel, which
        is therefore never formed: the cost is points x (rows + columns), not points x rows x columns.
    """
    weights = torch.exp(-0.5 * ((positions.unsqueeze(-1) - axis) / length_scale) ** 2)
    return functional.threshold(weights, SMALLEST_WEIGHT, 0.0)


def points_to_grid(
    coordinates: Tensor, values: Tensor, mask: Tensor, *, y: Tensor, x: Tensor, length_scale: float
) -> Tensor:
    """Return the density of the points and their density-weighted mean on the grid.

    Args:
        coordinates: (batch or 1, point, 2), y before x, finite at padded points too.
        values: (batch, point); anything, even NaN, where `mask` is False.
        mask: (batch, point), True where a point exists; none may.
        y: (row,), grid rows in the units of the coordinates.
        x: (column,), grid columns.
        length_scale: the kernel's, in the same units.

    Returns:
        (batch, 2, row, column): density, then the data channel divided by density + 1e-2, both 0 where
        no point is near.

    References: [gordon2020], section 4.
    """
    along_y = axis_weights(coordinates[..., 0], y, length_scale)  # (batch, point, row)
    along_x = axis_weights(coordinates[..., 1], x, length_scale)  # (batch, point, column)
    channels = torch.stack([mask.to(y.dtype), values.masked_fill(~mask, 0.0)], dim=1)  # (batch, 2, point)
    weighted = along_y.transpose(-1, -2).unsqueeze(1) * channels.unsqueeze(2)  # (batch, 2, row, point)
    density, data = (weighted @ along_x.unsqueeze(1)).unbind(1)
    return torch.stack([density, data / (density + DENSITY_EPSILON)], dim=1)


def grid_to_points(field: Tensor, coordinates: Tensor, *, y: Tensor, x: Tensor, length_scale: float) -> Tensor:
    """Return the Gaussian-weighted mean of a gridded field around each point.

    Args:
        field: (batch, channel, row, column).
        coordinates: (batch or 1, point, 2), y before x, inside the grid.
        y: (row,).
        x: (column,).
        length_scale: the kernel's.

    Returns:
        (batch, channel, point). Weights sum to one, so that a point near the edge of the grid is not damped.
    """
    along_y = _mean_weights(coordinates[..., 0], y, length_scale)
    along_x = _mean_weights(coordinates[..., 1], x, length_scale)
    rows = field @ along_x.transpose(-1, -2).unsqueeze(1)  # (batch, channel, row, point)
    return (rows * along_y.transpose(-1, -2).unsqueeze(1)).sum(2)


def grid_to_axes(field: Tensor, to_y: Tensor, to_x: Tensor, *, y: Tensor, x: Tensor, length_scale: float) -> Tensor:
    """Return what `grid_to_points` returns at every crossing of two axes: two matrix products, whatever their lengths.

    Args:
        field: (batch, channel, row, column).
        to_y: (to_row,), inside the grid.
        to_x: (to_column,).
        y: (row,).
        x: (column,).
        length_scale: the kernel's.

    Returns:
        (batch, channel, to_row, to_column).
    """
    along_y = _mean_weights(to_y, y, length_scale)
    along_x = _mean_weights(to_x, x, length_scale)
    return along_y @ field @ along_x.transpose(-1, -2)


def _mean_weights(positions: Tensor, axis: Tensor, length_scale: float) -> Tensor:
    """Return `axis_weights` that sum to one over the nodes."""
    weights = axis_weights(positions, axis, length_scale)
    return weights / weights.sum(-1, keepdim=True)
