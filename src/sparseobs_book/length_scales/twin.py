"""Waves shown to networks and to kriging on the twin: on the reanalysis's cells, at stations, at every node."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
import torch
import xarray as xr

from sparseobs.errors import require_choice
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.reanalysis import sample
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.conv_cnp import Points as Shown
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.outlines import layer
from sparseobs.randomness import numpy_stream
from sparseobs.stations.geography import DEGREE, Points
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import cell_heights
from sparseobs_book.length_scales.probe import Probe, answers, at_places, plane_waves, transfer_function
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.inland import INLAND

KRIGING = "lapse rate + kriging"
STEP = 10.0  # km between the points of `one_wave`
EDGE = 0.35  # degrees of a part of the region that no wave is asked for in
CONTEXTS = ("cells", "stations", "nodes")  # who reads: the reanalysis's cells, the stations, a reader at every node


def inner_axes(experiment: Experiment) -> dict[str, np.ndarray]:
    """Return latitudes and longitudes of a map away from the edges of what is shown: `INLAND`, or a part's middle."""
    region = experiment.data.region
    if region == REGIONS["germany"]:
        return INLAND
    return {
        "latitude": np.arange(region.south + EDGE, region.north - EDGE, 1 / 16),
        "longitude": np.arange(region.west + EDGE, region.east - EDGE, 1 / 12),
    }


def sea_level(experiment: Experiment) -> xr.DataArray:
    """Return the reanalysis (time, latitude, longitude) at sea level, K above the standardisation's mean."""
    field, scale = experiment.data.reanalysis, experiment.standardisation
    return field + scale.lapse_rate * cell_heights(experiment.data) - scale.mean


def shown_task(experiment: Experiment, context: str, hours: np.ndarray) -> TaskBatch:
    """Return a task an hour that shows one kind of context and asks for nothing yet.

    Args:
        experiment: on the twin.
        context: of `CONTEXTS`.
        hours: (task,), positions along time; an hour may come more than once.
    """
    require_choice("context", context, CONTEXTS)
    network = experiment.network
    positions = torch.as_tensor(np.asarray(hours), device=network.values.device)
    given = network.given(positions, torch.as_tensor(experiment.shown), torch.zeros(0, dtype=torch.long))
    if context == "stations":
        return given
    if context == "cells":
        coordinates, values = experiment.reanalysis.coordinates, experiment.reanalysis.values[positions]
    else:
        coordinates = torch.cartesian_prod(network.grid.y, network.grid.x)
        places = ground(network.grid, coordinates.numpy())
        inside = experiment.data.region.contains(places.latitude, places.longitude)
        coordinates = coordinates[torch.as_tensor(inside)]
        read = sample(sea_level(experiment).isel(time=hours), ground(network.grid, coordinates.numpy()))
        values = torch.as_tensor(read / experiment.standardisation.std, dtype=torch.float32)
    everyone = torch.ones_like(values, dtype=torch.bool)
    return given._replace(context=Shown(coordinates.unsqueeze(0), values, everyone))


def ground(grid: InternalGrid, coordinates: np.ndarray) -> Points:
    """Return where (point, 2) plane coordinates lie on the ground, at sea level."""
    squeeze = np.cos(np.deg2rad(grid.reference_latitude))
    return Points(coordinates[:, 0], coordinates[:, 1] / squeeze, np.zeros(len(coordinates)))


def random_targets(experiment: Experiment, n_targets: int, seed: int) -> torch.Tensor:
    """Return (target, 2) coordinates of random places in Germany, where stations are, within `inner_axes`."""
    generator, axes = numpy_stream(seed, "targets of waves"), inner_axes(experiment).values()
    latitude, longitude = (generator.uniform(axis[0], axis[-1], 8 * n_targets) for axis in axes)
    inside = np.flatnonzero(shapely.contains_xy(layer("germany"), longitude, latitude))[:n_targets]
    return experiment.network.grid.coordinates(latitude[inside], longitude[inside])


def twin_probe(
    experiment: Experiment, method: ConvCNP | Kriging, task: TaskBatch, targets: torch.Tensor, amplitude: float
) -> Probe:
    """Return the probe of a network, around what is read in the task's hours, or of kriging from all places.

    Kriging is linear, so the background is left out.

    Args:
        experiment: on the twin.
        method: which of the two.
        task: of `shown_task`.
        targets: (target, 2), plane coordinates.
        amplitude: K.
    """
    std, context = experiment.standardisation.std, task.context
    asked = task.targets._replace(coordinates=targets.unsqueeze(0))

    def mean(values: np.ndarray) -> np.ndarray:
        if isinstance(method, Kriging):
            places = (ground(experiment.network.grid, part.numpy()) for part in (context.coordinates[0], targets))
            return method.interpolate(next(places), values, next(places))[0]
        shown = context._replace(values=torch.as_tensor(values / std, dtype=torch.float32))
        return std * predict(method, task._replace(context=shown, targets=asked))[0]

    background = std * torch.where(context.mask, context.values, torch.nan).numpy()
    if isinstance(method, Kriging):
        background = np.zeros_like(background)
    places, asked_at = (DEGREE * part.coordinates.double().numpy() for part in (context, asked))
    return Probe(mean, places, asked_at, background, amplitude)


def twin_transfers(
    experiment: Experiment,
    methods: dict[str, ConvCNP | Kriging],
    context: str,
    wavelengths: Sequence[float],
    *,
    hours: np.ndarray,
    n_targets: int,
    amplitude: float,
    seed: int = 0,
) -> pd.DataFrame:
    """Return `transfer_function` of networks and kriging: `method` and its columns.

    Args:
        experiment: on the twin.
        methods: by name.
        context: of `CONTEXTS`.
        wavelengths: km.
        hours: (wave,), positions along time of the weather that the waves of each length are added to.
        n_targets: places where the waves are asked for.
        amplitude: K.
        seed: of waves and targets.
    """
    task, targets = shown_task(experiment, context, hours), random_targets(experiment, n_targets, seed)
    parts = []
    for name, method in methods.items():
        probe = twin_probe(experiment, method, task, targets, amplitude)
        parts.append(transfer_function(probe, wavelengths, seed).assign(method=name))
    return pd.concat(parts, ignore_index=True)


def one_wave(
    experiment: Experiment, models: dict[str, ConvCNP], wavelength: float, *, hour: int, amplitude: float, seed: int = 0
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return a wave and what comes back of it, (row, column) by name, and the stations' places (station, 2), km.

    Rows and columns are `STEP` apart, from the south-west corner of the inland map, as are the places.

    Args:
        experiment: on the twin.
        models: by the method's name.
        wavelength: km.
        hour: position along time, of the background.
        amplitude: K.
        seed: of direction and phase.
    """
    task = shown_task(experiment, "stations", np.array([hour]))
    ends = (np.array([axis[0], axis[-1]]) for axis in inner_axes(experiment).values())
    corners = experiment.network.grid.coordinates(*ends)
    axes = [np.arange(float(low), float(high), STEP / DEGREE) for low, high in corners.T]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    waves, shape = plane_waves(wavelength, 1, 2, seed), tuple(map(len, axes))
    maps = {"the wave": at_places(waves, DEGREE * points[None]).reshape(shape)}
    for name, model in models.items():
        probe = twin_probe(experiment, model, task, corners.new_tensor(points), amplitude)
        maps[name] = answers(probe, waves).reshape(shape)
    places = task.context.coordinates[0, task.context.mask[0]].numpy()
    return maps, DEGREE * (places - corners[0].numpy())
