"""A covariance of a dozen numbers whose distance counts height and more beside kilometres, and kriging by it in torch.

k(x, x') = sum over two structures of sill exp(-r), r^2 = (d / length)^2 + sum over features of (weight difference)^2,
besides a nugget at x itself and a drift in height, latitude and longitude whose coefficients have Gaussian priors
(kriging with drift, the priors wide: [wackernagel2003]; as a Gaussian process: [rasmussen2006], section 2.7).
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from sparseobs.errors import InputError
from sparseobs.stations.geography import Points, in_space, plane_coordinates

STRUCTURES = ("long", "short")
LEVEL = 30.0  # K: prior of an hour's level about the mean of its readings at one height; wide, so that it says nothing
CLOSE = 1e-10  # added to squared distances, whose root has no gradient at zero


class Geometry(NamedTuple):
    """What a covariance needs to know of n points beside m others.

    Attributes:
        squares: (1 + feature, n, m), squared differences: of the chord in km^2, then of each feature.
        drift: (n, 3), height (km), north and east (100 km) of a common centre; of the n points.
        drift_other: (m, 3), of the m.
    """

    squares: Tensor
    drift: Tensor
    drift_other: Tensor

    def part(self, rows: Tensor, columns: Tensor) -> "Geometry":
        """Return the geometry of some of the points."""
        return Geometry(self.squares[:, rows][:, :, columns], self.drift[rows], self.drift_other[columns])


def geometry(points: Points, others: Points, centre: Points) -> Geometry:
    """Return how points lie to others.

    Args:
        points: the n.
        others: the m; as many features.
        centre: points whose mean is the origin of the drift's columns.

    Raises:
        InputError: features that differ in number.
    """
    # Distances by chord are Euclidean, so that every such covariance is one.
    sides = [np.column_stack([in_space(side), side.height * 1e-3, side.features]) for side in (points, others)]
    if sides[0].shape[1] != sides[1].shape[1]:
        given = [side.features.shape for side in (points, others)]
        raise InputError("features", given, "as many of all points", "Points(..., features=...) of both")
    a, b = (torch.as_tensor(side) for side in sides)
    squares = torch.square(a.T[:, :, None] - b.T[:, None, :])
    squares = torch.cat([squares[:3].sum(0, keepdim=True), squares[3:]])
    return Geometry(squares, *(torch.as_tensor(_drift(side, centre)) for side in (points, others)))


def _drift(points: Points, centre: Points) -> np.ndarray:
    latitude, longitude = centre.latitude.mean(), centre.longitude.mean()
    north, east = plane_coordinates(points.latitude - latitude, points.longitude - longitude, latitude)
    return np.column_stack([points.height * 1e-3, north / 100, east / 100])


def number_names(n_features: int) -> tuple[str, ...]:
    """Return what the numbers are called, in their order: all but `rate` are natural logarithms.

    Sills and nugget in K^2, lengths in km, weights in lengths a unit of the feature (0 is height, km), `rate` the
    mean change of temperature with height, K per km; `rate_std` and `gradient_std` (K per 100 km) the drift's priors.
    """
    each = [
        f"{structure}_{name}"
        for structure in STRUCTURES
        for name in ("sill", "length", *(f"weight_{number}" for number in range(1 + n_features)))
    ]
    return *each, "nugget", "rate_std", "gradient_std", "rate"


class LearnedCovariance(nn.Module):
    """The numbers, the same at every hour or a wave of a day each.

    Args:
        table: (number, 1 or 3): a column for the constant, and those of the cosine and sine of the hour of the day.
    """

    def __init__(self, table: Tensor):
        super().__init__()
        self.table = nn.Parameter(table.clone())
        self.n_features = (len(table) - 8) // 2 - 1

    def numbers(self, hour: Tensor | None) -> dict[str, Tensor]:
        """Return each number, (hour or 1, 1, 1), as it is meant: no logarithms.

        Args:
            hour: (hour,), hours of the day, UTC; not read if the numbers are the same at all.
        """
        basis = torch.ones(1, 1, dtype=self.table.dtype)
        if self.table.shape[1] > 1:
            turn = 2 * torch.pi * hour / 24
            basis = torch.stack([torch.ones_like(turn), torch.cos(turn), torch.sin(turn)])
        values = self.table @ basis
        values = torch.cat([values[:-1].exp(), values[-1:]])
        return dict(zip(number_names(self.n_features), values[:, :, None, None], strict=True))

    def between(self, where: Geometry, numbers: dict[str, Tensor]) -> Tensor:
        """Return the covariance without nugget, the drift's priors included, (hour or 1, n, m), K^2."""
        total = LEVEL**2 + _prior(where.drift, where.drift_other, numbers)
        for structure in STRUCTURES:
            scales = [1 / numbers[f"{structure}_length"]]
            scales += [numbers[f"{structure}_weight_{number}"] for number in range(1 + self.n_features)]
            weights = torch.stack(scales).square().flatten(1)  # (1 + feature, hour or 1)
            r = torch.sqrt(torch.einsum("fh,fnm->hnm", weights, where.squares) + CLOSE)
            total = total + numbers[f"{structure}_sill"] * torch.exp(-r)
        return total

    def own(self, drift: Tensor, numbers: dict[str, Tensor]) -> Tensor:
        """Return the variance of a reading before any is seen, nugget included, (hour or 1, point), K^2."""
        spread = LEVEL**2 + _slopes(numbers) @ drift.square().T
        sills = sum(numbers[f"{structure}_sill"] for structure in STRUCTURES)
        return (spread + sills + numbers["nugget"]).squeeze(1)


