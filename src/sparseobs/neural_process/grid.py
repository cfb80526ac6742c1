"""The regular internal grid on which a ConvCNP thinks, and the static fields it is given there."""

import math
from dataclasses import dataclass

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.neural_process.set_conv import REACH
from sparseobs.neural_process.unet import Window
from sparseobs.outlines import land_fraction
from sparseobs.stations.regions import Region

STATIC_FIELDS = {"land": 1, "elevation": 1, "position": 2}  # channels of each
ELEVATION_SCALE = 500.0  # m to one unit of the elevation channel: of the order of a country's relief


@dataclass(frozen=True, eq=False)
class InternalGrid:
    """Rows of latitude and columns of longitude times the cosine of a reference latitude.

    In these plane coordinates, both in degrees of latitude (111 km), distances are nearly true over a country,
    so that one kernel and one translation-equivariant network serve every direction.

    Attributes:
        y: (row,), degrees north, ascending.
        x: (column,), degrees east times the cosine of the reference latitude, ascending.
        static: (field, row, column), normalised.
        reference_latitude: degrees north.
    """

    y: Tensor
    x: Tensor
    static: Tensor
    reference_latitude: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    @property
    def spacing(self) -> float:
        """Distance between neighbouring nodes, degrees of latitude."""
        return float(self.y[1] - self.y[0])

    def coordinates(self, latitude, longitude) -> Tensor:
        """Return (point, 2) plane coordinates of points given in degrees."""
        x = np.asarray(longitude, dtype=float) * np.cos(np.deg2rad(self.reference_latitude))
        plane = np.stack([np.asarray(latitude, dtype=float), x], axis=-1)
        return torch.as_tensor(plane, dtype=self.y.dtype, device=self.y.device)

    def inside(self, coordinates: Tensor) -> Tensor:
        """Return which of the (..., 2) points lie within the outermost nodes."""
        y, x = coordinates.unbind(-1)
        return (y >= self.y[0]) & (y <= self.y[-1]) & (x >= self.x[0]) & (x <= self.x[-1])

    def window(self, row: int, column: int, shape: tuple[int, int]) -> "InternalGrid":
        """Return the part of `shape` whose first node is (`row`, `column`)."""
        rows, columns = slice(row, row + shape[0]), slice(column, column + shape[1])
        static = self.static[:, rows, columns]
        return InternalGrid(self.y[rows], self.x[columns], static, self.reference_latitude)

    def window_around(self, coordinates: Tensor, shape: tuple[int, int]) -> "InternalGrid":
        """Return the window of `shape` centred on the bounding box of the (point, 2) coordinates."""
        first = []
        for axis, size, positions in zip((self.y, self.x), shape, coordinates.unbind(-1), strict=True):
            middle = (positions.min() + positions.max()) / 2
            start = int(torch.searchsorted(axis, middle)) - size // 2
            first.append(min(max(start, 0), len(axis) - size))
        window = self.window(*first, shape)
        if not window.inside(coordinates).all():
            raise InputError("window", shape, "rows and columns that hold every station", "a larger window")
        return window

    def near(self, coordinates: Tensor, multiple: int = 8) -> Window:
        """Return the rows and columns that the (..., 2) points are read from: up to `REACH` spacings away.

        Args:
            coordinates: points inside the grid; if there are none, all of it is returned.
            multiple: widened to whole steps of so many nodes, so that similar points share one shape.
        """
        if not coordinates.numel():
            return (0, len(self.y)), (0, len(self.x))
        window = []
        for axis, positions in zip((self.y, self.x), coordinates.flatten(0, -2).unbind(-1), strict=True):
            ends = torch.stack([positions.min(), positions.max()]).clamp(axis[0], axis[-1])
            low, high = ((ends - axis[0]) / self.spacing).tolist()
            first, last = max(math.floor(low) - REACH, 0), math.ceil(high) + REACH + 1
            window.append((first // multiple * multiple, min(-(-last // multiple) * multiple, len(axis))))
        return tuple(window)

    def nodes(self, window: Window | None = None) -> dict:
        """Return `y`, `x` and `length_scale` as the set convolutions take them, of a window or of the whole grid."""
        rows, columns = (slice(*part) for part in window or ((None,), (None,)))
        return {"y": self.y[rows], "x": self.x[columns], "length_scale": self.spacing}

    def to(self, device: str | torch.device) -> "InternalGrid":
        """Return the grid on `device`."""
        return InternalGrid(self.y.to(device), self.x.to(device), self.static.to(device), self.reference_latitude)


def internal_grid(
    region: Region,
    elevation: xr.DataArray | None,
    *,
    points_per_degree: float,
    margin: float,
    multiple: int,
    fields: tuple[str, ...],
) -> InternalGrid:
    """Return the grid that covers a region and `margin` around it.

    Args:
        region: the box that holds every point.
        elevation: (latitude, longitude), m; needed when `fields` names it.
        points_per_degree: nodes per degree of latitude, in both directions.
        margin: degrees of latitude.
        multiple: rows and columns become multiples of it (the network's coarsening).
        fields: of `STATIC_FIELDS`, in the order of the channels.
    """
    require_number("points_per_degree", points_per_degree, above=0)
    require_number("margin", margin, least=0)
    reference_latitude = (region.south + region.north) / 2
    squeeze = np.cos(np.deg2rad(reference_latitude))
    y = _axis(region.south, region.north, points_per_degree, margin, multiple)
    x = _axis(region.west * squeeze, region.east * squeeze, points_per_degree, margin, multiple)
    channels = []
    for field in fields:
        require_choice("field", field, STATIC_FIELDS)
        channels += _static_field(field, y, x / squeeze, elevation)
    static = np.stack(channels) if channels else np.zeros((0, len(y), len(x)))
    as_tensor = [torch.as_tensor(values, dtype=torch.float32) for values in (y, x, static)]
    return InternalGrid(*as_tensor, reference_latitude)


def _axis(low: float, high: float, points_per_degree: float, margin: float, multiple: int) -> np.ndarray:
    """Return nodes 1 / points_per_degree apart, centred on the interval and reaching past it by `margin`."""
    needed = (high - low + 2 * margin) * points_per_degree + 1
    n_nodes = int(np.ceil(needed / multiple)) * multiple
    return (low + high) / 2 + (np.arange(n_nodes) - (n_nodes - 1) / 2) / points_per_degree


def _static_field(field: str, latitude: np.ndarray, longitude: np.ndarray, elevation) -> list[np.ndarray]:
    """Return the channels (row, column) of one static field, each of order one."""
    if field == "land":
        return [np.asarray(land_fraction(latitude, longitude))]
    if field == "position":
        rows = np.linspace(-1, 1, len(latitude))
        columns = np.linspace(-1, 1, len(longitude))
        return list(np.meshgrid(rows, columns, indexing="ij"))
    if elevation is None:
        raise InputError("fields", field, "fields this source has", "fields without 'elevation'")
    heights = elevation.interp(latitude=latitude, longitude=longitude).fillna(0.0)
    return [heights.values / ELEVATION_SCALE]
