"""Lemma 1's parts over many truths, noises and repeats; the table is stored."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import pandas as pd

from sparseobs.files import SOURCE, sha256
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.trained_filters.recipes import NOISES
from sparseobs_book.trained_filters.stored import checkpoint_path, stored_filter
from sparseobs_book.why_it_works.run import SYSTEM_NAME, Theory, recorded_run
from sparseobs_book.why_it_works.terms import terms_of

CODE = (
    "sparseobs_book/why_it_works/run.py",
    "sparseobs_book/why_it_works/terms.py",
    "sparseobs/filtering/amenf.py",
    "sparseobs/filtering/cycle.py",
)
INFLUENCE = "influence"


@dataclass(frozen=True)
class Repeats:
    """What the stored table holds.

    Args:
        each: one repeat; its noise and seed are replaced.
        n_repeats: seeds from 0, each with truths, noise and first ensembles of its own.
    """

    each: Theory
    n_repeats: int


PRESETS = {
    "smoke": Repeats(Theory(n_trajectories=2, n_cycles=8, burn_in=4), 2),
    "lesson": Repeats(Theory(n_cycles=400), 8),
    "paper": Repeats(Theory(ensemble_size=10, n_trajectories=64, n_cycles=2000, burn_in=200), 10),
}


def measure(settings: Theory) -> pd.DataFrame:
    """Return one repeat's means over cycles and truths: columns repeat, obs_error_std, estimate, term, value."""
    run = recorded_run(stored_filter(SYSTEM_NAME, settings.obs_error_std).network, settings)
    terms = terms_of(run)
    terms["analysis"][INFLUENCE] = run.influence
    rows = [
        (settings.seed, settings.obs_error_std, estimate, term, series.mean().item())
        for estimate, parts in terms.items()
        for term, series in parts.items()
    ]
    return pd.DataFrame(rows, columns=["repeat", "obs_error_std", "estimate", "term", "value"])


def store(repeats: Repeats, command: str, name: str, report: Callable[[str], None]) -> None:
    """Measure every repeat at every noise with a stored filter and store the table; `report` gets a line a repeat."""
    start, parts = time.perf_counter(), []
    for noise in NOISES:
        for repeat in range(repeats.n_repeats):
            parts.append(measure(replace(repeats.each, obs_error_std=noise, seed=repeat)))
            report(f"noise {noise:g}, repeat {repeat}: done")
    filters = [checkpoint_path(SYSTEM_NAME, noise) for noise in NOISES]
    inputs = {path.relative_to(SOURCE).as_posix(): sha256(path) for path in filters}
    inputs |= {module: sha256(SOURCE / module) for module in CODE}
    parameters = json.loads(json.dumps(asdict(repeats)))
    write_result(name, pd.concat(parts), run_record(command, parameters, time.perf_counter() - start, inputs))


def summary(table: pd.DataFrame, obs_error_std: float) -> pd.DataFrame:
    """Return the loss's parts at one noise, with 95 % intervals over repeats: estimate, term, mean, low, high."""
    chosen = table[(table["obs_error_std"] == obs_error_std) & (table["term"] != INFLUENCE)]
    found = chosen.groupby(["estimate", "term"], sort=False)["value"].apply(repeat_interval)
    columns = pd.DataFrame(found.tolist(), found.index, columns=Interval._fields)
    return columns[["mean", "low", "high"]].reset_index()
