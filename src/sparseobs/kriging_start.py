"""A ConvCNP that begins with kriging: the bridge between `interpolation` and `neural_process`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor
from torch.nn import functional

from sparseobs.errors import InputError
from sparseobs.interpolation.learned_covariance import LearnedCovariance, factor_of, geometry
from sparseobs.interpolation.learned_kriging import LearnedKriging
from sparseobs.neural_process.conv_cnp import Gaussian, Start
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import Shown
from sparseobs.stations.geography import DEGREE, Points

COARSE = 4  # a node in so many has its standard deviation computed, the others interpolated: it is smooth, and dear
FINE = 5.0  # km between the points at which a map is computed
LARGEST = 2**24  # numbers in the matrices of the tasks that are kriged at once: 128 MB
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
    """Kriging systems of tasks, whose right-hand sides may follow.

    Attributes:
        factor: (task, shown, shown), lower, float64.
        weights: (task, shown), the inverse times the departures.
        used: (task, shown), one where a reading is shown, zero elsewhere.
        level: (task, 1), degC, of the drift at sea level.
    """

    factor: Tensor
    weights: Tensor
    used: Tensor
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
        n_tasks, n_shown = shown.values.shape
        size = max(1, LARGEST // max(n_shown * max(n_shown, shown.asked.shape[1], len(self.coarse.height)), 1))
        if n_tasks <= size:
            return self._start(shown)
        parts = [self._start(_some(shown, slice(first, first + size))) for first in range(0, n_tasks, size)]
        targets, channels = zip(*parts, strict=True)
        return Start(Gaussian(*(torch.cat(part) for part in zip(*targets, strict=True))), torch.cat(channels))

    def _start(self, shown: Shown) -> Start:
        solved = self._solve(shown)
        asked = shown.asked
        across = self.sites.covariance[shown.sites.unsqueeze(2), asked.unsqueeze(1)]
        height, own = self.sites.height[asked], self.sites.own[asked]
        at_targets = self._gaussian(self._mean(solved, across, height), self._variance(solved, across, own), height)
        rows, columns = self._window(shown.grid)
        numbers = torch.arange(len(self.nodes.height)).reshape(self.grid.shape)[rows, columns]
        nodes = self.nodes.at(numbers.flatten())
        mean = self._mean(solved, nodes.covariance[shown.sites], nodes.height)
        variance = self._variance(solved, self.coarse.covariance[shown.sites], self.coarse.own)
        on_grid = self._gaussian(mean, variance, nodes.height)
        shape = [-(-size // COARSE) for size in self.grid.shape]
        std = on_grid.variance.sqrt().unflatten(1, shape).unsqueeze(1)
        std = functional.interpolate(std, scale_factor=COARSE, mode="bilinear")[:, 0, rows, columns]
        return Start(at_targets, torch.stack([on_grid.mean.unflatten(1, numbers.shape), std], dim=1))

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
        solved, places = self._solve(shown), self.places[shown.sites[0].numpy()]
        lattice = _lattice(latitude, longitude, FINE)
        grounds = [
            _ground(self.covariance, places, self.places, self.describe(lattice.points(heights, lift)))
            for lift in (0.0, LIFT)
        ]
        low, high = (
            self._mean(solved, ground.covariance.unsqueeze(0), ground.height).reshape(lattice.shape)
            for ground in grounds
        )
        variance = self._variance(solved, grounds[0].covariance.unsqueeze(0), grounds[0].own).reshape(lattice.shape)
        above = torch.as_tensor(heights) - lattice.read(1e3 * grounds[0].height.reshape(lattice.shape))
        mean = lattice.read(low) + above / LIFT * lattice.read(high - low)
        height = torch.as_tensor(heights).reshape(1, -1) * 1e-3
        flat = self._gaussian(mean.reshape(1, -1), lattice.read(variance).reshape(1, -1), height)
        return Gaussian(*(part.reshape(1, *heights.shape) for part in flat))

    def _solve(self, shown: Shown) -> Solved:
        numbers = self.covariance.numbers(None)
        rate, nugget = numbers["rate"].item(), numbers["nugget"].item()
        used = shown.mask.double()
        height = self.sites.height[shown.sites]
        at_sea = self._degrees(shown.values.double(), height) - rate * height
        at_sea = torch.where(shown.mask, at_sea, 0.0)
        n_shown = used.sum(1, keepdim=True)
        level = torch.where(n_shown > 0, at_sea.sum(1, keepdim=True) / n_shown.clamp(min=1), self.standardisation.mean)
        among = self.sites.covariance[shown.sites.unsqueeze(2), shown.sites.unsqueeze(1)]
        factor = factor_of(among, used, nugget)
        departures = (at_sea - level) * used
        return Solved(factor, torch.cholesky_solve(departures.unsqueeze(2), factor).squeeze(2), used, level)

    def _mean(self, solved: Solved, across: Tensor, height: Tensor) -> Tensor:
        """Return degC, (task, place), from covariances (task or 1, shown, place) and heights (task or 1, place), km."""
        weights = (solved.weights * solved.used).unsqueeze(1)
        rate = self.covariance.numbers(None)["rate"].item()
        return (weights @ across).squeeze(1) + solved.level + rate * height

    def _variance(self, solved: Solved, across: Tensor, own: Tensor) -> Tensor:
        """Return K^2, (task, place), of readings."""
        right = across * solved.used.unsqueeze(2)
        return own - torch.linalg.solve_triangular(solved.factor, right, upper=False).square().sum(1)

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


def _some(shown: Shown, tasks: slice) -> Shown:
    """Return what some of the tasks show and ask for."""
    sites, asked = (part if len(part) == 1 else part[tasks] for part in (shown.sites, shown.asked))
    return shown._replace(sites=sites, values=shown.values[tasks], mask=shown.mask[tasks], asked=asked)


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
