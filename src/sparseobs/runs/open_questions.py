"""Three questions that the paper leaves open, each as one change to the same experiment on the synthetic twin."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sparseobs.errors import require_choice
from sparseobs.neural_process.adaptation import ADAPTATIONS, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training, TrainingSettings
from sparseobs.runs.adaptation_grid import CODE
from sparseobs.runs.adaptation_grid import TWINS as ADAPTATION_TWINS
from sparseobs.runs.shared import content_address, make_once
from sparseobs.runs.temperature import INTERPOLATIONS, interpolation_predict, network_predict
from sparseobs.runs.temperature_experiment import Experiment, adapt, observed, prepare
from sparseobs.runs.temperature_presets import grid_presets
from sparseobs.runs.temperature_scores import held_out_scores
from sparseobs.runs.temperature_settings import TemperatureSettings
from sparseobs.runs.temperature_stored import weights_hash
from sparseobs.stations.daily import daily_means
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.layouts import layout_stations, spacing
from sparseobs.stations.splits import split_hash
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import read_twin, save_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_wind import WindSettings, as_wind_speed, load_wind_twin

BASELINE, KRIGING = "lapse rate + IDW", "kriging + elevation drift"
LAID_OUT = ("dispersed", "clustered")
TEMPERATURE, WIND = "temperature", "wind speed"


class Case(NamedTuple):
    """One change to the experiment, or none.

    Attributes:
        layout: of the stations to adapt with.
        shown: layouts of the stations shown when judging.
        daily: whether the reanalysis has daily means only.
        variable: `TEMPERATURE` or `WIND`.
        methods: compared.
    """

    layout: str = "dispersed"
    shown: tuple[str, ...] = ("dispersed",)
    daily: bool = False
    variable: str = TEMPERATURE
    methods: tuple[str, ...] = ("IDW", BASELINE, *ADAPTATIONS)


# What never sees the reanalysis is the same with daily means of it as in the reference.
FROM_REANALYSIS = tuple(name for name, adaptation in ADAPTATIONS.items() if adaptation.pretrained)
CASES = {
    "dispersed": Case(shown=LAID_OUT, methods=("IDW", BASELINE, KRIGING, *ADAPTATIONS)),
    "clustered": Case("clustered", LAID_OUT),
    "daily means": Case(daily=True, methods=FROM_REANALYSIS),
    WIND: Case(variable=WIND, methods=("IDW", BASELINE, KRIGING, *ADAPTATIONS)),
}
REFERENCE = "dispersed"  # what each of the others changes one thing of
# Eight of the published cycles on a grid of 5.6 by 3.5 km, so that every seed can have a world of its own.
WORLD = dataclasses.replace(ADAPTATION_TWINS["lesson"], days=236, spacing=0.05, coarse=5)
TWINS = {"smoke": ADAPTATION_TWINS["smoke"], "lesson": WORLD, "paper": ADAPTATION_TWINS["paper"]}


def _recipe(like: TrainingSettings, rate: float, epochs: int, batches: int, **others: int) -> TrainingSettings:
    return dataclasses.replace(like, learning_rate=rate, max_epochs=epochs, batches_per_epoch=batches, **others)


_GRID = grid_presets()
_LESSON = _GRID["lesson"]
# A coarser internal grid and shorter trainings than those of the grid `adaptation`, for there are many.
PRESETS: dict[str, TemperatureSettings] = {
    "smoke": _GRID["smoke"],
    "lesson": dataclasses.replace(
        _LESSON,
        architecture=dataclasses.replace(_LESSON.architecture, points_per_degree=4.0),
        pretraining=_recipe(_LESSON.pretraining, 3e-3, 16, 50, batch_size=4),
        real_only=_recipe(_LESSON.real_only, 3e-3, 10, 20),
        fine_tuning=_recipe(_LESSON.fine_tuning, 5e-4, 6, 20),
        max_context=200,
        n_times=1000,
        n_test_hours=128,
    ),
    "paper": dataclasses.replace(_GRID["paper"], n_stations=100, n_times=2000),
}


def world(preset: str, variable: str, seed: int, folder: Path | None) -> TemperatureData:
    """Return the twin of a preset, run once for all who share a folder.

    Args:
        preset: smoke, lesson or paper.
        variable: `TEMPERATURE` or `WIND`.
        seed: of ground, weather, network and noise.
        folder: where it is kept, see `shared_folder`; None runs it here.
    """
    settings = TWINS[require_choice("preset", preset, TWINS)]
    run = {TEMPERATURE: load_twin, WIND: load_wind_twin}[require_choice("variable", variable, (TEMPERATURE, WIND))]
    if folder is None:
        data = run(settings, seed=seed)
    else:
        name = content_address(variable.replace(" ", "_"), _identity(settings, variable, seed), CODE)
        path = make_once(folder / f"{name}.npz", lambda path, progress: save_twin(path, run(settings, seed=seed)))
        data = read_twin(path)
    return as_wind_speed(data) if variable == WIND else data


def _identity(settings: TwinSettings, variable: str, seed: int) -> list:
    wind = dataclasses.asdict(WindSettings()) if variable == WIND else None
    return [dataclasses.asdict(settings), wind, seed]


def case_experiment(settings: TemperatureSettings, case: Case, data: TemperatureData) -> Experiment:
    """Return the experiment of a case.

    A wind speed has no lapse rate: its heights are left to the network.

    Args:
        settings: of `PRESETS`, with its seeds.
        case: of `CASES`.
        data: of `world`, of the case's variable.
    """
    if case.variable == WIND:
        settings = dataclasses.replace(settings, lapse_rate=0.0)
    if case.daily:
        data = dataclasses.replace(data, reanalysis=daily_means(data.reanalysis))
    experiment = prepare(settings, data)
    return dataclasses.replace(experiment, stations=_stations(experiment, case.layout))


def _stations(experiment: Experiment, layout: str):
    settings = experiment.settings
    sizes = {"n_stations": settings.n_stations, "seed": settings.split_seed}
    return layout_stations(experiment.data.stations, layout=layout, **sizes)


def compare(
    experiment: Experiment,
    case: Case,
    pretrained: tuple[ConvCNP, Training],
    *,
    progress: Callable[[str], Path | None],
) -> tuple[pd.DataFrame, dict[str, Training]]:
    """Return one row a method and layout of the stations shown, and how each adaptation went.

    A row has the scores of `held_out_scores`, in the variable's unit, and how far stations shown are from each other
    and from those asked for: medians, km.

    Args:
        experiment: of `case_experiment`.
        case: the same.
        pretrained: where the adaptations start from.
        progress: see `runs.cell.progress_path`.
    """
    trainings, rows = {}, []
    targets, hours = experiment.stations.held_out, experiment.hours.test
    readings = observed(experiment, targets)
    for method in case.methods:
        if method in INTERPOLATIONS:
            predict = interpolation_predict(experiment, method)
        else:
            file = progress(f"{method.replace(' ', '_')}.pt")
            model, trainings[method] = adapt(experiment, method, pretrained[0], file)
            predict = network_predict(experiment, model)
        training = trainings.get(method)
        for layout in case.shown:
            stations = _stations(experiment, layout)
            shown = np.sort(np.concatenate([stations.train, stations.validation]))
            found = (*predict(shown, targets, hours), readings)
            scores = held_out_scores(experiment, predict, found)
            row = {"method": method, "shown": layout, **scores, **_distances(experiment, shown)}
            starts = method not in INTERPOLATIONS and find_adaptation(method).pretrained
            rows.append(
                row
                | {
                    "best_epoch": training and training.best_epoch,
                    "pretrained_weights": weights_hash(pretrained[0]) if starts else None,
                    "split": split_hash(experiment.data, experiment.stations, experiment.hours),
                }
            )
    return pd.DataFrame(rows), trainings


def _distances(experiment: Experiment, shown: np.ndarray) -> dict[str, float]:
    """Return medians, km: of the stations shown to the nearest other, of the held-out to the nearest shown."""
    places = station_points(experiment.data.stations)
    reach = great_circle(places[experiment.stations.held_out], places[shown]).min(axis=1)
    return {"spacing_km": float(np.median(spacing(places[shown]))), "reach_km": float(np.median(reach))}
