"""What a ConvCNP sees: how far one station reaches, and how far the network looks."""

import dataclasses

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import height_map, predict_map
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
    require_number("change", abs(change), above=0)
    if station not in experiment.shown or not torch.isfinite(experiment.network.values[hour, station]):
        given = {"station": station, "hour": hour}
        raise InputError("station", given, "a shown station that reports", "`some_stations`")
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
