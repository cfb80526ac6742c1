"""One temperature experiment, step by step: prepare, pre-train, adapt; `scores` judges it."""

import copy
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from sparseobs.errors import InputError
from sparseobs.neural_process.adaptation import Adaptation, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import (
    ReanalysisTasks,
    StationTasks,
    cell_heights,
    reanalysis_tasks,
    station_tasks,
)
from sparseobs.neural_process.training import Goal, Training, TrainingSettings, train
from sparseobs.randomness import torch_stream
from sparseobs.stations.sources import load
from sparseobs.stations.splits import (
    CYCLE,
    PAPER_CYCLE,
    HourSplit,
    StationSplit,
    nested_hours,
    nested_stations,
    split_hours,
    split_stations,
)
from sparseobs.stations.temperature import TemperatureData, measured
from sparseobs_book.temperature.settings import TemperatureSettings

VALIDATION_BATCHES = 6  # of pre-training
VALIDATION_HOURS = 128  # of adapting, in one batch: bounds the memory, not the loss


class Recipes(Protocol):
    """What adapting reads of settings: how to train on stations, and the seed of weights and tasks."""

    real_only: TrainingSettings
    fine_tuning: TrainingSettings
    seed: int


@dataclass(frozen=True, eq=False)
class Experiment:
    """Everything that a method is given, and what it is judged on.

    Attributes:
        settings: the effective settings.
        data: the source's reanalysis and stations.
        stations: which stations train, validate, are held out.
        hours: which hours of the stations train, validate, test.
        reanalysis_hours: the same of the reanalysis; its test hours are not used.
        standardisation: from the reanalysis's training hours.
        reanalysis: tasks to pre-train on.
        network: tasks to adapt on and to be judged on.
    """

    settings: TemperatureSettings
    data: TemperatureData
    stations: StationSplit
    hours: HourSplit
    reanalysis_hours: HourSplit
    standardisation: Standardisation
    reanalysis: ReanalysisTasks
    network: StationTasks

    @property
    def shown(self) -> np.ndarray:
        """Stations that every method sees when it is judged: those for training and for validation."""
        return np.sort(np.concatenate([self.stations.train, self.stations.validation]))


def prepare(settings: TemperatureSettings, data: TemperatureData | None = None) -> Experiment:
    """Return the experiment of these settings, on a GPU if there is one.

    Args:
        settings: what to do.
        data: the source's data if they are at hand already; None loads them.
    """
    if data is None:
        data = load(settings.source, seed=settings.data_seed, obs_error_std=settings.obs_error_std)
    hours = split_hours(data.reanalysis["time"].values, CYCLE if settings.n_times is None else PAPER_CYCLE)
    temperature = data.reanalysis.transpose("time", "latitude", "longitude").values[hours.train]
    standardisation = Standardisation.of(temperature, cell_heights(data), settings.lapse_rate)
    return assemble(settings, data, standardisation, **splits(settings, data), reanalysis_hours=hours)


def assemble(
    settings: TemperatureSettings,
    data: TemperatureData,
    standardisation: Standardisation,
    *,
    stations: StationSplit,
    hours: HourSplit,
    reanalysis_hours: HourSplit,
    device: str | None = None,
) -> Experiment:
    """Return the experiment of these parts with its internal grid and tasks; arguments as the attributes.

    The tasks lie on `device`: None is a GPU if there is one.
    """
    architecture, scalars = settings.architecture, settings.architecture.scalars
    grid = internal_grid(
        data.region,
        data.elevation,
        points_per_degree=architecture.points_per_degree,
        margin=architecture.margin,
        multiple=architecture.coarsening,
        fields=architecture.fields,
    ).to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    reanalysis = reanalysis_tasks(data, grid, standardisation, scalars=scalars)
    asked = {name: getattr(settings, name) for name in ("window", "max_context", "log_uniform")}
    reanalysis = dataclasses.replace(reanalysis, **asked)
    network = station_tasks(data, grid, standardisation, scalars=scalars)
    network = dataclasses.replace(network, share_power=settings.share_power)
    if settings.window is not None:
        multiple = architecture.coarsening
        if any(part > whole or part % multiple for part, whole in zip(settings.window, grid.shape, strict=True)):
            expected = f"multiples of {multiple}, at most {grid.shape}"
            raise InputError("window", settings.window, expected, f"window={tuple(grid.shape)}")
        network = dataclasses.replace(network, grid=grid.window_around(network.coordinates, settings.window))
    parts = stations, hours, reanalysis_hours, standardisation
    return Experiment(settings, data, *parts, reanalysis, network)


