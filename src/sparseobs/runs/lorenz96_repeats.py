"""The Lorenz-96 comparison over several noise seeds, into one stored table."""

import time
from collections.abc import Callable
from dataclasses import asdict

import pandas as pd

from sparseobs.files import sha256
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.runs import lorenz96_comparison as comparison
from sparseobs.runs.cells import cell_folder, stored_row
from sparseobs.runs.lorenz96 import CHECKPOINT, load_filter
from sparseobs.runs.lorenz96_comparison import Comparison
from sparseobs.runs.lorenz96_filters import BY_THE_AUTHORS, letkf_tunings
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
LETKFS = ("LETKF", BY_THE_AUTHORS)
METHODS = ("AmEnF", *LETKFS, "observations", "climatology")


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
    elif method in LETKFS:
        case = comparison.with_letkf(settings, _tuning(method, settings))
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
            depends = [asdict(settings) | {"n_noise_seeds": None}, _own_inputs(method, settings)]
            path = cell_folder("lorenz96", depends, CODE) / f"{method}-{noise_seed}.json"
            rows.append(stored_row(path, lambda m=method, n=noise_seed: run_method(m, settings, n)))
            if report is not None:
                report(rows[-1])
    table = pd.DataFrame(rows)
    parameters = asdict(settings) | {method: str(_tuning(method, settings)) for method in LETKFS}
    return Result(table, run_record(command, parameters, float(table["seconds"].sum()), inputs))


def _tuning(method: str, settings: Comparison) -> LETKFSettings:
    return letkf_tunings(settings.obs_error_std, settings.ensemble_size)[method]


def _own_inputs(method: str, settings: Comparison) -> dict:
    """Return what a method's rows depend on besides settings and code."""
    if method == "AmEnF":
        return {CHECKPOINT.name: sha256(CHECKPOINT)}
    return asdict(_tuning(method, settings)) if method in LETKFS else {}
