"""What a reanalysis has taught a network: views of stored networks on hours of the twin that none was trained on."""

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.neural_process.conv_cnp import ConvCNP, Points
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.orography import cell_heights
from sparseobs_book.temperature.experiment import Experiment


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
