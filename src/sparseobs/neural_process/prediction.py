"""Predictions in degC, at stations and on maps."""

import dataclasses

import numpy as np
import torch
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.neural_process.conv_cnp import ConvCNP, corrected, gaussian
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.set_conv import grid_to_axes
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import Shown, StationTasks, TaskBatch
from sparseobs.neural_process.tiles import tiled_field
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import horizontal_coordinates, standard_axes
from sparseobs.stations.time_axis import hour_positions

BATCH = 64  # tasks at a time: bounds the memory, not the answer


@torch.no_grad()
def predict(model: ConvCNP, batch: TaskBatch) -> tuple[np.ndarray, np.ndarray]:
    """Return the normalised mean and variance at a batch's targets, (task, point) each.

    Args:
        model: the network.
        batch: tasks.
    """
    n_tasks = len(batch.scalars)
    means, variances = [], []
    for first in range(0, n_tasks, BATCH):
        part = slice(first, first + BATCH)
        context = batch.context._replace(values=batch.context.values[part], mask=batch.context.mask[part])
        start = batch.start and batch.start.part(part)
        gaussian = model(context, batch.targets.coordinates, scalars=batch.scalars[part], grid=batch.grid, start=start)
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
        hours: positions along time, or times, see `hour_positions`.
    """
    positions = hour_positions(tasks.times, hours)
    indices = (torch.as_tensor(part, device=tasks.values.device) for part in (positions, context, targets))
    mean, variance = predict(model, tasks.given(*indices))
    return standardisation.temperature(mean, variance, tasks.heights[targets])


@torch.no_grad()
def predict_map(
    model: ConvCNP,
    tasks: StationTasks,
    standardisation: Standardisation,
    *,
    context: np.ndarray,
    hour: int | np.datetime64,
    elevation: xr.DataArray,
    grid: InternalGrid | None = None,
    tile: int | None = None,
) -> xr.Dataset:
    """Return `mean` and `std` (latitude, longitude) of 2 m temperature in degC at one hour.

    Args:
        model: a ConvCNP.
        tasks: the network.
        standardisation: between its values and degC.
        context: positions of the stations shown.
        hour: position along time, or a time, see `hour_positions`.
        elevation: (latitude, longitude), m: where and at which height to predict; any spacing, see `height_map`.
        grid: the internal grid to work on, which must hold the map; None takes the network's.
        tile: nodes to a side of the tiles that the internal grid is computed in, which bound the memory and not the
            answer, see `tiled_field`; None computes all at once.

    Raises:
        InputError: the map leaves the internal grid, or there is no such hour.
    """
    grid, device = grid or tasks.grid, tasks.values.device
    elevation = standard_axes(elevation)
    latitude, longitude = (elevation[name].values for name in ("latitude", "longitude"))
    corners = grid.coordinates(latitude[[0, -1]], longitude[[0, -1]])
    if not grid.inside(corners).all():
        edges = f"{latitude[0]:g} to {latitude[-1]:g} N, {longitude[0]:g} to {longitude[-1]:g} E"
        expected = f"a map within the internal grid, {float(grid.y[0]):g} to {float(grid.y[-1]):g} N"
        raise InputError("elevation", edges, expected, "a smaller map, or `grid` of a larger region")
    shown = torch.as_tensor(context, device=device)
    positions = torch.as_tensor(hour_positions(tasks.times, hour), device=device)
    seen = dataclasses.replace(tasks, grid=grid).given(positions, shown, shown[:0])
    channels = seen.start and seen.start.channels
    window = None
    if tile is None:
        window = grid.near(corners, multiple=4)
        field = model.field(seen.context, scalars=seen.scalars, grid=grid, window=window, start=channels)
    else:
        field = tiled_field(model, seen.context, scalars=seen.scalars, grid=grid, tile=tile, start=channels)
    # Latitude alone decides the row and longitude alone the column, so a map is read off in two matrix products.
    to_y = grid.coordinates(latitude, np.zeros_like(latitude))[:, 0]
    to_x = grid.coordinates(np.zeros_like(longitude), longitude)[:, 1]
    read = grid_to_axes(field, to_y, to_x, **grid.nodes(window))
    if tasks.start is None:
        output = gaussian(read)
    else:
        known = Shown(shown.unsqueeze(0), seen.context.values, seen.context.mask, shown[:0].unsqueeze(0), grid)
        output = corrected(tasks.start.on_map(known, latitude, longitude, elevation.values), read)
    mean, variance = (part[0].cpu().numpy() for part in output)
    fields = standardisation.temperature(mean, variance, elevation.values)
    attributes = {"standard_name": "air_temperature", "units": "degC"}
    names = {"mean": "2 m temperature", "std": "standard deviation of 2 m temperature"}
    variables = {
        name: (("latitude", "longitude"), field, {**attributes, "long_name": long_name})
        for (name, long_name), field in zip(names.items(), fields, strict=True)
    }
    return xr.Dataset(variables, coords=horizontal_coordinates(latitude, longitude))


def height_map(region: Region, elevation: xr.DataArray | None, spacing: float = 1.0) -> xr.DataArray:
    """Return heights in m on a latitude-longitude grid of equal spacing in km at the middle of a region.

    Args:
        region: what the map covers.
        elevation: (latitude, longitude), m, interpolated linearly; None is the sea everywhere.
        spacing: km, in both directions.
    """
    require_number("spacing", spacing, above=0)
    squeeze = np.cos(np.deg2rad((region.south + region.north) / 2))
    step = spacing / DEGREE
    axes = {
        "latitude": np.arange(region.south, region.north, step),
        "longitude": np.arange(region.west, region.east, step / squeeze),
    }
    if elevation is None:
        return xr.DataArray(np.zeros([len(axis) for axis in axes.values()]), axes, tuple(axes))
    return standard_axes(elevation).interp(axes).fillna(0.0)
