"""The exam of a pre-training: on hours of its own reanalysis that it never saw, is it near ordinary kriging?"""

import dataclasses

import numpy as np
import pandas as pd
import torch

from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.conv_cnp import Points as TaskPoints
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.randomness import numpy_stream
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.geography import Points
from sparseobs.stations.splits import HourSplit
from sparseobs_book.temperature.experiment import Experiment

COUNTS = (3, 10, 30, 100, 300, 600)  # cells shown
JUDGED = (10, 30, 100)  # of these the exam asks
MARGIN = 1.2  # times kriging's mean absolute error: what a pre-training may err and pass
N_HOURS = 64  # judged on, evenly spaced over the held-out ones; and fitted to, over those that train
N_FITTED = 100  # cells that kriging's three numbers are fitted to


def exam_table(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return a row a number of cells shown and method: `n_shown`, `method`, `mae` and `crps` (K).

    Kriging's variogram is fitted to hours that train, a hundred cells of them. All methods are shown the same cells.

    Args:
        experiment: whose reanalysis the model was trained on.
        model: the pre-trained network.
        counts: cells shown, more than none.
    """
    return pd.concat([network_errors(experiment, model, counts), rival_errors(experiment, counts)], ignore_index=True)


def passes(table: pd.DataFrame) -> bool:
    """Say whether the network errs by at most `MARGIN` times what kriging does, wherever the exam asks."""
    return worst_ratio(table) <= MARGIN


def worst_ratio(table: pd.DataFrame) -> float:
    """Return the largest of the network's errors over kriging's, wherever the exam asks; a pass is at most `MARGIN`.

    NaN if an error is: it is no pass.
    """
    mae = table.pivot(index="n_shown", columns="method", values="mae").loc[list(JUDGED)]
    return float((mae["sim-only"] / mae["ordinary kriging"]).max(skipna=False))


def cells(experiment: Experiment, seed: int = 0) -> tuple[Points, np.ndarray, np.ndarray]:
    """Return where the reanalysis's cells are, what they hold (hour, cell), K at sea level, and a random order of them.

    To show n cells is to show the first n of the order.
    """
    field = experiment.data.reanalysis
    latitude, longitude = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    places = Points(latitude.ravel(), longitude.ravel(), np.zeros(latitude.size))
    values = experiment.standardisation.std * experiment.reanalysis.values.cpu().numpy().astype(float)
    return places, values, numpy_stream(seed, "cells shown").permutation(len(places))


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
        scores = score_gaussian(std * mean, std * np.sqrt(variance), std * batch.targets.values.cpu().numpy())
        rows.append({"n_shown": n_cells, **scores._asdict()})
    return pd.DataFrame(rows)


def evenly(hours: np.ndarray) -> np.ndarray:
    """Return at most `N_HOURS` of the hours, evenly spaced."""
    return hours[:: -(-len(hours) // N_HOURS)]


def at_hours(experiment: Experiment, hours: np.ndarray) -> Experiment:
    """Return the experiment with these hours (positions) of its reanalysis alone, all of them to test on."""
    tasks, none = experiment.reanalysis, np.zeros(0, dtype=int)
    part = dataclasses.replace(tasks, values=tasks.values[hours], scalars=tasks.scalars[hours])
    return dataclasses.replace(experiment, reanalysis=part, hours=HourSplit(none, none, np.arange(len(hours))))


def network_errors(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...]) -> pd.DataFrame:
    """Return the rows of `exam_table` that are the network's."""
    part = at_hours(experiment, evenly(experiment.reanalysis_hours.test))
    return error_by_cells(part, model, counts).assign(method="sim-only")[["n_shown", "method", "mae", "crps"]]


def rival_errors(experiment: Experiment, counts: tuple[int, ...]) -> pd.DataFrame:
    """Return the rows of `exam_table` that are kriging's and inverse distance's; no network is asked."""
    hours, rows = experiment.reanalysis_hours, []
    kriging = cell_kriging(at_hours(experiment, evenly(hours.train)))
    places, values, order = cells(at_hours(experiment, evenly(hours.test)))
    for n in counts:
        seen = places[order[:n]], values[:, order[:n]]
        by_distance = np.abs(inverse_distance(*seen, places) - values).mean()
        rows.append({"n_shown": n, "method": "IDW", "mae": by_distance, "crps": by_distance})
        scores = score_gaussian(*kriging.interpolate(*seen, places), values)
        rows.append({"n_shown": n, "method": "ordinary kriging", "mae": scores.mae, "crps": scores.crps})
    return pd.DataFrame(rows)
