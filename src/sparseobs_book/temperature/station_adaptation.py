"""How much station data each adaptation needs: N_stations by N_times on the twin at full size, after Scholz et al."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sparseobs.errors import require_choice
from sparseobs.files import replacing
from sparseobs.interpolation.kriging import Kriging, fit_kriging
from sparseobs.interpolation.lapse_rate import LapseRateIDW, fit_lapse_rate_idw
from sparseobs.interpolation.learned_kriging import LearnedKriging, fit_learned_kriging
from sparseobs.interpolation.methods import tune
from sparseobs.interpolation.optimal_interpolation import (
    OptimalInterpolation,
    available,
    tune_optimal_interpolation,
)
from sparseobs.neural_process.adaptation import ADAPTATIONS, FROZEN, find_adaptation
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training
from sparseobs.runs.shared import content_address, make_once
from sparseobs.scores.gaussian import negative_log_density
from sparseobs.stations.geography import station_points
from sparseobs.stations.splits import (
    PAPER_CYCLE,
    VALIDATION_SHARE,
    HourSplit,
    cycle_numbers,
    nested_hours,
    split_hash,
    split_hours,
)
from sparseobs.stations.temperature import TemperatureData, measured
from sparseobs.stations.terrain import terrain_features
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL, read_twin, save_twin
from sparseobs_book.temperature.experiment import Experiment, adapt
from sparseobs_book.temperature.run import INTERPOLATION, OPTIMAL
from sparseobs_book.temperature.scores import Predict, gap_columns, held_out, held_out_scores, network_predict
from sparseobs_book.temperature.stored import weights_hash

LEARNED = "learned covariance"
# Each is tuned on the same readings; optimal interpolation alone is given the reanalysis of the hour as well.
RIVALS = {
    INTERPOLATION: (LapseRateIDW, partial(tune, fit_lapse_rate_idw)),
    "kriging + elevation drift": (Kriging, partial(tune, partial(fit_kriging, heights="drift"))),
    LEARNED: (LearnedKriging, partial(tune, fit_learned_kriging)),
    OPTIMAL: (OptimalInterpolation, tune_optimal_interpolation),
}
NETWORKS = (*ADAPTATIONS, FROZEN)
METHODS = (*RIVALS, *NETWORKS)
REFERENCE = "Sim2Real"  # whose score every other method's is compared with
TUNING_TIMES = 2000  # hours that the rivals without a network are tuned on, whatever the networks are given
CODE = ("sparseobs/stations/*.py", "sparseobs/randomness.py")  # modules that decide the twin
# Tiny, for tests: two cycles of days, few stations, a coarse nature run.
TWINS = {
    "smoke": dataclasses.replace(FULL, days=62, spacing=0.25 / 3, coarse=3, n_stations=60),
    "lesson": FULL,
    "paper": FULL,
}

Place = Callable[[str], Path | None]  # where progress is kept, by a file's name
Tuned = LapseRateIDW | Kriging | LearnedKriging | OptimalInterpolation


def full_twin(preset: str, seed: int, folder: Path | None) -> TemperatureData:
    """Return the twin at the size of a preset, run once for all who share a folder.

    Args:
        preset: smoke, lesson or paper.
        seed: of the twin.
        folder: where it is kept, see `shared_folder`; None runs it here.
    """
    settings = TWINS[require_choice("preset", preset, TWINS)]
    if folder is None:
        return load_twin(settings, seed=seed)
    path = folder / f"{content_address('twin', [dataclasses.asdict(settings), seed], CODE)}.npz"
    make_once(path, lambda path, progress: save_twin(path, load_twin(settings, seed=seed)))
    return read_twin(path)


def with_terrain(data: TemperatureData) -> TemperatureData:
    """Return the data, each station with the features of the ground about it, which the learned covariance reads.

    Args:
        data: stations and an elevation.
    """
    features = terrain_features(station_points(data.stations), data.elevation)
    stations = data.stations.assign_coords({name: ("station", values) for name, values in features.items()})
    return dataclasses.replace(data, stations=stations)


def compare(
    experiment: Experiment, pretrained: tuple[ConvCNP, Training], *, progress: Place, folder: Path | None
) -> tuple[pd.DataFrame, dict[str, Training]]:
    """Return one row a method and how each adaptation went.

    A row has the scores (degC; `nll`: nats of a density per degC) at the held-out stations and test hours, the same
    likelihood after a variance fitted on validation is added (`nll_offset`, its root `offset_std`), and by how much
    `Sim2Real` is ahead: `mae_gap` and `nll_gap` are Sim2Real's score less the method's, with 95 % intervals by a
    bootstrap over stations and blocks of days, paired.

    Args:
        experiment: prepared with `n_stations` and `n_times`.
        pretrained: where the adaptations start from.
        progress: see `runs.cell.progress_path`.
        folder: where the tuned rivals are shared; None tunes them here.
    """
    experiment = dataclasses.replace(experiment, data=with_terrain(experiment.data))
    methods = rivals(RIVALS, experiment, folder) | adapted(experiment, pretrained[0], progress)
    return judged(experiment, methods, {"": REFERENCE})


class Made(NamedTuple):
    """A method that is ready to be judged.

    Attributes:
        predict: its predictions.
        training: how its adapting went; None if it had none.
        come_from: of `origin`, if it is a network.
    """

    predict: Predict
    training: Training | None = None
    come_from: dict | None = None


def rivals(names: Iterable[str], experiment: Experiment, folder: Path | None) -> dict[str, Made]:
    """Return those of `RIVALS` that are installed, tuned, by name; see `tuned_rival`."""
    here = [name for name in names if name != OPTIMAL or available()]
    return {name: Made(partial(tuned_rival(name, experiment, folder).predict, experiment.data)) for name in here}


def adapted(experiment: Experiment, pretrained: ConvCNP, progress: Place, suffix: str = "") -> dict[str, Made]:
    """Return `NETWORKS`, adapted, by name with a suffix; see `adapt`."""
    made = {}
    for name in NETWORKS:
        file = progress(f"{(name + suffix).replace(' ', '_')}.pt")
        model, training = adapt(experiment, name, pretrained, file)
        come_from = origin(experiment, name, pretrained, training)
        made[name + suffix] = Made(network_predict(experiment, model), training, come_from)
    return made


def judged(
    experiment: Experiment, methods: dict[str, Made], references: dict[str, str]
) -> tuple[pd.DataFrame, dict[str, Training]]:
    """Return one row a method, see `compare`, and how each adaptation went.

    Args:
        experiment: that the methods were made for.
        methods: by name.
        references: by what stands between `mae_` and `gap` in a column's name, the method whose score every other's
            is taken off.
    """
    rows, points = [], {}
    for name, made in methods.items():
        found = mean, std, readings = held_out(experiment, made.predict)
        points[name] = {"mae": np.abs(readings - mean), "nll": negative_log_density(mean, std, readings)}
        epochs = made.training and int(made.training.history["epoch"].iloc[-1])
        come_from = made.come_from or origin(experiment, name, None, None)
        rows.append({"method": name, **held_out_scores(experiment, made.predict, found), "epochs": epochs, **come_from})
    for between, reference in references.items():
        for row in rows:
            row |= _gaps(experiment, points[reference], points[row["method"]], between)
    trainings = {name: made.training for name, made in methods.items() if made.training}
    return pd.DataFrame(rows), trainings


def origin(experiment: Experiment, method: str, pretrained: ConvCNP | None, training: Training | None) -> dict:
    """Return what a row came from: `best_epoch`, `pretrained_weights` (None if it starts from none) and `split`.

    Args:
        experiment: whose split it was.
        method: an adaptation, or anything that has no training.
        pretrained: where adaptations start from.
        training: how the method's went; None if it had none.
    """
    starts = training is not None and find_adaptation(method).pretrained
    return {
        "best_epoch": training and training.best_epoch,
        "pretrained_weights": weights_hash(pretrained) if starts else None,
        "split": split_hash(experiment.data, experiment.stations, experiment.hours),
    }


def _gaps(experiment: Experiment, reference: dict[str, np.ndarray], other: dict[str, np.ndarray], between: str) -> dict:
    """Return `mae_gap`, `mae_low`, `mae_high` and the same of `nll`: the reference's score less the other's."""
    blocks = cycle_numbers(experiment.data.stations["time"].values)[experiment.hours.test]
    differences = {f"{score}_{between}".rstrip("_"): reference[score] - other[score] for score in reference}
    return gap_columns(differences, blocks, experiment.settings.seed)


def tuned_rival(method: str, experiment: Experiment, folder: Path | None) -> Tuned:
    """Return one of `RIVALS`, tuned on the experiment's stations at `TUNING_TIMES` hours of their training blocks.

    It is tuned once for every number of hours that the networks are given, and on no fewer than most of them get.

    Args:
        method: its name.
        experiment: held-out stations and test hours are not read.
        folder: where it is shared; None tunes it here.
    """
    made, fit = RIVALS[method]
    if folder is None:
        return fit(experiment.data, experiment.stations, tuning_times(experiment))
    settings, data = experiment.settings, experiment.data
    digests = [hashlib.sha256(part.values.tobytes()).hexdigest() for part in (measured(data.stations), data.reanalysis)]
    identity = [method, *digests, settings.n_stations, settings.split_seed, settings.n_test_hours, TUNING_TIMES]
    path = folder / f"{content_address('rival', identity, ('sparseobs/interpolation/*.py', *CODE))}.json"

    def write(path: Path, progress: Path) -> None:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(tuned_rival(method, experiment, None))))

    make_once(path, write)
    return made(**json.loads(path.read_text()))


def tuning_times(experiment: Experiment) -> HourSplit:
    """Return the hours that rivals without a network are tuned on, `TUNING_TIMES` of them if there are so many."""
    blocks = split_hours(experiment.data.stations["time"].values, PAPER_CYCLE)
    most = min(len(blocks.train) / (1 - VALIDATION_SHARE), len(blocks.validation) / VALIDATION_SHARE)
    n_times, seed = min(TUNING_TIMES, int(most)), experiment.settings.split_seed
    times = experiment.data.stations["time"].values
    return nested_hours(times, n_times=n_times, seed=seed, n_test=experiment.settings.n_test_hours)
