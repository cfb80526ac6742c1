"""The exam of a pre-training: on hours of its own reanalysis that it never saw, is it near ordinary kriging?"""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.files import sha256
from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.splits import HourSplit
from sparseobs_book.pretraining.run import cell_kriging, cells, error_by_cells
from sparseobs_book.temperature.experiment import Experiment, prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import full_twin
from sparseobs_book.temperature.stored import PRETRAININGS, checkpoint_path, named_pretraining

NAME = "pretraining_gate"
COMMAND = "python -m sparseobs twin gate"
COUNTS = (3, 10, 30, 100, 300, 600)  # cells shown
JUDGED = (10, 30, 100)  # of these the exam asks
MARGIN = 1.2  # times kriging's mean absolute error: what a pre-training may err and pass
N_HOURS = 64  # judged on, evenly spaced over the held-out ones; and fitted to, over those that train


def gate_table(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return a row a number of cells shown and method: `n_shown`, `method`, `mae` and `crps` (K).

    Kriging's variogram is fitted to hours that train, a hundred cells of them. All methods are shown the same cells.

    Args:
        experiment: whose reanalysis the model was trained on.
        model: the pre-trained network.
        counts: cells shown, more than none.
    """
    return pd.concat([_network(experiment, model, counts), _rivals(experiment, counts)], ignore_index=True)


def _network(experiment: Experiment, model: ConvCNP, counts: tuple[int, ...]) -> pd.DataFrame:
    part = at_hours(experiment, evenly(experiment.reanalysis_hours.test))
    return error_by_cells(part, model, counts).assign(method="sim-only")[["n_shown", "method", "mae", "crps"]]


def _rivals(experiment: Experiment, counts: tuple[int, ...]) -> pd.DataFrame:
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


def passes(table: pd.DataFrame) -> bool:
    """Say whether the network errs by at most `MARGIN` times what kriging does, wherever the exam asks."""
    mae = table.pivot(index="n_shown", columns="method", values="mae").loc[list(JUDGED)]
    return bool((mae["sim-only"] <= MARGIN * mae["ordinary kriging"]).all())


def gate_tables(experiment: Experiment, hashes: tuple[str, ...], counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return `gate_table` for committed pre-trainings, `seed` and `weights` (the hash) before, `passed` behind.

    Args:
        experiment: on the reanalysis that they were trained on; its seed does not matter.
        hashes: of the weights for the seeds 0, 1, ...
        counts: cells shown, those that the exam asks for among them.
    """
    parts, rivals = [], _rivals(experiment, counts)
    for seed, weights in enumerate(hashes):
        own = dataclasses.replace(experiment, settings=dataclasses.replace(experiment.settings, seed=seed))
        model, _ = named_pretraining(" ".join(hashes), own)
        table = pd.concat([_network(experiment, model, counts), rivals])
        parts.append(table.assign(seed=seed, weights=weights, passed=passes(table)))
    return pd.concat(parts)[["seed", "weights", *table.columns, "passed"]]


def store(folder: Path, hashes: tuple[str, ...] = PRETRAININGS) -> Path:
    """Examine the committed pre-trainings of the twin at full size and write `results/pretraining_gate.csv`.

    Args:
        folder: where the twin is kept, see `full_twin`.
        hashes: of their weights for the seeds 0, 1, ...
    """
    begin = time.perf_counter()
    experiment = prepare(grid_presets()["lesson"], full_twin("lesson", 0, folder))
    table = gate_tables(experiment, hashes)
    paths = [checkpoint_path(f"pretrained-{weights}") for weights in hashes]
    parameters = {"hashes": list(hashes), "margin": MARGIN, "hours": N_HOURS}
    record = run_record(COMMAND, parameters, time.perf_counter() - begin, {path.name: sha256(path) for path in paths})
    return write_result(NAME, table, {"size": "lesson", **record})


def evenly(hours: np.ndarray) -> np.ndarray:
    """Return at most `N_HOURS` of the hours, evenly spaced."""
    return hours[:: -(-len(hours) // N_HOURS)]


def at_hours(experiment: Experiment, hours: np.ndarray) -> Experiment:
    """Return the experiment with these hours (positions) of its reanalysis alone, all of them to test on."""
    tasks, none = experiment.reanalysis, np.zeros(0, dtype=int)
    part = dataclasses.replace(tasks, values=tasks.values[hours], scalars=tasks.scalars[hours])
    return dataclasses.replace(experiment, reanalysis=part, hours=HourSplit(none, none, np.arange(len(hours))))