def splits(settings: TemperatureSettings, data: TemperatureData) -> dict[str, StationSplit | HourSplit]:
    """Return `stations` and `hours` as the settings split them."""
    times = data.stations["time"].values
    if settings.n_stations is None:
        sizes = {"n_held_out": settings.n_held_out, "n_validation": settings.n_validation}
        return {"stations": split_stations(data, **sizes, seed=settings.split_seed), "hours": split_hours(times)}
    sizes = {"n_validation": settings.n_validation_hours, "n_test": settings.n_test_hours}
    return {
        "stations": nested_stations(data.stations, n_stations=settings.n_stations, seed=settings.split_seed),
        "hours": nested_hours(times, n_times=settings.n_times, **sizes, seed=settings.split_seed),
    }


def pretrain(experiment: Experiment, progress: Path | None = None) -> tuple[ConvCNP, Training]:
    """Return a model trained on the reanalysis alone, its FiLM layers still the identity, and how it went.

    Args:
        experiment: its stations, and so their split, are not read.
        progress: file to resume from, see `train`.
    """
    settings, tasks = experiment.settings, experiment.reanalysis
    device = tasks.values.device
    hours = experiment.reanalysis_hours
    train_hours, validation_hours = (torch.as_tensor(part, device=device) for part in (hours.train, hours.validation))
    batch_size = settings.pretraining.batch_size
    generator = torch_stream(settings.seed, "pre-training validation", device)
    goal = Goal(
        sample=lambda generator: tasks.sample(train_hours, batch_size, generator),
        validation=[tasks.sample(validation_hours, batch_size, generator) for _ in range(VALIDATION_BATCHES)],
    )
    model = ConvCNP(settings.architecture, settings.seed).to(device)
    given = {"settings": settings.pretraining, "seed": settings.seed, "label": "pre-training", "progress": progress}
    return model, train(model, model.other_parameters(), goal=goal, **given)


def adapt(
    experiment: Experiment, adaptation: str | Adaptation, pretrained: ConvCNP | None, progress: Path | None = None
) -> tuple[ConvCNP, Training]:
    """Return the model adapted to the training stations and hours, chosen on the validation ones.

    Args:
        experiment: held-out stations and test hours are not read.
        adaptation: one of `ADAPTATIONS` by its name, or one of your own.
        pretrained: where to start from; it is left as it is. Fresh weights ignore it.
        progress: file to resume from, see `train`.
    """
    device = experiment.network.values.device
    hours, stations = (
        [torch.as_tensor(part, device=device) for part in (split.train, split.validation)]
        for split in (experiment.hours, experiment.stations)
    )
    settings, architecture = experiment.settings, experiment.settings.architecture
    given = {"architecture": architecture, "hours": hours, "stations": stations, "progress": progress}
    return adapt_to(experiment.network, adaptation, pretrained, settings, **given)


def adapt_to(
    network: StationTasks,
    adaptation: str | Adaptation,
    pretrained: ConvCNP | None,
    settings: Recipes,
    *,
    architecture: ConvCNPConfig,
    hours: Sequence[Tensor],
    stations: Sequence[Tensor],
    progress: Path | None = None,
) -> tuple[ConvCNP, Training]:
    """Return the model adapted to a station network, and how it went; see `adapt`.

    Args:
        network: tasks to adapt on.
        adaptation: as of `adapt`.
        pretrained: as of `adapt`.
        settings: recipes and seed.
        architecture: of fresh weights.
        hours: positions of those that train, and of those that the epoch is chosen on.
        stations: the same of stations.
        progress: as of `adapt`.
    """
    label = adaptation if isinstance(adaptation, str) else "own adaptation"
    if not isinstance(adaptation, Adaptation):
        adaptation = find_adaptation(adaptation)
    (hours, validation_hours), (stations, validation_stations) = hours, stations
    if adaptation.pretrained:
        model, recipe = copy.deepcopy(pretrained), settings.fine_tuning
    else:
        model, recipe = ConvCNP(architecture, settings.seed + 1).to(network.values.device), settings.real_only
    recipe = dataclasses.replace(recipe, learning_rate=recipe.learning_rate * adaptation.rate)
    parameters = adaptation.trainable(model)
    if not parameters:
        recipe = dataclasses.replace(recipe, max_epochs=0)
    hours = network.reporting_hours(hours, stations)
    asked = network.reporting_hours(validation_hours, validation_stations)
    goal = Goal(
        sample=lambda generator: network.sample(hours, stations, recipe.batch_size, generator),
        validation=[network.given(part, stations, validation_stations) for part in asked.split(VALIDATION_HOURS)],
    )
    seed = settings.seed
    return model, train(model, parameters, goal=goal, settings=recipe, seed=seed, label=label, progress=progress)


def observed(experiment: Experiment, stations: np.ndarray) -> np.ndarray:
    """Return what stations read at test hours, (hour, station), degC, NaN where missing."""
    return measured(experiment.data.stations).values[np.ix_(experiment.hours.test, stations)]
