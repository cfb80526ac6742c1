"""The exam of the pre-trainings that the book starts from, as a stored table."""

import dataclasses
import time
from pathlib import Path

import pandas as pd

from sparseobs.files import sha256
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs_book.temperature.exam import COUNTS, MARGIN, N_HOURS, network_errors, passes, rival_errors
from sparseobs_book.temperature.experiment import Experiment, prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import full_twin
from sparseobs_book.temperature.stored import PRETRAININGS, checkpoint_path, named_pretraining

NAME = "pretraining_gate"
COMMAND = "python -m sparseobs twin gate"


def gate_tables(experiment: Experiment, hashes: tuple[str, ...], counts: tuple[int, ...] = COUNTS) -> pd.DataFrame:
    """Return `exam_table` for committed pre-trainings, `seed` and `weights` (the hash) before, `passed` behind.

    Args:
        experiment: on the reanalysis that they were trained on; its seed does not matter.
        hashes: of the weights for the seeds 0, 1, ...
        counts: cells shown, those that the exam asks for among them.
    """
    parts, rivals = [], rival_errors(experiment, counts)
    for seed, weights in enumerate(hashes):
        own = dataclasses.replace(experiment, settings=dataclasses.replace(experiment.settings, seed=seed))
        model, _ = named_pretraining(" ".join(hashes), own)
        table = pd.concat([network_errors(experiment, model, counts), rivals])
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
