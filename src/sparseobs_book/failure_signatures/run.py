"""Failure signatures of a ConvCNP near its context points, measured on the twin, whose truth is known everywhere."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
import torch
import xarray as xr
from scipy.spatial import cKDTree
from scipy.stats import norm

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict_map
from sparseobs.neural_process.tasks import StationTasks
from sparseobs.outlines import layer
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.calibration import widened
from sparseobs.scores.intervals import repeat_interval, share_interval
from sparseobs.stations.geography import DEGREE
from sparseobs.stations.twin import load_twin, truth
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs_book.temperature.experiment import Experiment, adapt, prepare, pretrain
from sparseobs_book.temperature.presets import presets
from sparseobs_book.temperature.run import network_predict
from sparseobs_book.temperature.scores import validation_offset
from sparseobs_book.temperature.stored import longer_pretraining

RESULT = "failure_signatures"
EDGES = (0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 25.0, 30.0, 40.0)  # km from the nearest station
ADAPTED = ("sim-only", "Sim2Real", "Sim2Real (FiLM)", "real-only")
WIDENED = "sim-only, widened"
CENTRAL = norm.ppf(0.95)  # half the central 90 % interval


class KnownTruth(NamedTuple):
    """What nobody knows outside a twin.

    Attributes:
        field: (time, latitude, longitude), degC, at the hours judged.
        errors: (hour, station), K: reading less truth at the station's own place and height, of the same hours.
        thermometer_std: K, of those errors.
        inside: (latitude, longitude), whether a point lies in Germany.
    """

    field: xr.DataArray
    errors: np.ndarray
    thermometer_std: float
    inside: np.ndarray


def known_truth(experiment: Experiment, hours: np.ndarray) -> KnownTruth:
    """Return the twin's truth at some hours of an experiment.

    Args:
        experiment: on the twin.
        hours: positions along its time.

    Raises:
        InputError: another source, whose truth nobody knows.
    """
    if experiment.settings.source != "twin":
        raise InputError("source", experiment.settings.source, "twin: its truth is known", "source='twin'")
    twin, seed = TwinSettings(), experiment.settings.data_seed
    if experiment.settings.obs_error_std is not None:
        twin = replace(twin, obs_error_std=experiment.settings.obs_error_std)
    perfect = replace(twin, siting=0.0, turbulence=0.0, obs_error_std=0.0, missing_share=0.0)
    exact, read = (
        data.stations["temperature"].transpose("time", "station").values[hours]
        for data in (load_twin(perfect, seed=seed), experiment.data)
    )
    field = truth(hours, twin, seed=seed)
    inside = shapely.contains_xy(layer("germany"), *np.meshgrid(field["longitude"], field["latitude"]))
    std = float(np.sqrt(twin.siting**2 + twin.turbulence**2 + twin.obs_error_std**2))
    return KnownTruth(field, read - exact, std, inside)


def by_distance(experiment: Experiment, model: ConvCNP, hours: np.ndarray, known: KnownTruth, offset: float = 0.0):
    """Return errors and spread of maps by distance from the nearest station that is shown and reports, a row a ring.

    Args:
        experiment: every station not held out is shown.
        model: a ConvCNP.
        hours: positions along time, those of `known`.
        known: the truth.
        offset: K^2, variance added to every prediction.

    Returns:
        `low_km`, `high_km`, `n` (points and hours); `rmse` of the mean against the truth, `spread` (root of the mean
        variance) and `needed` (what it would be if it fitted: thermometers' errors and the map's), K; `coverage`: the
        expected share of thermometers within the central 90 % interval; `echo`: the share of the nearest station's own
        error that the map repeats, from how far the map moves when all errors are taken out of the readings.
    """
    exact = without_errors(experiment.network, experiment.standardisation.std, hours, known.errors)
    place = experiment.network.coordinates.cpu().numpy() * DEGREE
    latitude, longitude = np.meshgrid(known.field["latitude"], known.field["longitude"], indexing="ij")
    points = experiment.network.grid.coordinates(latitude[known.inside], longitude[known.inside]).numpy() * DEGREE
    parts = []
    for row, hour in enumerate(hours):
        reporting = experiment.shown[np.isfinite(known.errors[row, experiment.shown])]
        distance, nearest = cKDTree(place[reporting]).query(points)
        told = {"context": experiment.shown, "hour": int(hour), "elevation": experiment.data.elevation}
        predicted, undisturbed = (
            predict_map(model, network, experiment.standardisation, **told) for network in (experiment.network, exact)
        )
        maps = {
            "error": predicted["mean"].values - known.field.values[row],
            "moved": (predicted["mean"] - undisturbed["mean"]).values,
            "std": widened(predicted["std"].values, offset),
        }
        part = {name: values[known.inside] for name, values in maps.items()}
        station = known.errors[row, reporting[nearest]]
        parts.append(pd.DataFrame({"distance": distance, "station": station, **part}))
    return rings(pd.concat(parts), known.thermometer_std)


def without_errors(network: StationTasks, kelvin: float, hours: np.ndarray, errors: np.ndarray) -> StationTasks:
    """Return the network as if its thermometers had not erred at some hours; gaps stay gaps.

    Args:
        network: what stations read.
        kelvin: one unit of its values, K.
        hours: positions along time.
        errors: (hour, station), K, NaN in gaps.
    """
    values = network.values.clone()
    taken_out = torch.as_tensor(errors / kelvin, dtype=values.dtype, device=values.device)
    values[torch.as_tensor(hours, device=values.device)] -= taken_out
    return replace(network, values=values)


def rings(table: pd.DataFrame, thermometer_std: float) -> pd.DataFrame:
    """Return `by_distance`'s table from points.

    Args:
        table: `distance`, km; `error` of the mean, `std`, the nearest `station`'s error, and by how much all stations'
            errors `moved` the mean, K.
        thermometer_std: K.
    """
    ring = np.digitize(table["distance"], EDGES) - 1
    rows = []
    for number, part in table[ring < len(EDGES) - 1].groupby(ring[ring < len(EDGES) - 1]):
        error, std, station, moved = (part[name].to_numpy(float) for name in ("error", "std", "station", "moved"))
        rmse, spread = (np.sqrt(np.square(values).mean()) for values in (error, std))
        upper, lower = (norm.cdf((error + sign * CENTRAL * std) / thermometer_std) for sign in (1, -1))
        found = {"low_km": EDGES[number], "high_km": EDGES[number + 1], "n": len(part), "rmse": rmse, "spread": spread}
        found |= {"needed": np.hypot(rmse, thermometer_std), "coverage": (upper - lower).mean()}
        rows.append(found | {"echo": np.cov(moved, station)[0, 1] / station.var(ddof=1)})
    return pd.DataFrame(rows)


def ring_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return `method`, `score`, `low_km`, `high_km`, `mean`, `low`, `high`: 95 % intervals over the table's seeds.

    Those of the coverage are of shares, see `share_interval`.
    """
    rows = []
    for ring, part in table.groupby(["method", "low_km", "high_km"], sort=False):
        for score in ("rmse", "spread", "needed", "coverage", "echo"):
            interval = share_interval if score == "coverage" else repeat_interval
            rows.append((ring[0], score, *ring[1:], *interval(part[score])[:3]))
    return pd.DataFrame(rows, columns=["method", "score", "low_km", "high_km", "mean", "low", "high"])


