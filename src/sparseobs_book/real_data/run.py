"""Real data of the British Isles: networks trained on several splits, judged in groups and in another country."""

import dataclasses
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from sparseobs.files import sha256
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.runs.settings import resolve
from sparseobs.scores.calibration import pit, pit_shares
from sparseobs.scores.groups import height_band, height_bands, hour_of_day, scores_by
from sparseobs.stations.downloads import fetch
from sparseobs.stations.sources import load
from sparseobs_book.real_data.midas import PLAIN, daily_data, left_out_days, midas_rows, network_days
from sparseobs_book.temperature.experiment import Experiment, adapt, observed, prepare, pretrain
from sparseobs_book.temperature.presets import presets
from sparseobs_book.temperature.run import (
    FROM_BACKGROUND,
    INTERPOLATIONS,
    OPTIMAL,
    REANALYSIS,
    interpolation_predict,
    network_predict,
)

SOURCE, ADAPTATION = "uk_ireland", "Sim2Real"
HEIGHTS = (50.0, 100.0)  # m: edges of the bands
GROUPS, SHARES, MIDAS = "real_data_groups", "real_data_pit", "midas_daily"
COMMAND = "python -m sparseobs real-data networks"
# What a method sees of the days that it predicts.
REANALYSIS_SHOWN, STATIONS_SHOWN, BOTH_SHOWN = "ERA5", "other stations", "ERA5 and other stations"
SHOWN = {PLAIN: REANALYSIS_SHOWN, REANALYSIS: REANALYSIS_SHOWN, OPTIMAL: BOTH_SHOWN}  # interpolations: stations


def held_out_predictions(
    experiment: Experiment, networks: dict[str, ConvCNP]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return each method's mean and standard deviation (hour, station) at the held-out stations and test hours."""
    alone = [method for method in INTERPOLATIONS if method not in FROM_BACKGROUND]
    methods = {method: interpolation_predict(experiment, method) for method in alone}
    methods |= {method: network_predict(experiment, model) for method, model in networks.items()}
    held_out, hours = experiment.stations.held_out, experiment.hours.test
    return {method: predict(experiment.shown, held_out, hours) for method, predict in methods.items()}


def group_tables(splits: list[tuple[Experiment, dict]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores in groups, and shares of the probability integral transforms, pooled over splits.

    Args:
        splits: each split's experiment and `held_out_predictions`.

    Returns:
        One row a `method`, `grouping` (`hour`, `height`, `station`) and `group` (low to high), with the scores; and one
        row a `method` and `bin` (its lower edge) with its `share`.
    """
    scores, shares = [], []
    stations = [experiment.data.stations.isel(station=experiment.stations.held_out) for experiment, _ in splits]
    times = splits[0][0].data.stations["time"].values[splits[0][0].hours.test]
    groupings = {
        "hour": (hour_of_day(times), None),
        "height": (np.concatenate([height_band(part["height"], HEIGHTS) for part in stations]), height_bands(HEIGHTS)),
        "station": (np.concatenate([part["name"].values for part in stations]), None),
    }
    readings = np.hstack([observed(experiment, experiment.stations.held_out) for experiment, _ in splits])
    for method in splits[0][1]:
        mean, std = (np.hstack([found[method][part] for _, found in splits]) for part in (0, 1))
        for grouping, (groups, order) in groupings.items():
            rows = scores_by(mean, std, readings, groups, order)
            scores.append(rows.assign(method=method, grouping=grouping))
        found = pit_shares(pit(mean, std, readings))
        shares.append(pd.DataFrame({"method": method, "bin": np.arange(len(found)) / len(found), "share": found}))
    table = pd.concat(scores, ignore_index=True)
    first = ["method", "grouping", "group"]
    return table[first + [name for name in table if name not in first]], pd.concat(shares, ignore_index=True)


def store_networks(preset: str, n_splits: int, report: Callable[[str], None] = print) -> None:
    """Train on some splits of the Irish stations and store three tables: groups, transforms, MIDAS's daily means.

    All splits adapt one pre-trained network. It knows no split, so MIDAS's table has it once.
    """
    start, judged, rows, pretrained = time.perf_counter(), [], [], None
    data = load(SOURCE)
    daily = daily_data(data.reanalysis)
    for method, days in left_out_days(daily).items():
        rows += midas_rows(daily, {method: days}, SHOWN.get(method, STATIONS_SHOWN))
    for split_seed in range(n_splits):
        settings = resolve(presets(SOURCE), preset, split_seed=split_seed, seed=0)
        experiment = prepare(dataclasses.replace(settings, stored_pretraining=None), data)
        pretrained = pretrained or pretrain(experiment)[0]
        adapted, training = adapt(experiment, ADAPTATION, pretrained)
        networks = {"sim-only": pretrained, ADAPTATION: adapted}
        judged.append((experiment, held_out_predictions(experiment, networks)))
        names = {"sim-only": {}, ADAPTATION: {"split_seed": split_seed, "best_epoch": training.best_epoch}}
        for shown, cells in ((REANALYSIS_SHOWN, data.reanalysis), (STATIONS_SHOWN, None)):
            for method in [ADAPTATION] if split_seed else networks:
                days = network_days(experiment, networks[method], daily, cells)
                rows += midas_rows(daily, {method: days}, shown, **names[method])
        report(f"split {split_seed}: kept epoch {training.best_epoch}")
    inputs = {path: sha256(file) for source in (SOURCE, "midas") for path, file in fetch(source).items()}
    parameters = {"preset": preset, "seed": 0, "n_splits": n_splits}
    command = f"{COMMAND} --preset {preset} --splits {n_splits}"
    record = run_record(command, parameters, time.perf_counter() - start, inputs) | {"size": preset}
    groups, shares = group_tables(judged)
    for name, table in ((GROUPS, groups), (SHARES, shares), (MIDAS, pd.DataFrame(rows))):
        write_result(name, table, record)
