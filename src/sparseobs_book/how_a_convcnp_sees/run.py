"""What a ConvCNP sees: its encodings, how far one station reaches, and what its internal grid can resolve."""

import dataclasses

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import height_map, predict_map
from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs.neural_process.tiles import convolution_reach, reach
from sparseobs.randomness import torch_stream
from sparseobs.stations.geography import DEGREE
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.views import shown_region


def some_stations(experiment: Experiment, n_stations: int, hour: int) -> np.ndarray:
    """Return positions of shown stations that report in an hour, each as far as it can be from those before it.

    Raises:
        InputError: more are asked for than report.
    """
    values = experiment.network.values[hour].cpu().numpy()
    reporting = experiment.shown[np.isfinite(values[experiment.shown])]
    if not 1 <= n_stations <= len(reporting):
        raise InputError("n_stations", n_stations, f"1 to {len(reporting)} stations", "n_stations=4")
    places = experiment.network.coordinates[reporting].cpu().numpy()
    middle = np.square(places - places.mean(0)).sum(1)
    chosen = [int(middle.argmin())]
    while len(chosen) < n_stations:
        distances = np.square(places[:, None] - places[chosen]).sum(-1).min(1)
        chosen.append(int(distances.argmax()))
    return reporting[chosen]


def encodings(experiment: Experiment, stations: np.ndarray, hour: int) -> dict[str, xr.DataArray]:
    """Return the two channels that a set convolution lays on the internal grid, (latitude, longitude) by title."""
    network = experiment.network
    grid, device = network.grid, network.values.device
    positions = torch.as_tensor(stations, device=device)
    task = network.given(torch.as_tensor([hour], device=device), positions, positions[:0])
    seen = points_to_grid(*task.context, y=grid.y, x=grid.x, length_scale=grid.spacing)[0].cpu()
    axes = {"latitude": grid.y.cpu(), "longitude": grid.x.cpu() / np.cos(np.deg2rad(grid.reference_latitude))}
    return {
        title: xr.DataArray(values.numpy(), axes, ("latitude", "longitude"), attrs={"units": units})
        for title, values, units in zip(("density", "data"), seen, ("stations", "standardised"), strict=True)
    }


def response(
    experiment: Experiment, model: ConvCNP, *, station: int, hour: int, change: float, spacing: float
) -> xr.Dataset:
    """Return how a map answers when one station alone reads otherwise: `mean` and `distance` (latitude, longitude).

    Args:
        experiment: the data; every station not held out is shown.
        model: a ConvCNP.
        station: position of the station, one of those shown.
        hour: position along time, one in which it reports.
        change: K, added to its reading.
        spacing: km, of the map.

    Returns:
        `mean`, K for each K of the change; `distance` from the station, km.
    """
    require_number("change", change)
    if change == 0 or station not in experiment.shown or not torch.isfinite(experiment.network.values[hour, station]):
        given = {"change": change, "station": station, "hour": hour}
        raise InputError("station", given, "a change of a shown station that reports", "`some_stations`")
    network, data = experiment.network, experiment.data
    warmer = network.values.clone()
    warmer[hour, station] += change / experiment.standardisation.std
    heights = height_map(shown_region(experiment), data.elevation, spacing)
    plain, changed = (
        predict_map(model, tasks, experiment.standardisation, context=experiment.shown, hour=hour, elevation=heights)
        for tasks in (network, dataclasses.replace(network, values=warmer))
    )
    place = network.coordinates[station].cpu().numpy()
    squeeze = np.cos(np.deg2rad(network.grid.reference_latitude))
    north, east = plain["latitude"] - place[0], plain["longitude"] * squeeze - place[1]
    return xr.Dataset({"mean": (changed["mean"] - plain["mean"]) / change, "distance": DEGREE * np.hypot(north, east)})


def by_distance(answer: xr.Dataset, width: float = 10.0) -> pd.DataFrame:
    """Return the answer's mean and largest size in rings around the station: `distance` (km), `mean`, `largest`."""
    ring = np.floor(answer["distance"].values / width).astype(int).ravel()
    table = pd.DataFrame({"ring": ring, "answer": answer["mean"].values.ravel()})
    grouped = table.groupby("ring")["answer"]
    sizes = grouped.agg(mean="mean", largest=lambda values: values.abs().max())
    return sizes.reset_index().assign(distance=lambda rows: (rows["ring"] + 0.5) * width).drop(columns="ring")