def _slopes(numbers: dict[str, Tensor]) -> Tensor:
    """Return the prior variances of the drift's three coefficients, (hour or 1, 1, 3)."""
    return torch.cat([numbers["rate_std"], numbers["gradient_std"], numbers["gradient_std"]], dim=2).square()


def _prior(drift: Tensor, other: Tensor, numbers: dict[str, Tensor]) -> Tensor:
    return (drift * _slopes(numbers)) @ other.T


class Kriged(NamedTuple):
    """Predictive mean and variance of readings, (hour, target), degC and K^2."""

    mean: Tensor
    variance: Tensor


def factor_of(covariance: Tensor, used: Tensor, nugget: Tensor | float) -> Tensor:
    """Return the lower Cholesky factors (hour, n, n) of the covariance of readings.

    A reading that is not used becomes one of nothing: variance one, covariance none.

    Args:
        covariance: (hour or 1, n, n), without nugget, K^2.
        used: (hour, n), one where a reading is used, zero elsewhere.
        nugget: one number, or one an hour, (hour or 1, 1), K^2.
    """
    own = nugget * used + (1 - used)
    return torch.linalg.cholesky(covariance * (used[:, :, None] * used[:, None, :]) + torch.diag_embed(own))


def krige(
    covariance: LearnedCovariance,
    among: Geometry,
    across: Geometry,
    values: Tensor,
    hour: Tensor | None = None,
    shown: Tensor | None = None,
) -> Kriged:
    """Return what the readings shown say of readings elsewhere: one Cholesky factor an hour, all hours at once.

    Args:
        covariance: the numbers.
        among: of the context with itself.
        across: of the context with the targets.
        values: (hour, context), degC, NaN where missing.
        hour: (hour,), of the day, for numbers that turn with it.
        shown: (hour, context), which of the readings may be used; None uses all there are.
    """
    numbers = covariance.numbers(hour)
    used = torch.isfinite(values) if shown is None else shown & torch.isfinite(values)
    rate = numbers["rate"].squeeze(1)
    at_sea = torch.where(used, values - rate * among.drift[:, 0], 0.0)
    level = at_sea.sum(1, keepdim=True) / used.sum(1, keepdim=True).clamp(min=1)
    departure = torch.where(used, at_sea - level, 0.0)
    use = used.to(values.dtype)
    factor = factor_of(covariance.between(among, numbers), use, numbers["nugget"].squeeze(1))
    right = torch.cat([departure.unsqueeze(2), covariance.between(across, numbers) * use.unsqueeze(2)], dim=2)
    solved = torch.linalg.solve_triangular(factor, right, upper=False)
    weighted = solved[:, :, 1:]
    mean = (weighted * solved[:, :, :1]).sum(1) + level + rate * across.drift_other[:, 0]
    return Kriged(mean, covariance.own(across.drift_other, numbers) - weighted.square().sum(1))
