"""Whether a network that answers to smooth ground can be scaled into one that answers to the true: a small one."""

import copy

import numpy as np
import pandas as pd
import torch
import xarray as xr
from scipy.ndimage import gaussian_filter, uniform_filter
from torch import Tensor
from torch.nn import functional

from sparseobs.neural_process.unet import UNet
from sparseobs.randomness import numpy_stream, torch_stream
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.regions import Region
from sparseobs.stations.twin_full import FULL

SCALE = 500.0  # m: heights that a network reads and answers with are of order one
CHANNELS, KERNEL = (8, 8, 8), 3
RATE = 3e-3  # of Adam, in teaching
WAYS = {"FiLM": 1e-2, "all weights": 1e-3}  # rates of adapting: FiLM takes ten times as much, as everywhere in the book
CROP, EDGE, BATCH = 64, 12, 4  # nodes; the edge of a crop or map is not asked for, for it sees beyond the map
WAVES = np.array([10.0, 14, 20, 28, 40, 57, 80, 113, 160, 226])  # km, between bins


def node_spacing(ground: xr.DataArray) -> tuple[float, float]:
    """Return how far nodes of a map are apart, km, northward and eastward."""
    latitude, longitude = (ground[name].values for name in ("latitude", "longitude"))
    east = DEGREE * np.cos(np.radians(latitude.mean()))
    return float(np.diff(latitude).mean() * DEGREE), float(np.diff(longitude).mean() * east)


def smoothed(ground: xr.DataArray) -> xr.DataArray:
    """Return the ground, m, as the twin's reanalysis sees it, at every node.

    It is averaged over cells of a quarter of a degree and by a Gaussian.

    Args:
        ground: (latitude, longitude), m.
    """
    spacing = node_spacing(ground)
    blurred = gaussian_filter(ground.values.astype(float), [FULL.view_smoothing / km for km in spacing])
    return ground.copy(data=uniform_filter(blurred, round(0.25 / FULL.spacing)))


def around(ground: xr.DataArray, region: Region) -> xr.DataArray:
    """Return the part of a map that a small network is shown: a region and an edge, in sides that it can halve.

    Args:
        ground: (latitude, longitude), m.
        region: of which the nodes are asked for.
    """
    multiple, parts = 2 ** (len(CHANNELS) - 1), {}
    for name, (low, high) in _sides(region).items():
        inside = np.flatnonzero((ground[name].values >= low) & (ground[name].values <= high))
        first, last = max(inside[0] - EDGE, 0), min(inside[-1] + 1 + EDGE, ground.sizes[name])
        parts[name] = slice(first, last - (last - first) % multiple)
    return ground.isel(parts)


def asked_for(ground: xr.DataArray, region: Region) -> tuple[slice, slice]:
    """Return rows and columns of the nodes within a region and not at the edge of the map.

    Args:
        ground: (latitude, longitude), m.
        region: of which the nodes are asked for.
    """
    parts = []
    for name, (low, high) in _sides(region).items():
        inside = np.flatnonzero((ground[name].values >= low) & (ground[name].values <= high))
        parts.append(slice(max(int(inside[0]), EDGE), min(int(inside[-1]) + 1, ground.sizes[name] - EDGE)))
    return tuple(parts)


def _sides(region: Region) -> dict[str, tuple[float, float]]:
    return {"latitude": (region.south, region.north), "longitude": (region.west, region.east)}


