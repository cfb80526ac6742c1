"""A ConvCNP that begins with kriging: the bridge between `interpolation` and `neural_process`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from torch.nn import functional

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_covariance import LearnedCovariance, geometry
from sparseobs.interpolation.learned_kriging import LearnedKriging
from sparseobs.neural_process.conv_cnp import Gaussian, Start
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import Shown
from sparseobs.stations.geography import DEGREE, Points

COARSE = 4  # a node in so many has its standard deviation computed, the others interpolated: it is smooth, and dear
FINE = 5.0  # km between the points at which a map is computed
LIFT = 100.0  # m, by which these are raised to tell how the mean changes with height


Describe = Callable[[Points], Points]


class Lattice(NamedTuple):
    """Points among a map's pixels, and how values there are interpolated to all pixels.

    Attributes:
        latitude, longitude: of the rows and columns of the lattice.
        rows: (latitude of the map, row), weights.
        columns: (longitude of the map, column), weights.
    """

    latitude: np.ndarray
    longitude: np.ndarray
    rows: Tensor
    columns: Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.latitude), len(self.longitude)

    def points(self, heights: np.ndarray, lift: float = 0.0) -> Points:
        """Return the points, as high as the pixel nearest to each, or higher by `lift` (m)."""
        nearest = [weights.argmax(0).numpy() for weights in (self.rows, self.columns)]
        north, east = np.meshgrid(self.latitude, self.longitude, indexing="ij")
        return _points(north, east, heights[np.ix_(*nearest)] + lift)

    def read(self, values: Tensor) -> Tensor:
        """Return values (row, column) at every pixel, bilinear."""
        return self.rows @ values @ self.columns.T


def _lattice(latitude: np.ndarray, longitude: np.ndarray, kilometres: float) -> Lattice:
    squeeze = np.cos(np.deg2rad(latitude.mean()))
    sides = [_nodes(latitude, kilometres / DEGREE), _nodes(longitude, kilometres / DEGREE / squeeze)]
    return Lattice(*(axis for axis, _ in sides), *(weights for _, weights in sides))


def _nodes(axis: np.ndarray, step: float) -> tuple[np.ndarray, Tensor]:
    """Return points along an axis no further apart than `step`, and the weights (axis, point) of reading between."""
    n_points = int(np.ceil((axis[-1] - axis[0]) / step)) + 1
    points = np.linspace(axis[0], axis[-1], n_points) if n_points < len(axis) else axis
    hats = [np.interp(axis, points, np.eye(len(points))[n]) for n in range(len(points))]
    return points, torch.as_tensor(np.stack(hats, axis=1))


def plain(points: Points) -> Points:
    """Return the points as they are: no features."""
    return points


class Solved(NamedTuple):
    """The kriging system of one task, whose right-hand sides may follow; float64.

    Attributes:
        sites: (shown,), positions along all sites.
        factor: (shown, shown), lower.
        weights: (site,), the inverse times the departures, zero where none is shown.
        level: degC, of the drift at sea level.
    """

    sites: Tensor
    factor: Tensor
    weights: Tensor
    level: Tensor


class Ground(NamedTuple):
    """Places whose covariances with all sites are known.

    Attributes:
        covariance: (site, place), K^2.
        height: (place,), km.
        own: (place,), variance of a reading there before any is seen, K^2.
    """

    covariance: Tensor
    height: Tensor
    own: Tensor

    def at(self, which: Tensor) -> "Ground":
        """Return that of some of the places."""
        return Ground(self.covariance[:, which], self.height[which], self.own[which])


@dataclass(frozen=True, eq=False)
class KrigingStart:
    """Makes the start of tasks on one set of sites (a network's stations, or a reanalysis's cells).

    Kriging by wide priors is less sure than the climate where hardly anything is shown. So the start's variance is at
    most the climate's, and its level, if nothing is shown, the climate's mean.

    Attributes:
        covariance: the numbers, which stay as they are.
        places: of the sites.
        standardisation: between the tasks' values and degC.
        grid: the whole internal grid.
        sites, nodes, coarse: the sites themselves, the grid's nodes, and every `COARSE`-th of these.
        describe: gives further places the features that the numbers read.
    """

    covariance: LearnedCovariance
    places: Points
    standardisation: Standardisation
    grid: InternalGrid
    sites: Ground
    nodes: Ground
    coarse: Ground
    describe: Describe

    @torch.no_grad()
    def __call__(self, shown: Shown) -> Start:
        """Return the start at the sites asked for, and on the nodes of `shown.grid`."""
        solved = [self._solve(shown, task) for task in range(len(shown.values))]
        asked = shown.asked.expand(len(solved), -1)
        weights, level = (torch.stack(part) for part in list(zip(*solved, strict=True))[2:])
        at_sites, on_nodes = (self._mean(weights, level[:, None], ground) for ground in (self.sites, self.nodes))
        variances = (self._variances(*task) for task in zip(solved, asked, strict=True))
        at_asked, coarse = (torch.stack(part) for part in zip(*variances, strict=True))
        at_targets = self._gaussian(at_sites.gather(1, asked), at_asked, self.sites.height[asked])
        mean, std = self._gaussian(on_nodes, coarse, self.nodes.height)
        std = std.sqrt().unflatten(1, [-(-size // COARSE) for size in self.grid.shape])
        std = functional.interpolate(std.unsqueeze(1), scale_factor=COARSE, mode="bilinear").squeeze(1)
        rows, columns = self._window(shown.grid)
        return Start(at_targets, torch.stack([mean.unflatten(1, self.grid.shape), std], dim=1)[:, :, rows, columns])

    def _variances(self, solved: Solved, asked: Tensor) -> tuple[Tensor, Tensor]:
        """Return those of one task at the sites asked for and at the coarse nodes, K^2."""
        grounds = self.sites.at(asked), self.coarse
        right = torch.cat([ground.covariance[solved.sites] for ground in grounds], dim=1)
        known = torch.linalg.solve_triangular(solved.factor, right, upper=False).square().sum(0)
        own = torch.cat([ground.own for ground in grounds])
        return (own - known).split([len(ground.own) for ground in grounds])

    @torch.no_grad()
    def on_map(self, shown: Shown, latitude: np.ndarray, longitude: np.ndarray, heights: np.ndarray) -> Gaussian:
        """Return the start of the only task on a map, (1, latitude, longitude) each.

        It is computed on a lattice, at two heights, and interpolated to the pixels, linearly in the height too. A map
        no finer than `FINE` has the mean itself; a finer one is off by some hundredths of a kelvin on average, and by
        more right beside a station, where kriging by exponentials has a cusp.

        Args:
            shown: what is known.
            latitude: degrees north, ascending.
            longitude: degrees east, ascending.
            heights: (latitude, longitude), m.
        """
        solved = self._solve(shown, 0)
        places = self.places[solved.sites.numpy()]
        lattice = _lattice(latitude, longitude, FINE)
        grounds = [
            _ground(self.covariance, places, self.places, self.describe(lattice.points(heights, lift)))
            for lift in (0.0, LIFT)
        ]
        weights = solved.weights[solved.sites]
        low, high = (self._mean(weights, solved.level, ground).reshape(lattice.shape) for ground in grounds)
        known = torch.linalg.solve_triangular(solved.factor, grounds[0].covariance, upper=False).square().sum(0)
        variance = (grounds[0].own - known).reshape(lattice.shape)
        above = torch.as_tensor(heights) - lattice.read(1e3 * grounds[0].height.reshape(lattice.shape))
        mean = lattice.read(low) + above / LIFT * lattice.read(high - low)
        height = torch.as_tensor(heights).reshape(1, -1) * 1e-3
        flat = self._gaussian(mean.reshape(1, -1), lattice.read(variance).reshape(1, -1), height)
        return Gaussian(*(part.reshape(1, *heights.shape) for part in flat))

    def _solve(self, shown: Shown, task: int) -> Solved:
        used = shown.mask[task]
        sites = shown.sites.expand_as(shown.mask)[task][used]
        height = self.sites.height[sites]
        at_sea = self._degrees(shown.values[task][used].double(), height) - self._rate * height
        level = at_sea.mean() if len(sites) else at_sea.new_tensor(self.standardisation.mean)
        among = self.sites.covariance[sites][:, sites]
        among.diagonal().add_(self._nugget)
        factor = torch.linalg.cholesky(among)
        weights = torch.cholesky_solve((at_sea - level).unsqueeze(1), factor).squeeze(1)
        return Solved(
            sites, factor, torch.zeros(len(self.places), dtype=weights.dtype).index_put((sites,), weights), level
        )

    def _mean(self, weights: Tensor, level: Tensor, ground: Ground) -> Tensor:
        """Return degC (..., place) for weights (..., site)."""
        return weights @ ground.covariance + level + self._rate * ground.height

    @cached_property
    def _rate(self) -> float:
        """K per km."""
        return self.covariance.numbers(None)["rate"].item()

    @cached_property
    def _nugget(self) -> float:
        """K^2."""
        return self.covariance.numbers(None)["nugget"].item()

    def _degrees(self, values: Tensor, height: Tensor) -> Tensor:
        scale = self.standardisation
        return values * scale.std + scale.mean - 1e3 * scale.lapse_rate * height

    def _gaussian(self, mean: Tensor, variance: Tensor, height: Tensor) -> Gaussian:
        """Return it in normalised units, float32, no less sure than the climate."""
        scale = self.standardisation
        mean = (mean + 1e3 * scale.lapse_rate * height - scale.mean) / scale.std
        return Gaussian(mean.float(), (variance / scale.std**2).clamp(1e-6, 1.0).float())

    def _window(self, grid: InternalGrid) -> tuple[slice, slice]:
        """Return which rows and columns of the whole grid a window of it is."""
        first = [
            int(torch.argmin((axis - part[0]).abs())) for axis, part in ((self.grid.y, grid.y), (self.grid.x, grid.x))
        ]
        rows, columns = (slice(start, start + size) for start, size in zip(first, grid.shape, strict=True))
        if not (torch.equal(self.grid.y[rows], grid.y) and torch.equal(self.grid.x[columns], grid.x)):
            raise InputError("grid", f"nodes {grid.shape} of another grid", "the start's grid or a window of it", "one")
        return rows, columns


def kriging_start(
    kriging: LearnedKriging,
    sites: Points,
    standardisation: Standardisation,
    grid: InternalGrid,
    elevation: xr.DataArray | None,
    describe: Describe = plain,
) -> KrigingStart:
    """Return what makes tasks start from a kriging.

    Args:
        kriging: numbers that are the same at every hour.
        sites: in the order of the tasks' sites.
        standardisation: of the tasks.
        grid: their whole internal grid, on the CPU.
        elevation: (latitude, longitude), m, for the nodes' heights; None is the sea everywhere.
        describe: gives nodes and map the features that the numbers read; by default they read none.

    Raises:
        InputError: numbers that turn with the hour, or that read other features than the places have.
    """
    covariance = kriging.covariance.requires_grad_(False)
    if covariance.table.shape[1] > 1:
        raise InputError("kriging", "numbers that turn with the hour", "the same at every hour", "Fit(by_hour=False)")
    if covariance.n_features != sites.features.shape[1]:
        given = f"{sites.features.shape[1]} of the sites"
        raise InputError("features", given, f"the {covariance.n_features} that the numbers read", "the same of all")
    north, east = (axis.double().numpy() for axis in (grid.y, grid.x))
    grounds = [_ground(covariance, sites, sites, sites)]
    for y, x in ((north, east), (_middles(north), _middles(east))):
        latitude, longitude = np.meshgrid(y, x / np.cos(np.deg2rad(grid.reference_latitude)), indexing="ij")
        nodes = describe(_points(latitude, longitude, _heights(elevation, y, longitude)))
        grounds.append(_ground(covariance, sites, sites, nodes))
    return KrigingStart(covariance, sites, standardisation, grid, *grounds, describe)


def _ground(covariance: LearnedCovariance, sites: Points, centre: Points, places: Points) -> Ground:
    where, numbers = geometry(sites, places, centre), covariance.numbers(None)
    height = torch.as_tensor(places.height * 1e-3)
    return Ground(covariance.between(where, numbers)[0], height, covariance.own(where.drift_other, numbers)[0])


def _middles(axis: np.ndarray) -> np.ndarray:
    """Return the middle of every `COARSE` nodes, as bilinear interpolation to all of them expects."""
    n_parts = -(-len(axis) // COARSE)
    return axis[0] + (axis[1] - axis[0]) * (COARSE * np.arange(n_parts) + (COARSE - 1) / 2)


def _heights(elevation: xr.DataArray | None, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    if elevation is None:
        return np.zeros(longitude.shape)
    return elevation.interp(latitude=latitude, longitude=longitude[0]).fillna(0.0).transpose("latitude", ...).values


def _points(latitude: np.ndarray, longitude: np.ndarray, heights: np.ndarray) -> Points:
    return Points(latitude.ravel(), longitude.ravel(), np.asarray(heights, dtype=float).ravel())
