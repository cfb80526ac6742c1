"""What two adaptations changed in one pre-trained network: its weights, and what it makes of one station."""

import numpy as np
import pandas as pd
import torch

from sparseobs.neural_process.conv_cnp import ConvCNP, Points
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.stations.geography import DEGREE
from sparseobs_book.temperature.experiment import Experiment

CENTRE = (50.5, 10.0)  # degrees: the middle of the region


def block_changes(before: ConvCNP, after: dict[str, ConvCNP]) -> pd.DataFrame:
    """Return how far the parameters of each block moved, relative to their norm before.

    Args:
        before: the pre-trained network.
        after: adapted ones by method.

    Returns:
        `method`, `block` (in the order of the data's way), `kind` (convolutions or FiLM), `change`.
    """
    squares, start = [], before.state_dict()
    for method, model in after.items():
        for name, end in model.state_dict().items():
            names = {
                "method": method,
                "kind": "FiLM" if ".film." in name else "convolutions",
                "block": name.removeprefix("unet.").rsplit(".", 2)[0].replace(".", " "),
            }
            moved, size = (float(part.square().sum()) for part in (end - start[name], start[name]))
            squares.append(names | {"moved": moved, "size": size})
    sums = pd.DataFrame(squares).groupby(["method", "kind", "block"], sort=False).sum()
    return np.sqrt(sums["moved"] / sums["size"]).rename("change").reset_index()


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
    middle = network.grid.coordinates([CENTRE[0]], [CENTRE[1]])
    if hour is None:
        coordinates, values, scalars = middle, torch.zeros(1, 1), network.scalars[:1]
    else:
        seen = network.values[hour, experiment.shown]
        kept = experiment.shown[torch.isfinite(seen).numpy()]
        coordinates, values = network.coordinates[kept], network.values[hour, kept].unsqueeze(0)
        scalars = network.scalars[hour : hour + 1]
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
