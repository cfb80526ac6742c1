"""Networks that begin with kriging by a learned covariance, from a simulator's fields to stations."""

import dataclasses
import hashlib
import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sparseobs.files import replacing
from sparseobs.interpolation.learned_kriging import Fit, LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.tuning import tuning_sample
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.tasks import StationTasks
from sparseobs.neural_process.training import Training, TrainingSettings
from sparseobs.runs.shared import content_address, make_once
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.terrain import described
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.places import (
    FROM_KRIGING,
    cell_points,
    place_tasks,
    pretrain_on_places,
    start_at,
    taught_by_fields,
)
from sparseobs_book.temperature.run import OPTIMAL
from sparseobs_book.temperature.settings import TemperatureSettings
from sparseobs_book.temperature.station_adaptation import (
    LEARNED,
    REFERENCE,
    Made,
    Place,
    adapted,
    judged,
    rivals,
    tuning_times,
    with_terrain,
)
from sparseobs_book.temperature.stored import load_pretrained, pretraining_address, save_pretrained

FIELDS_FIRST = "learned covariance, simulator first"
STARTS = ("none", "kriging")
MOST_FIELDS = 2000  # that a covariance is taught by
# A network that begins at a good answer is kept near it by a small rate, and needs few steps.
LONGEST = TrainingSettings(1e-3, 15, 100, batch_size=8, schedule="one-cycle", patience=15, largest_gradient=1.0)
# Cells shown, of those in a step, are about log-uniform: few as often as many. 15 % of the tasks show none.
SHARE_POWER = 3.0
CODE = (  # modules that decide a pre-trained network besides those of `pretraining_address`
    "sparseobs/interpolation/*.py",
    "sparseobs/stations/*.py",
    "sparseobs/kriging_start.py",
    "sparseobs_book/temperature/from_kriging.py",
    "sparseobs_book/temperature/places.py",
)


def correcting(settings: TemperatureSettings) -> TemperatureSettings:
    """Return the settings for networks that correct a start: pre-trained by `LONGEST`, or for less if that is less."""
    recipe = settings.pretraining
    shorter = {name: min(getattr(recipe, name), getattr(LONGEST, name)) for name in ("max_epochs", "batches_per_epoch")}
    architecture = dataclasses.replace(settings.architecture, corrects=True)
    return dataclasses.replace(settings, architecture=architecture, pretraining=dataclasses.replace(LONGEST, **shorter))


def with_kriging(experiment: Experiment, folder: Path | None = None) -> Experiment:
    """Return the experiment whose networks start from kriging, on the CPU.

    Its covariance is taught by the simulator's fields and then fitted to the training and validation stations, at the
    hours that the rivals are tuned on.

    Args:
        experiment: of settings that are `correcting`.
        folder: where kriging that fields have taught is shared, see `shared_folder`; None teaches it here.
    """
    data = with_terrain(experiment.data)
    sample = tuning_sample(data, experiment.stations, tuning_times(experiment))
    kriging = fit_learned_kriging(sample, _fit(experiment), start=taught(experiment, folder))
    network, grid = experiment.network, experiment.network.grid.to("cpu")
    start = start_at(kriging, station_points(data.stations), experiment.standardisation, grid, data.elevation)
    moved = {name: getattr(network, name).cpu() for name in ("values", "coordinates", "scalars")}
    return dataclasses.replace(
        experiment, data=data, network=dataclasses.replace(network, grid=grid, start=start, **moved)
    )


def kriging_of(experiment: Experiment) -> LearnedKriging:
    """Return the kriging that the networks of `with_kriging`'s experiment start from."""
    return LearnedKriging(tuple(tuple(row) for row in experiment.network.start.covariance.table.tolist()))


def pretrain(
    experiment: Experiment, progress: Path | None = None, folder: Path | None = None
) -> tuple[ConvCNP, Training]:
    """Return a network trained on the reanalysis's cells from kriging that the cells have taught, and how it went.

    Args:
        experiment: its stations, and so their split, are not read.
        progress: file to resume from, see `train`.
        folder: as of `with_kriging`.
    """
    settings, hours = experiment.settings, experiment.reanalysis_hours
    tasks = field_tasks(experiment, taught(experiment, folder))
    parts = tuple(torch.as_tensor(part) for part in (hours.train, hours.validation))
    return pretrain_on_places(tasks, parts, settings.architecture, settings.pretraining, settings.seed, progress)


