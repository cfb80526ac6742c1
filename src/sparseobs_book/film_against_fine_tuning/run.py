"""What two adaptations changed in one pre-trained network: weights, filters, reach, and scales on the map."""

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP, Points
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.stations.geography import DEGREE
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.inland import zonal_spectrum

SHORTEST = 30.0  # km: about two nodes of the internal grid at `lesson`, below which it carries nothing
CENTRE = (50.5, 10.0)  # degrees: the middle of the region


def block_changes(before: ConvCNP, after: dict[str, ConvCNP]) -> pd.DataFrame:
    """Return how far the parameters of each block moved, relative to their norm before.

    Args:
        before: the pre-trained network.
        after: adapted ones by method.

    Returns:
        `method`, `block` (in the order of the data's way), `kind` (convolutions or FiLM), `change`.
    """
    rows, start = [], before.state_dict()
    for method, model in after.items():
        end = model.state_dict()
        for kind in ("convolutions", "FiLM"):
            blocks: dict[str, list[float]] = {}
            for name, old in start.items():
                if (kind == "FiLM") == (".film." in name):
                    block = name.removeprefix("unet.").rsplit(".", 2)[0].replace(".", " ")
                    moved = blocks.setdefault(block, [0.0, 0.0])
                    moved[0] += float((end[name] - old).square().sum())
                    moved[1] += float(old.square().sum())
            for block, (change, size) in blocks.items():
                rows.append({"method": method, "block": block, "kind": kind, "change": (change / size) ** 0.5})
    return pd.DataFrame(rows)


def first_filters(models: dict[str, ConvCNP], channel: int = 1) -> dict[str, np.ndarray]:
    """Return the kernels (filter, row, column) with which the first layer reads one input channel.

    Args:
        models: by name.
        channel: 0 is the density of stations, 1 what they read.
    """
    return {name: model.unet.down[0].convolution.weight[:, channel].detach().numpy() for name, model in models.items()}


def station_response(experiment: Experiment, model: ConvCNP, hour: int | None, reach: float = 200.0) -> pd.DataFrame:
    """Return what one degree more at one station does to the mean around it: `distance` (km), `response` (K per K).

    Args:
        experiment: whose grid, stations and standardisation are meant.
        model: a ConvCNP.
        hour: in which all stations shown report and the one nearest to the region's middle is changed; None shows
            a single station there, reading the mean.
        reach: km.
    """
    network, std = experiment.network, experiment.standardisation.std
    if hour is None:
        coordinates = network.grid.coordinates([CENTRE[0]], [CENTRE[1]])
        values, scalars = torch.zeros(1, 1), network.scalars[:1]
    else:
        seen = network.values[hour, experiment.shown]
        kept = experiment.shown[torch.isfinite(seen).numpy()]
        coordinates, values = network.coordinates[kept], network.values[hour, kept].unsqueeze(0)
        scalars = network.scalars[hour : hour + 1]
    middle = network.grid.coordinates([CENTRE[0]], [CENTRE[1]])
    changed = int((coordinates - middle).square().sum(1).argmin())
    distance = np.arange(0.0, reach + 1, 5.0)
    angles = np.arange(12) * np.pi / 6
    ring = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    around = torch.as_tensor(distance[:, None, None] / DEGREE * ring, dtype=torch.float32).reshape(-1, 2)
    targets = (coordinates[changed] + around).unsqueeze(0)
    step = torch.zeros_like(values)
    step[0, changed] = 1 / std
    both = Points(
        coordinates.unsqueeze(0), torch.cat([values + step, values - step]), torch.ones(2, values.shape[1]) > 0
    )
    asked = Points(targets, torch.zeros(2, targets.shape[1]), torch.ones(2, targets.shape[1]) > 0)
    mean, _ = predict(model, TaskBatch(both, asked, scalars.expand(2, -1), network.grid))
    response = (mean[0] - mean[1]).reshape(len(distance), -1).mean(axis=1) * std / 2
    return pd.DataFrame({"distance": distance, "response": response})


def half_width(profile: pd.DataFrame) -> float:
    """Return the distance, km, at which a response has fallen to half of what it is at the station.

    Raises:
        InputError: it never does.
    """
    below = np.flatnonzero(profile["response"].to_numpy() < profile["response"].iloc[0] / 2)
    if not below.size:
        raise InputError("profile", "no fall to one half", "a response that dies away", "a larger reach")
    last = profile.iloc[below[0] - 1 : below[0] + 1]
    return float(np.interp(-profile["response"].iloc[0] / 2, -last["response"], last["distance"]))


def change_spectra(maps: dict[str, xr.DataArray], reference: str) -> pd.DataFrame:
    """Return power by wavelength of what each adaptation changed on the map: `name`, `wavelength` (km), `power`.

    Waves shorter than `SHORTEST` are left out.

    Args:
        maps: of `inland_maps`, by name.
        reference: the one that the others are compared with.
    """
    parts = []
    for name, field in maps.items():
        if name != reference:
            wavelength, power = zonal_spectrum(field - maps[reference])
            parts.append(pd.DataFrame({"name": name, "wavelength": wavelength, "power": power}))
    return pd.concat(parts, ignore_index=True).query("wavelength >= @SHORTEST").reset_index(drop=True)
