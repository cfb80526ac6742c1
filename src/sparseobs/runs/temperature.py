"""Temperature from stations: every method on one split, and the same repeated over seeds with resume."""

import dataclasses
import functools
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from sparseobs.errors import require_number
from sparseobs.interpolation.lapse_rate import tune_lapse_rate_idw
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.runs.cells import cell_folder, stored_row
from sparseobs.runs.temperature_experiment import Experiment, adapt, judge, prepare, pretrain, score
from sparseobs.runs.temperature_settings import TemperatureSettings
from sparseobs.runs.temperature_stored import load_pretrained, longer_pretraining, save_pretrained
from sparseobs.scores.gaussian import GaussianScores
from sparseobs.stations.sources import TemperatureData, load

INTERPOLATION = "lapse rate + IDW"
METHODS = (INTERPOLATION, *ADAPTATIONS)
# What a stored cell depends on besides its settings: a change in any of these makes it anew.
CODE = tuple(
    f"{modules}.py"
    for modules in ("neural_process/*", "interpolation/*", "scores/*", "stations/*", "runs/temperature*")
)


def run(settings: TemperatureSettings) -> pd.DataFrame:
    """Return one row a method: its scores at held-out stations and test hours.

    All methods see the same stations in every test hour. Units: degC, but `nll`, which is in nats of a density
    per degC.

    Args:
        settings: what to do.
    """
    experiment = prepare(settings)
    here = None if settings.stored_pretraining else pretrain(experiment)
    model, training = longer_pretraining(experiment, here)
    rows = [run_method(experiment, method, model) for method in METHODS]
    return pd.DataFrame(rows).assign(pretraining_seconds=training.history["seconds"].iloc[-1])


def seconds_in_all(table: pd.DataFrame) -> float:
    """Return the wall time of every training and judgement behind a table, whenever they ran."""
    return float(table["seconds"].sum() + table.groupby("seed")["pretraining_seconds"].first().sum())


def run_method(experiment: Experiment, method: str, pretrained: ConvCNP) -> dict:
    """Return one method's row: names, split, scores and seconds.

    Args:
        experiment: the data and their split.
        method: of `METHODS`.
        pretrained: the model trained on the reanalysis alone.
    """
    begin = time.perf_counter()
    best_epoch = None
    if method == INTERPOLATION:
        scores = judge_interpolation(experiment)
    else:
        model, training = adapt(experiment, method, pretrained)
        best_epoch = training.best_epoch
        scores = judge(experiment, model)
    settings = experiment.settings
    return {
        "source": settings.source,
        "seed": settings.seed,
        "method": method,
        **scores._asdict(),
        "n_train": len(experiment.stations.train),
        "n_validation": len(experiment.stations.validation),
        "n_held_out": len(experiment.stations.held_out),
        "best_epoch": best_epoch,
        "seconds": time.perf_counter() - begin,
    }


def judge_interpolation(experiment: Experiment) -> GaussianScores:
    """Return the scores of lapse rate plus inverse distance, tuned without the held-out stations."""
    predictor = tune_lapse_rate_idw(experiment.data, experiment.stations, experiment.hours)
    mean, std = predictor.predict(
        experiment.data, experiment.shown, experiment.stations.held_out, experiment.hours.test
    )
    return score(experiment, mean, std)


def repeat(
    settings: TemperatureSettings, n_seeds: int, folder: Path | None = None, data: TemperatureData | None = None
) -> pd.DataFrame:
    """Return the rows of `run` for seeds 0 to n_seeds - 1, taking up where an interrupted call stopped.

    A seed decides the split of the stations, the initial weights and the tasks of pre-training and of adapting;
    the data are the same, and no committed pre-training is used. Each method's row, and each pre-trained model,
    is stored as soon as it is there.

    Args:
        settings: what to do; its own seed is not used.
        n_seeds: independent repeats.
        folder: where to store; None takes the user's cache, by settings, data and code.
        data: the source's data if they are at hand already; None loads them.
    """
    require_number("n_seeds", n_seeds, least=1, whole=True)
    if data is None:
        data = load(settings.source, seed=settings.data_seed, obs_error_std=settings.obs_error_std)
    folder = folder or cell_folder("temperature", [dataclasses.asdict(settings), data.inputs], CODE)
    rows = []
    with tqdm(total=n_seeds * len(METHODS), desc="methods x seeds", disable=None) as progress:
        for seed in range(n_seeds):
            seeded = dataclasses.replace(settings, seed=seed, stored_pretraining=None)
            for row in _rows(seeded, data, folder / f"seed-{seed}"):
                rows.append(row)
                progress.update()
    return pd.DataFrame(rows)


def _rows(settings: TemperatureSettings, data: TemperatureData, folder: Path) -> Iterator[dict]:
    """Yield each method's row of one seed; nothing is pre-trained when all of them are stored."""

    @functools.cache
    def prepared() -> tuple[Experiment, ConvCNP, float]:
        experiment = prepare(settings, data)
        return experiment, *_stored_pretraining(experiment, folder / "pretrained.safetensors")

    def make(method: str) -> dict:
        experiment, pretrained, seconds = prepared()
        return {**run_method(experiment, method, pretrained), "pretraining_seconds": seconds}

    for method in METHODS:
        yield stored_row(folder / f"{method}.json", functools.partial(make, method))


def _stored_pretraining(experiment: Experiment, path: Path) -> tuple[ConvCNP, float]:
    """Return the pre-trained model at `path` and its seconds, training and storing it first if it is not there."""
    if not path.is_file():
        save_pretrained(path, *pretrain(experiment))
    model, training = load_pretrained(path, experiment)
    return model, float(training.history["seconds"].iloc[-1])