def taught(experiment: Experiment, folder: Path | None) -> LearnedKriging:
    """Return kriging that the experiment's reanalysis has taught, at hours that pre-training learns from.

    Args:
        experiment: its stations are not read.
        folder: as of `with_kriging`.
    """
    if folder is not None:
        path = folder / f"{_address('taught_covariance', experiment)}.json"
        make_once(path, lambda path, progress: _write_table(path, taught(experiment, None)))
        return LearnedKriging(tuple(tuple(row) for row in json.loads(path.read_text())))
    cells, values = _cells(experiment.data)
    hours = experiment.reanalysis_hours.train
    return taught_by_fields(cells, values[hours[:: -(-len(hours) // MOST_FIELDS)]], _fit(experiment))


def _write_table(path: Path, kriging: LearnedKriging) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(kriging.table))


def _address(kind: str, experiment: Experiment) -> str:
    """Return a name that two experiments share if, and only if, the simulator teaches both the same."""
    ground = hashlib.sha256(experiment.data.elevation.values.tobytes()).hexdigest()
    return content_address(kind, [pretraining_address(experiment), ground], CODE)


def _cells(data: TemperatureData) -> tuple[Points, np.ndarray]:
    """Return the cells of the reanalysis, with the features of the ground there, and (hour, cell), degC."""
    field = data.reanalysis.transpose("time", "latitude", "longitude").values
    return described(cell_points(data), data.elevation), field.reshape(len(field), -1).astype(float)


def _fit(experiment: Experiment) -> Fit:
    return Fit(seed=experiment.settings.seed)


def field_tasks(experiment: Experiment, kriging: LearnedKriging) -> StationTasks:
    """Return tasks on the cells of the experiment's reanalysis, each a place, that start from a kriging."""
    data, grid = experiment.data, experiment.network.grid.to("cpu")
    cells, values = _cells(data)
    return place_tasks(
        cells,
        values,
        data.reanalysis["time"].values,
        standardisation=experiment.standardisation,
        grid=grid,
        scalars=experiment.settings.architecture.scalars,
        start=start_at(kriging, cells, experiment.standardisation, grid, data.elevation),
        share_power=SHARE_POWER,
    )


def shared_pretraining(experiment: Experiment, folder: Path | None) -> tuple[ConvCNP, Training]:
    """Return `pretrain`'s network, made once for all experiments with this reanalysis, recipe and seed.

    Args:
        experiment: of `with_kriging`.
        folder: where it is shared, see `shared_folder`; None trains here.
    """
    if folder is None:
        return pretrain(experiment)
    path = folder / f"{_address('pretrained_from_kriging', experiment)}.safetensors"
    make_once(path, lambda path, progress: save_pretrained(path, *pretrain(experiment, progress, folder)))
    return load_pretrained(path, experiment)


def compare(
    experiment: Experiment, pretrained: tuple[ConvCNP, Training], *, progress: Place, folder: Path | None
) -> tuple[pd.DataFrame, dict[str, Training]]:
    """Return the rows of networks from kriging and of their classical rivals, and how each adaptation went.

    Columns are those of `station_adaptation.compare`, with `Sim2Real` from kriging as the reference of the gaps.
    `mae_start_gap`, `nll_start_gap` and their intervals are the start's score less the method's: above zero where a
    network is ahead of the kriging that it began with.

    Args:
        experiment: of `with_kriging`.
        pretrained: where the adaptations start from.
        progress: see `runs.cell.progress_path`.
        folder: where the tuned rivals are shared; None tunes them here.
    """
    methods = rivals((LEARNED, OPTIMAL), experiment, folder)
    methods[FIELDS_FIRST] = Made(partial(kriging_of(experiment).predict, experiment.data))
    methods |= adapted(experiment, pretrained[0], progress, suffix=FROM_KRIGING)
    return judged(experiment, methods, {"": REFERENCE + FROM_KRIGING, "start_": FIELDS_FIRST})