@dataclass(frozen=True)
class Study:
    """What the stored table holds.

    Args:
        preset: of the twin's experiments.
        n_seeds: splits, weights and tasks of adapting; all start from one pre-training where one is stored.
        n_hours: test hours that maps are made of, evenly spread.
    """

    preset: str
    n_seeds: int
    n_hours: int


STUDIES = {"smoke": Study("smoke", 2, 2), "lesson": Study("lesson", 3, 12), "paper": Study("study", 5, 24)}


def prepare_one(preset: str, seed: int, obs_error_std: float | None = None) -> tuple[Experiment, ConvCNP]:
    """Return an experiment on the twin and the pre-trained model that its adaptations start from."""
    settings = resolve(presets("twin"), preset, seed=seed, split_seed=seed, obs_error_std=obs_error_std)
    stored = presets("twin")["lesson"].stored_pretraining if preset == "study" else settings.stored_pretraining
    experiment = prepare(replace(settings, stored_pretraining=stored))
    here = None if stored else pretrain(experiment)
    return experiment, longer_pretraining(experiment, here)[0]


def measure(preset: str, seed: int, n_hours: int) -> pd.DataFrame:
    """Return `by_distance` of every method for one seed."""
    experiment, pretrained = prepare_one(preset, seed)
    test = experiment.hours.test
    hours = test[np.linspace(0, len(test) - 1, min(n_hours, len(test))).round().astype(int)]
    known = known_truth(experiment, hours)
    tables = []
    for method in ADAPTED:
        model, _ = adapt(experiment, method, pretrained)
        tables.append(by_distance(experiment, model, hours, known).assign(method=method))
        if method == "sim-only":
            offset = validation_offset(experiment, network_predict(experiment, model))
            tables.append(by_distance(experiment, model, hours, known, offset).assign(method=WIDENED))
    table = pd.concat(tables, ignore_index=True).assign(seed=seed)
    return table[["method", "seed", *table.columns.drop(["method", "seed"])]]


def store(study: Study, command: str, report: Callable[[str], None]) -> None:
    """Measure every seed and store the table; `report` gets a line a seed."""
    start, parts = time.perf_counter(), []
    for seed in range(study.n_seeds):
        parts.append(measure(study.preset, seed, study.n_hours))
        report(f"seed {seed}: done")
    write_result(RESULT, pd.concat(parts), run_record(command, asdict(study), time.perf_counter() - start))
