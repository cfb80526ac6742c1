"""Every interpolation on the splits of the Irish stations that the grid `uk_ireland` judges networks on."""

import time

import pandas as pd

from sparseobs.files import sha256
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.runs.settings import resolve
from sparseobs.runs.temperature import INTERPOLATIONS, REANALYSIS, run_method
from sparseobs.runs.temperature_experiment import prepare
from sparseobs.runs.temperature_presets import presets
from sparseobs.stations.downloads import fetch
from sparseobs.stations.sources import load

SOURCE, RESULT = "uk_ireland", "uk_ireland_interpolations"
N_SPLITS = 7
UNUSED = ["seed", "best_epoch", "pretrained_weights"]  # interpolations draw and train nothing


def store_interpolations(n_splits: int = N_SPLITS, name: str = RESULT) -> pd.DataFrame:
    """Tune and judge every interpolation on each split and store one row a method and split.

    Args:
        n_splits: split seeds from 0.
        name: of the table.
    """
    start, rows, data = time.perf_counter(), [], load(SOURCE)
    for split_seed in range(n_splits):
        experiment = prepare(resolve(presets(SOURCE), "study", split_seed=split_seed), data)
        rows += [run_method(experiment, method)[0] for method in INTERPOLATIONS if method != REANALYSIS]
    table = pd.DataFrame(rows).drop(columns=UNUSED)
    inputs = {path: sha256(file) for path, file in fetch(SOURCE).items()}
    parameters = {"preset": "study", "n_splits": n_splits}
    command = "python -m sparseobs real-data interpolations"
    record = run_record(command, parameters, time.perf_counter() - start, inputs) | {"size": "study"}
    write_result(name, table, record)
    return table
