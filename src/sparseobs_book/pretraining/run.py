"""What a reanalysis has taught a network: its answers, and kriging's, on hours that it was not trained on."""

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.conv_cnp import Points as TaskPoints
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.outlines import land_fraction
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.geography import Points
from sparseobs.stations.temperature import cell_heights
from sparseobs_book.temperature.experiment import Experiment

N_FITTED = 100  # cells that kriging's three numbers are fitted to


def cells(experiment: Experiment, seed: int = 0) -> tuple[Points, np.ndarray, np.ndarray]:
    """Return where the reanalysis's cells are, what they hold (hour, cell), K at sea level, and a random order of them.

    To show n cells is to show the first n of the order.
    """
    field = experiment.data.reanalysis
    latitude, longitude = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    places = Points(latitude.ravel(), longitude.ravel(), np.zeros(latitude.size))
    values = experiment.standardisation.std * experiment.reanalysis.values.numpy().astype(float)
    return places, values, numpy_stream(seed, "cells shown").permutation(len(places))


def cell_land(experiment: Experiment) -> np.ndarray:
    """Return the share of land around each cell of the reanalysis, (cell,), 0 to 1."""
    field = experiment.data.reanalysis
    return np.asarray(land_fraction(field["latitude"].values, field["longitude"].values)).ravel()


def cell_kriging(experiment: Experiment, seed: int = 0) -> Kriging:
    """Return ordinary kriging with the exponential variogram of `N_FITTED` random cells, pooled over all hours."""
    places, values, order = cells(experiment, seed)
    fitted = order[:N_FITTED]
    return Kriging("exponential", *fit_variogram("exponential", places[fitted], values[:, fitted]))


def cells_task(experiment: Experiment, hours: np.ndarray, n_cells: int, seed: int = 0) -> TaskBatch:
    """Return a task an hour (positions along time) that shows the first `n_cells` of `cells` and asks for all."""
    tasks, shown = experiment.reanalysis, cells(experiment, seed)[2][:n_cells]
    values = tasks.values[hours]
    everywhere = torch.ones_like(values, dtype=torch.bool)
    context = TaskPoints(tasks.coordinates[shown].unsqueeze(0), values[:, shown], everywhere[:, shown])
    targets = TaskPoints(tasks.coordinates.unsqueeze(0), values, everywhere)
    return TaskBatch(context, targets, tasks.scalars[hours], tasks.grid)


def error_by_cells(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...], seed: int = 0) -> pd.DataFrame:
    """Return how well a network completes the reanalysis: a row a number of cells shown, `n_shown`, scores in degC."""
    std, rows = experiment.standardisation.std, []
    for n_cells in counts:
        batch = cells_task(experiment, experiment.hours.test, n_cells, seed)
        mean, variance = predict(model, batch)
        scores = score_gaussian(std * mean, std * np.sqrt(variance), std * batch.targets.values.numpy())
        rows.append({"n_shown": n_cells, **scores._asdict()})
    return pd.DataFrame(rows)


def completed(experiment: Experiment, model: ConvCNP, hour: int, n_cells: int, seed: int = 0) -> xr.Dataset:
    """Return an hour of the reanalysis and what is made of some of its cells, (latitude, longitude), degC.

    Returns:
        `reanalysis`; the network's `mean` and `std`; and, if a cell is shown, `kriging`.
    """
    field, heights = experiment.data.reanalysis.isel(time=hour), cell_heights(experiment.data)
    found = predict(model, cells_task(experiment, np.array([hour]), n_cells, seed))
    mean, variance = (part[0].reshape(field.shape) for part in found)
    mean, std = experiment.standardisation.temperature(mean, variance, heights)
    maps = {"reanalysis": field.values, "mean": mean, "std": std}
    if n_cells:
        places, values, order = cells(experiment, seed)
        shown = order[:n_cells]
        kriged, _ = cell_kriging(experiment, seed).interpolate(places[shown], values[[hour]][:, shown], places)
        scaled = kriged.reshape(field.shape) / experiment.standardisation.std
        maps["kriging"] = experiment.standardisation.temperature(scaled, 0.0, heights)[0]
    return xr.Dataset({name: (("latitude", "longitude"), part) for name, part in maps.items()}, field.coords)