def taught_smoothing(ground: xr.DataArray, steps: int, seed: int) -> UNet:
    """Return a small network that has learned to answer to the ground as the reanalysis does, FiLM the identity.

    Args:
        ground: (latitude, longitude), m, of which it sees random crops.
        steps: of Adam.
        seed: of weights and crops.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = UNet(1, 1, CHANNELS, KERNEL)
    pair = torch.as_tensor(np.stack([ground.values, smoothed(ground)]) / SCALE, dtype=torch.float32)
    weights = [each for name, each in network.named_parameters() if ".film." not in name]
    generator = torch_stream(seed, "crops of the ground")

    def loss() -> Tensor:
        corners = [torch.randint(size - CROP + 1, (BATCH,), generator=generator) for size in pair.shape[1:]]
        crops = torch.stack([pair[:, i : i + CROP, j : j + CROP] for i, j in zip(*corners, strict=True)])
        inner = slice(EDGE, CROP - EDGE)
        answer = network(crops[:, :1])[..., inner, inner]
        return functional.mse_loss(answer, crops[:, 1:, inner, inner])

    _descend(weights, loss, steps, RATE)
    return network


def adapted(network: UNet, ground: xr.DataArray, nodes: tuple[np.ndarray, np.ndarray], way: str, steps: int) -> UNet:
    """Return a copy that has learned the true ground at some nodes, by one of `WAYS`.

    Args:
        network: it is left as it is.
        ground: (latitude, longitude), m; sides are multiples of the network's coarsening.
        nodes: rows and columns where the answer is known.
        way: FiLM's scales and shifts alone, or everything.
        steps: of Adam.
    """
    network = copy.deepcopy(network)
    chosen = [each for name, each in network.named_parameters() if way != "FiLM" or ".film." in name]
    seen = _image(ground)
    wanted = seen[0, 0, nodes[0], nodes[1]]

    def loss() -> Tensor:
        return functional.mse_loss(network(seen)[0, 0, nodes[0], nodes[1]], wanted)

    _descend(chosen, loss, steps, WAYS[way])
    return network


def _descend(parameters: list, loss, steps: int, rate: float) -> None:
    adam = torch.optim.Adam(parameters, rate)
    for step in range(steps):
        adam.param_groups[0]["lr"] = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
        adam.zero_grad()
        loss().backward()
        adam.step()


def size_of(network: UNet, film: bool) -> int:
    """Return how many numbers a network has: of FiLM alone, or all."""
    return sum(each.numel() for name, each in network.named_parameters() if not film or ".film." in name)


def answer(network: UNet, ground: xr.DataArray) -> np.ndarray:
    """Return what a network answers to the ground (row, column), m."""
    with torch.no_grad():
        return network(_image(ground))[0, 0].double().numpy() * SCALE


def _image(ground: xr.DataArray) -> Tensor:
    return torch.as_tensor(ground.values / SCALE, dtype=torch.float32)[None, None]


def some_nodes(parts: tuple[slice, slice], number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of so many different nodes, drawn at random from a part of the map."""
    rows, columns = (np.arange(part.start, part.stop) for part in parts)
    drawn = numpy_stream(seed, "nodes with a station").permutation(rows.size * columns.size)[:number]
    return rows[drawn // columns.size], columns[drawn % columns.size]


def gains(answers: dict[str, np.ndarray], ground: np.ndarray, spacing: tuple[float, float]) -> pd.DataFrame:
    """Return which share of the ground's waves is in each answer: a row a bin of `WAVES` (its middle), a column a name.

    A share is the answer's part that goes with the ground, by least squares over the waves of a bin.

    Args:
        answers: (row, column), m, by name.
        ground: (row, column), m.
        spacing: of nodes, km, see `node_spacing`.
    """
    window = np.outer(*(np.hanning(size) for size in ground.shape))
    axes = (np.fft.fftfreq(size, km) for size, km in zip(ground.shape, spacing, strict=True))
    frequencies = np.hypot(*np.meshgrid(*axes, indexing="ij"))
    with np.errstate(divide="ignore"):
        which = np.digitize(1 / frequencies, WAVES).ravel()

    def waves(values: np.ndarray) -> np.ndarray:
        return np.fft.fft2(window * (values - values.mean())).ravel()

    reference = waves(ground)
    power = np.bincount(which, np.abs(reference) ** 2, len(WAVES) + 1)
    columns = {
        name: np.bincount(which, (waves(values) * reference.conj()).real, len(WAVES) + 1) / power
        for name, values in answers.items()
    }
    middle = np.sqrt(WAVES[1:] * WAVES[:-1])
    return pd.DataFrame({name: column[1:-1] for name, column in columns.items()}, index=middle).rename_axis("km")
