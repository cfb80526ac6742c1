"""Values at places, of simulated fields or of stations, and networks that learn from them, with a start or without."""

import dataclasses
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.tuning import Sample
from sparseobs.kriging_start import KrigingStart, kriging_start
from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import StationTasks, time_channels
from sparseobs.neural_process.training import Goal, Training, TrainingSettings, train
from sparseobs.randomness import numpy_stream, torch_stream
from sparseobs.stations.geography import Points
from sparseobs.stations.temperature import TemperatureData, cell_heights
from sparseobs.stations.terrain import described
from sparseobs_book.temperature.experiment import VALIDATION_BATCHES

FROM_KRIGING = " from kriging"  # after the name of a network whose start is kriging with a learned covariance
MOST_PLACES = 300  # of simulated fields in one step: kriging's matrices grow with the square


def cell_points(data: TemperatureData) -> Points:
    """Return the cells of a reanalysis as places, rows of latitude one after the other."""
    latitude, longitude = np.meshgrid(data.reanalysis["latitude"], data.reanalysis["longitude"], indexing="ij")
    return Points(latitude.ravel(), longitude.ravel(), cell_heights(data).ravel())


def taught_by_fields(places: Points, values: np.ndarray, fit: Fit, most: int = MOST_PLACES) -> LearnedKriging:
    """Return kriging whose covariance is learned from simulated fields, few or many places of them shown.

    Args:
        places: of the fields' values.
        values: (field, place), degC.
        fit: how; at least ten places are shown.
        most: places, drawn at random, that it is learned from.
    """
    drawn = numpy_stream(fit.seed, "places of fields").permutation(len(places))[:most]
    return fit_learned_kriging(Sample(places[drawn], values[:, drawn]), dataclasses.replace(fit, least=10))


def start_at(
    kriging: LearnedKriging,
    places: Points,
    standardisation: Standardisation,
    grid: InternalGrid,
    elevation: xr.DataArray | None,
) -> KrigingStart:
    """Return what makes tasks at places start from kriging, whose numbers read the ground there; see `kriging_start`.

    Args:
        kriging: its numbers.
        places: with their features.
        standardisation: of the tasks.
        grid: of the tasks, whole, on the CPU.
        elevation: by which the nodes of the grid and the pixels of maps are described.
    """
    return kriging_start(kriging, places, standardisation, grid, elevation, lambda points: described(points, elevation))


def place_tasks(
    places: Points,
    values: np.ndarray,
    times: np.ndarray,
    *,
    standardisation: Standardisation,
    grid: InternalGrid,
    scalars: tuple[str, ...],
    start: KrigingStart | None,
    share_power: float = 0.5,
) -> StationTasks:
    """Return tasks on values at places of any kind: stations, or the cells of a simulator.

    Args:
        places: with their heights.
        values: (time, place), degC, NaN where missing.
        times: (time,), UTC.
        standardisation: between degC and what a network sees.
        grid: what it thinks on.
        scalars: its time channels.
        start: as of `StationTasks`.
        share_power: as of `StationTasks`.
    """
    return StationTasks(
        torch.as_tensor(standardisation.normalise(values, places.height), dtype=torch.float32),
        grid.coordinates(places.latitude, places.longitude),
        time_channels(times, scalars),
        places.height,
        grid,
        share_power=share_power,
        start=start,
    )


def pretrain_on_places(
    tasks: StationTasks,
    hours: tuple[Tensor, Tensor],
    architecture: ConvCNPConfig,
    recipe: TrainingSettings,
    seed: int,
    progress: Path | None = None,
) -> tuple[ConvCNP, Training]:
    """Return a network trained on simulated fields at places, its FiLM layers still the identity, and how it went.

    Every step sees at most `MOST_PLACES` of the places, drawn anew.

    Args:
        tasks: the fields.
        hours: of the fields that train, and of those that the epoch is chosen on.
        architecture: of the network; it corrects if the tasks have a start.
        recipe: how it is trained.
        seed: of weights and tasks.
        progress: file to resume from, see `train`.
    """
    early, late = hours

    def sample(hours: Tensor, generator: torch.Generator):
        places = torch.randperm(len(tasks.heights), generator=generator)[:MOST_PLACES]
        return tasks.sample(hours, places, recipe.batch_size, generator)

    generator = torch_stream(seed, "pre-training validation")
    goal = Goal(lambda drawn: sample(early, drawn), [sample(late, generator) for _ in range(VALIDATION_BATCHES)])
    architecture = dataclasses.replace(architecture, corrects=tasks.start is not None)
    model = ConvCNP(architecture, seed)
    given = {"settings": recipe, "seed": seed, "label": "pre-training", "progress": progress}
    return model, train(model, model.other_parameters(), goal=goal, **given)
