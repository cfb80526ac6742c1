"""Predictions in degC, at stations and on maps."""

import numpy as np
import torch
import xarray as xr

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import StationTasks, TaskBatch

BATCH = 64  # tasks at a time: bounds the memory, not the answer


@torch.no_grad()
def predict(model: ConvCNP, batch: TaskBatch) -> tuple[np.ndarray, np.ndarray]:
    """Return the normalised mean and variance at a batch's targets, (task, point) each."""
    n_tasks = len(batch.scalars)
    means, variances = [], []
    for first in range(0, n_tasks, BATCH):
        part = slice(first, first + BATCH)
        context = batch.context._replace(values=batch.context.values[part], mask=batch.context.mask[part])
        gaussian = model(context, batch.targets.coordinates, scalars=batch.scalars[part], grid=batch.grid)
        means.append(gaussian.mean)
        variances.append(gaussian.variance)
    return torch.cat(means).cpu().numpy(), torch.cat(variances).cpu().numpy()


def predict_stations(
    model: ConvCNP,
    tasks: StationTasks,
    standardisation: Standardisation,
    *,
    context: np.ndarray,
    targets: np.ndarray,
    hours: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation in degC at stations, (hour, target) each.

    Args:
        model: a ConvCNP.
        tasks: the network.
        standardisation: between its values and degC.
        context: positions of the stations shown; those that do not report in an hour are left out of it.
        targets: positions of the stations asked for; their observations are not read.
        hours: positions along time.
    """
    indices = (torch.as_tensor(part, device=tasks.values.device) for part in (hours, context, targets))
    mean, variance = predict(model, tasks.given(*indices))
    return standardisation.temperature(mean, variance, tasks.heights[targets])


def predict_map(
    model: ConvCNP,
    tasks: StationTasks,
    standardisation: Standardisation,
    *,
    context: np.ndarray,
    hour: int,
    elevation: xr.DataArray,
) -> xr.Dataset:
    """Return `mean` and `std` (latitude, longitude) of 2 m temperature in degC at one hour.

    Args:
        model: a ConvCNP.
        tasks: the network.
        standardisation: between its values and degC.
        context: positions of the stations shown.
        hour: position along time.
        elevation: (latitude, longitude), m: where and at which height to predict.
    """
    latitude, longitude = np.meshgrid(elevation["latitude"], elevation["longitude"], indexing="ij")
    device = tasks.values.device
    none = torch.zeros(0, dtype=torch.long, device=device)
    seen = tasks.given(torch.as_tensor([hour], device=device), torch.as_tensor(context, device=device), none)
    points = tasks.grid.coordinates(latitude.reshape(-1), longitude.reshape(-1)).unsqueeze(0)
    mean, variance = predict(model, seen._replace(targets=seen.targets._replace(coordinates=points)))
    heights = elevation.transpose("latitude", "longitude").values.reshape(-1)
    fields = standardisation.temperature(mean[0], variance[0], heights)
    attributes = {"standard_name": "air_temperature", "units": "degC"}
    variables = {
        name: (("latitude", "longitude"), field.reshape(latitude.shape), {**attributes, "long_name": long_name})
        for name, field, long_name in zip(
            ("mean", "std"), fields, ("2 m temperature", "standard deviation of 2 m temperature"), strict=True
        )
    }
    return xr.Dataset(variables, coords={name: elevation[name] for name in ("latitude", "longitude")})
