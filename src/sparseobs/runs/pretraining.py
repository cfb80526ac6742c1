"""What a reanalysis has taught a network: views of stored networks on hours of the twin that none was trained on."""

import dataclasses

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.neural_process.conv_cnp import ConvCNP, Points
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import TaskBatch, reanalysis_tasks, station_tasks
from sparseobs.randomness import numpy_stream
from sparseobs.runs.temperature_experiment import Experiment
from sparseobs.runs.temperature_presets import grid_presets
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.orography import cell_heights
from sparseobs.stations.splits import HourSplit, nested_stations
from sparseobs.stations.temperature import TemperatureData

NOBODY = np.zeros(0, dtype=int)


def sample_experiment(
    data: TemperatureData, model: ConvCNP, standardisation: Standardisation, *, n_stations: int = 500, seed: int = 0
) -> Experiment:
    """Return an experiment whose hours are all for testing.

    Args:
        data: such as `load_sample()`.
        model: whose architecture decides the internal grid.
        standardisation: that the model was trained with.
        n_stations: see `nested_stations`.
        seed: of the split.
    """
    settings = dataclasses.replace(grid_presets()["lesson"], architecture=model.config, n_stations=n_stations)
    config, scalars = model.config, model.config.scalars
    sizes = {"points_per_degree": config.points_per_degree, "margin": config.margin, "multiple": config.coarsening}
    grid = internal_grid(data.region, data.elevation, **sizes, fields=config.fields)
    hours = HourSplit(NOBODY, NOBODY, np.arange(data.stations.sizes["time"]))
    return Experiment(
        settings=settings,
        data=data,
        stations=nested_stations(data.stations, n_stations=n_stations, seed=seed),
        hours=hours,
        reanalysis_hours=hours,
        standardisation=standardisation,
        reanalysis=reanalysis_tasks(data, grid, standardisation, scalars=scalars),
        network=station_tasks(data, grid, standardisation, scalars=scalars),
    )


def cells_task(experiment: Experiment, hours: np.ndarray, n_cells: int, seed: int = 0) -> TaskBatch:
    """Return a task an hour that shows `n_cells` random cells of the reanalysis and asks for all.

    For one seed, fewer cells are part of more.

    Args:
        experiment: whose reanalysis it is.
        hours: positions along time.
        n_cells: cells shown, 0 or more.
        seed: of the draw.
    """
    tasks = experiment.reanalysis
    shown = numpy_stream(seed, "cells shown").permutation(tasks.values.shape[1])[:n_cells]
    values = tasks.values[hours]
    everywhere = torch.ones_like(values, dtype=torch.bool)
    context = Points(tasks.coordinates[shown].unsqueeze(0), values[:, shown], everywhere[:, shown])
    targets = Points(tasks.coordinates.unsqueeze(0), values, everywhere)
    return TaskBatch(context, targets, tasks.scalars[hours], tasks.grid)


def error_by_cells(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...], seed: int = 0) -> pd.DataFrame:
    """Return how well a network completes the reanalysis: a row a number of cells shown, scores in degC.

    Args:
        experiment: whose reanalysis is shown.
        model: a ConvCNP.
        counts: cells shown.
        seed: of the cells drawn.
    """
    hours, std = experiment.hours.test, experiment.standardisation.std
    rows = []
    for n_cells in counts:
        batch = cells_task(experiment, hours, n_cells, seed)
        mean, variance = predict(model, batch)
        scores = score_gaussian(std * mean, std * np.sqrt(variance), std * batch.targets.values.numpy())
        rows.append({"n_cells": n_cells, **scores._asdict()})
    return pd.DataFrame(rows)


def completed(experiment: Experiment, model: ConvCNP, hour: int, n_cells: int, seed: int = 0) -> xr.Dataset:
    """Return `mean`, `std` and `truth` (latitude, longitude), degC, of one completed hour of the reanalysis."""
    field = experiment.data.reanalysis.isel(time=hour)
    found = predict(model, cells_task(experiment, np.array([hour]), n_cells, seed))
    mean, variance = (part[0].reshape(field.shape) for part in found)
    mean, std = experiment.standardisation.temperature(mean, variance, cell_heights(experiment.data))
    dims = ("latitude", "longitude")
    return xr.Dataset({"mean": (dims, mean), "std": (dims, std), "truth": (dims, field.values)}, field.coords)
