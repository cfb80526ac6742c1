"""LETKF on Lorenz-96, tuned on validation trajectories for each noise and ensemble size; the tuning is stored."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import PACKAGE, sha256
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import Rung, chosen, settings_of
from sparseobs.runs import filter_tuning
from sparseobs.runs.filter_tuning import VALIDATION_STREAM
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import Result, read_result, write_result

RESULT = "lorenz96_tuning"
CODE = (*filter_tuning.CODE, "runs/lorenz96_tuning.py")


@dataclass(frozen=True)
class Tuning:
    """One tuning.

    Args:
        obs_error_stds: noises, each tuned for itself.
        ensemble_sizes: members, each tuned for itself.
        burn_in: cycles not scored, though a run may diverge in them.
        rungs: scored cycles of each round, how many settings go on, over how many trajectories.
    """

    obs_error_stds: tuple[float, ...] = (1.0, 2.5)
    ensemble_sizes: tuple[int, ...] = (5, 10, 20, 15, 30)
    burn_in: int = 200
    rungs: tuple[Rung, ...] = (Rung(200, 30), Rung(1000, 30), Rung(10_000, 6))


PRESETS = {
    "smoke": Tuning((1.0,), (5,), burn_in=5, rungs=(Rung(5, 4, 2), Rung(10, 2, 2))),
    "lesson": Tuning(burn_in=100, rungs=(Rung(100, 20), Rung(500, 20), Rung(5000, 6))),
    "paper": Tuning(),
}


def tune_case(tuning: Tuning, obs_error_std: float, ensemble_size: int) -> pd.DataFrame:
    """Return every setting's validation scores for one noise and ensemble size, best first."""
    case = filter_tuning.Case("lorenz96", "LETKF", obs_error_std, ensemble_size)
    how = filter_tuning.Tuning(tuning.burn_in, tuning.rungs)
    return filter_tuning.tune_case(how, case).drop(columns=["system", "method"])


def tune(tuning: Tuning, command: str, name: str = RESULT, report: Callable[[str], None] = print) -> Result:
    """Tune every case and store the table after each, so that an interrupted call is taken up where it stopped.

    Args:
        tuning: what to tune.
        command: what was typed, for the record.
        name: of the table under `results/`.
        report: called with a line a case.
    """
    inputs = {module: sha256(PACKAGE / module) for module in CODE}
    parameters = json.loads(json.dumps(asdict(tuning) | {"validation_stream": VALIDATION_STREAM}))
    parts, seconds = _cases_so_far(name, parameters, inputs)
    for ensemble_size, obs_error_std in product(tuning.ensemble_sizes, tuning.obs_error_stds):
        case = obs_error_std, ensemble_size
        if case not in parts:
            start = time.perf_counter()
            parts[case] = tune_case(tuning, *case)
            seconds += time.perf_counter() - start
            write_result(name, pd.concat(parts.values()), run_record(command, parameters, seconds, inputs))
        best = parts[case].iloc[0]
        report(f"noise {case[0]}, {case[1]} members: {settings_of(parts[case][:1])[0]}, RMSE {best.rmse:.3f}")
    return read_result(name)


def _cases_so_far(name: str, parameters: dict, inputs: dict) -> tuple[dict, float]:
    """Return the cases that an earlier call with the same settings and code has stored, and the seconds they took."""
    try:
        stored = read_result(name)
    except InputError:
        return {}, 0.0
    if (stored.record["parameters"], stored.record["inputs"]) != (parameters, inputs):
        return {}, 0.0
    cases = stored.table.groupby(["obs_error_std", "ensemble_size"], sort=False)
    return {case: part for case, part in cases}, stored.record["wall_seconds"]


def tuned_settings(obs_error_std: float, ensemble_size: int, table: pd.DataFrame | None = None) -> LETKFSettings:
    """Return the stored choice: the fewest diverged runs in the longest round, and among those the lowest mean RMSE.

    Args:
        obs_error_std: the noise it was tuned for.
        ensemble_size: the members it was tuned for.
        table: of `tune`; the stored one if not given.

    Raises:
        InputError: nothing was tuned for this noise and ensemble size.
    """
    table = read_result(RESULT).table if table is None else table
    case = table[(table["obs_error_std"] == obs_error_std) & (table["ensemble_size"] == ensemble_size)]
    if case.empty:
        known = table[["obs_error_std", "ensemble_size"]].drop_duplicates().itertuples(index=False)
        tuned = ", ".join(f"({noise:g}, {members})" for noise, members in known)
        given = (obs_error_std, ensemble_size)
        raise InputError("obs_error_std, ensemble_size", given, f"a tuned pair: {tuned}", "giving LETKF's numbers")
    return chosen(case)
