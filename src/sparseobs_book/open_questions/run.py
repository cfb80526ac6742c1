"""Three questions that the paper leaves open, each as one change to the same experiment on the synthetic twin."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import require_choice
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training
from sparseobs.runs.shared import content_address, make_once
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.layouts import layout_stations, spacing
from sparseobs.stations.reanalysis import daily_means
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import read_twin, save_twin
from sparseobs.stations.twin_wind import WindSettings, as_wind_speed, load_wind_twin
from sparseobs_book.open_questions.settings import CASES, TEMPERATURE, TWINS, WIND, Case
from sparseobs_book.temperature.experiment import Experiment, adapt, observed, prepare
from sparseobs_book.temperature.run import INTERPOLATIONS, interpolation_predict, network_predict
from sparseobs_book.temperature.scores import held_out_scores
from sparseobs_book.temperature.settings import TemperatureSettings
from sparseobs_book.temperature.station_adaptation import CODE, origin
from sparseobs_book.temperature.stored import shared_pretraining


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
        wind = dataclasses.asdict(WindSettings()) if variable == WIND else None
        name = content_address(variable.replace(" ", "_"), [dataclasses.asdict(settings), wind, seed], CODE)
        path = make_once(folder / f"{name}.npz", lambda path, progress: save_twin(path, run(settings, seed=seed)))
        data = read_twin(path)
    return as_wind_speed(data) if variable == WIND else data


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


def run_case(
    preset: str,
    name: str,
    settings: TemperatureSettings,
    *,
    folder: Path | None,
    progress: Callable[[str], Path | None],
) -> pd.DataFrame:
    """Return the table of one case in one world, see `compare`, with the case's name in front.

    Seeds that share a world share its pre-training, whose seed is the world's.

    Args:
        preset: whose twin it is.
        name: of `CASES`.
        settings: of `PRESETS`, with its seeds.
        folder: where twins and pre-trainings are shared, see `shared_folder`.
        progress: see `runs.cell.progress_path`.
    """
    case = CASES[require_choice("case", name, CASES)]
    data = world(preset, case.variable, settings.data_seed, folder)
    experiment = case_experiment(settings, case, data)
    first = dataclasses.replace(settings, seed=settings.data_seed)
    pretrained = shared_pretraining(dataclasses.replace(experiment, settings=first), folder)
    table, trainings = compare(experiment, case, pretrained, progress=lambda file: progress(f"{name}_{file}"))
    for method, training in trainings.items():
        print(f"{name}, {method}: kept epoch {training.best_epoch} ({training.stopped})")
    table.insert(0, "case", name)
    return table


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
        come_from = origin(experiment, method, pretrained[0], trainings.get(method))
        for layout in case.shown:
            stations = _stations(experiment, layout)
            shown = np.sort(np.concatenate([stations.train, stations.validation]))
            found = (*predict(shown, targets, hours), readings)
            scores = held_out_scores(experiment, predict, found)
            names = {"method": method, "shown": layout}
            rows.append(names | scores | _distances(experiment, shown) | come_from)
    return pd.DataFrame(rows), trainings


def _distances(experiment: Experiment, shown: np.ndarray) -> dict[str, float]:
    """Return medians, km: of the stations shown to the nearest other, of the held-out to the nearest shown."""
    places = station_points(experiment.data.stations)
    reach = great_circle(places[experiment.stations.held_out], places[shown]).min(axis=1)
    return {"spacing_km": float(np.median(spacing(places[shown]))), "reach_km": float(np.median(reach))}