def gradient_by_distance(model: ConvCNP, seed: int = 0) -> pd.DataFrame:
    """Return how strongly outputs depend on inputs some nodes away: `nodes`, `gradient` (sums to 1), `cumulative`.

    The U-Net's mean is differentiated with respect to its data channel, on random inputs and a grid larger than the
    reach, at every place within a coarsest cell. Distance is the larger of the two axes'.
    """
    config = model.config
    size = 2 * (-(-reach(config) // config.coarsening) + 1) * config.coarsening
    generator, total = torch_stream(seed, "receptive field"), np.zeros(size)
    middle = size // 2 - config.coarsening // 2
    for step in range(config.coarsening):
        image = torch.randn(1, config.n_inputs, size, size, generator=generator).requires_grad_()
        node = middle + step
        (slope,) = torch.autograd.grad(model.unet(image)[0, 0, node, node], image)
        offset = np.abs(np.arange(size) - node)
        nodes = np.maximum(offset[:, None], offset)
        total += np.bincount(nodes.ravel(), slope[0, 1].abs().numpy().ravel().astype(float), minlength=size)[:size]
    share = total / total.sum()
    return pd.DataFrame({"nodes": np.arange(size), "gradient": share, "cumulative": share.cumsum()})


def reaches(model: ConvCNP, measured: pd.DataFrame) -> pd.DataFrame:
    """Return how far the network sees, by arithmetic and by gradient: `what`, `nodes`, `km`."""
    spacing = DEGREE / model.config.points_per_degree
    rows = {
        "90 % of the gradient": int((measured["cumulative"] < 0.9).sum()),
        "99 % of the gradient": int((measured["cumulative"] < 0.99).sum()),
        "any gradient": int(measured.loc[measured["gradient"] > 0, "nodes"].max()),
        "convolutions alone": convolution_reach(model.config),
        "with pooling and interpolation": reach(model.config),
    }
    return pd.DataFrame([{"what": what, "nodes": nodes, "km": nodes * spacing} for what, nodes in rows.items()])


def wave_kept(wavelengths: np.ndarray, n_nodes: int = 240) -> pd.DataFrame:
    """Return what is left of a wave after grid and back, without a network: `wavelength` (nodes), `kept`, `theory`.

    A wave read at ten points a node is laid on the grid by one set convolution and read off by another, both with a
    length scale of one node. Each multiplies it by exp(-(2 pi l / wavelength)^2 / 2).
    """
    axis = torch.arange(n_nodes, dtype=torch.float64)
    positions = torch.arange(0, n_nodes - 1, 0.1, dtype=torch.float64)
    line = torch.stack([torch.zeros_like(positions), positions], dim=-1).unsqueeze(0)
    mask = torch.ones(1, len(positions), dtype=torch.bool)
    axes = {"y": torch.zeros(1, dtype=torch.float64), "x": axis, "length_scale": 1.0}
    asked = (positions > n_nodes / 4) & (positions < 3 * n_nodes / 4)  # far from the ends of the line
    rows = []
    for wavelength in np.asarray(wavelengths, dtype=float):
        require_number("wavelengths", float(wavelength), above=0)
        waves = [turn(2 * np.pi * positions / wavelength) for turn in (torch.cos, torch.sin)]
        seen = points_to_grid(line, waves[0].unsqueeze(0), mask, **axes)[:, 1:]
        back = grid_to_points(seen, line, **axes)[0, 0]
        basis = torch.stack([wave[asked] for wave in waves], dim=1)
        amplitude = torch.linalg.lstsq(basis, back[asked].unsqueeze(1)).solution
        theory = np.exp(-((2 * np.pi / wavelength) ** 2))
        rows.append({"wavelength": wavelength, "kept": float(amplitude.norm()), "theory": theory})
    return pd.DataFrame(rows)


def contrast_kept(separation: float, spacing: float) -> float:
    """Return which share of the difference between two stations' readings the data channel still has at their places.

    Args:
        separation: km between the two, which lie on nodes of the grid's first row.
        spacing: km between nodes.
    """
    require_number("separation", separation, above=0)
    require_number("spacing", spacing, above=0)
    places = torch.tensor([0.0, separation / spacing], dtype=torch.float64)
    points = torch.stack([torch.zeros_like(places), places], dim=-1).unsqueeze(0)
    values, mask = torch.tensor([[-0.5, 0.5]], dtype=torch.float64), torch.ones(1, 2, dtype=torch.bool)
    axes = {"y": torch.zeros(1, dtype=torch.float64), "x": places, "length_scale": 1.0}
    seen = points_to_grid(points, values, mask, **axes)[0, 1, 0]
    return float(seen[1] - seen[0])
