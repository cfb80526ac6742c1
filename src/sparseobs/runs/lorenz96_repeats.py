"""The Lorenz-96 comparison over several noise seeds, into one stored table."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace

import pandas as pd

from sparseobs.files import sha256
from sparseobs.runs import lorenz96_comparison as comparison
from sparseobs.runs.cells import cell_folder, stored_row
from sparseobs.runs.lorenz96 import CHECKPOINT, load_filter
from sparseobs.runs.lorenz96_comparison import Comparison
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import Result

# What a stored row depends on besides its settings: a change in any of these makes it anew.
CODE = (
    "dynamics/*.py",
    "observing/*.py",
    *(f"filtering/{name}.py" for name in ("amenf", "cycle", "run", "dapper_bridge", "baselines")),
    "scores/ensemble.py",
    "runs/lorenz96_comparison.py",
)
METHODS = ("AmEnF", "LETKF", "LETKF, safer", "observations", "climatology")
# The smallest of the grid's inflations above the tuned 1.07 that did not diverge on validation trajectories.
SAFER_INFLATION = 1.1


def run_method(method: str, settings: Comparison, noise_seed: int) -> dict:
    """Return one method's scores under one noise seed, and the seconds they took.

    Args:
        method: of `METHODS`; the AmEnF is the stored one.
        settings: the comparison.
        noise_seed: decides noise and first ensemble; the truth is the settings' own.
    """
    start = time.perf_counter()
    experiment = comparison.twin_experiment(settings, noise_seed)
    if method == "AmEnF":
        ensemble = comparison.first_ensemble(settings, noise_seed)
        run = comparison.run_amenf(load_filter().network, settings, experiment, ensemble)
    elif method in ("LETKF", "LETKF, safer"):
        case = replace(settings, letkf_inflation=SAFER_INFLATION) if "safer" in method else settings
        run = comparison.run_letkf(case, experiment, comparison.first_ensemble(settings, noise_seed))
    else:
        run = comparison.estimates_without_model(settings, experiment)[method]
    row = comparison.score({method: run}, experiment, settings.burn_in).iloc[0].to_dict()
    return {"noise_seed": noise_seed, **row, "seconds": time.perf_counter() - start}


def repeat(settings: Comparison, command: str, report: Callable[[dict], None] | None = None) -> Result:
    """Score the stored filter and the baselines over several noise seeds, taking up where a call stopped.

    Args:
        settings: the comparison.
        command: what was typed, for the record.
        report: called with each row.
    """
    inputs = {f"checkpoints/{CHECKPOINT.name}": sha256(CHECKPOINT)}
    rows = []
    for noise_seed in range(settings.n_noise_seeds):
        for method in METHODS:
            depends = [asdict(settings) | {"n_noise_seeds": None}, inputs if method == "AmEnF" else {}]
            path = cell_folder("lorenz96", depends, CODE) / f"{method}-{noise_seed}.json"
            rows.append(stored_row(path, lambda m=method, n=noise_seed: run_method(m, settings, n)))
            if report is not None:
                report(rows[-1])
    table = pd.DataFrame(rows)
    return Result(table, run_record(command, asdict(settings), float(table["seconds"].sum()), inputs))
