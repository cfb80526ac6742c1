"""Whether a stored table's numbers come again: cells picked at random, run anew from their record, and compared."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError, require_number
from sparseobs.files import project_root, sha256
from sparseobs.grid.collect import joined
from sparseobs.grid.folder import DONE, RESULT, CellFolder, read_failure
from sparseobs.grid.identity import code_digest
from sparseobs.grid.worker import Job, attempt_cell
from sparseobs.runs.provenance import source_state
from sparseobs.runs.results import read_result, write_result

RUN = "sparseobs-grid-recompute"


@dataclass(frozen=True)
class Recomputed:
    """A cell run anew.

    Args:
        parameters: of the cell, those along the axes.
        equal: whether every value agrees to the digits that the table stores.
        differences: by column, the largest relative difference of numbers, or how many rows of texts differ.
        environment: what is not as it was: code, inputs, versions, device; one line each.
        seconds: wall time.
        problem: why there is no result to compare; empty if there is one.
    """

    parameters: dict
    equal: bool
    differences: dict[str, str]
    environment: list[str]
    seconds: float
    problem: str = ""


def recompute(name: str, *, cells: int = 1, seed: int = 0) -> Iterator[Recomputed]:
    """Run some cells of a stored table anew, each in a temporary folder that is removed, and yield how it compares.

    Args:
        name: of a table in results/ that `grid collect` wrote.
        cells: how many, picked at random without repetition.
        seed: of that choice.

    Raises:
        InputError: no such table, or one without a record of its cells.
    """
    record = read_result(name).record
    if not isinstance(record.get("cells"), list):
        expected = "a table that `grid collect` wrote"
        raise InputError(f"results/{name}.json", "a record without cells", expected, record["command"])
    require_number("cells", cells, least=1, most=len(record["cells"]), whole=True)
    table = _texts(project_root() / "results" / f"{name}.csv")
    ends = pd.Series([cell["rows"] for cell in record["cells"]]).cumsum()
    for index in sorted(random.Random(seed).sample(range(len(ends)), cells)):
        cell = record["cells"][index]
        stored = table.iloc[ends[index] - cell["rows"] : ends[index]].reset_index(drop=True)
        yield _run_anew(record, cell, stored)


def _run_anew(record: dict, cell: dict, stored: pd.DataFrame) -> Recomputed:
    with tempfile.TemporaryDirectory(prefix="sparseobs-recompute-", ignore_cleanup_errors=True) as folder:
        job = _job(record, cell, Path(folder))
        places = CellFolder(Path(job.root))
        outcome = attempt_cell(job, RUN)
        if outcome.status != DONE:
            failures = [read_failure(attempt) or {} for attempt in places.tried()]
            tracebacks = [failure["traceback"] for failure in failures if failure.get("traceback")]
            problem = "\n".join([f"{outcome.status}: {outcome.message}", *tracebacks])
            return Recomputed(cell["parameters"], False, {}, _changed_inputs(record), outcome.seconds, problem)
        differences = compare(stored, as_stored(places.result / RESULT), list(cell["parameters"]))
        environment = [*_changed_inputs(record), *_changed(record, cell, places.record())]
        return Recomputed(cell["parameters"], not differences, differences, environment, outcome.seconds)


def _job(record: dict, cell: dict, folder: Path) -> Job:
    """Return the job that executes a cell of a stored table again."""
    notebook = project_root() / record["notebook"]
    if not notebook.is_file():
        hint = f"git checkout {record['commit'][:10]}"
        raise InputError("notebook", record["notebook"], "the notebook that the record names", hint)
    return Job(
        root=str(CellFolder.of(folder, cell["identity"]).root),
        identity=cell["identity"],
        notebook=str(notebook.resolve()),
        parameters=record["parameters"] | cell["parameters"],
        record={"code": code_digest(notebook)} | source_state(),
        threads=record["resources"]["threads"],
        gpu="gpu_peak_memory_mb" in cell,
        limit_seconds=60 * record["resources"]["minutes"],
    )


def as_stored(path: Path) -> pd.DataFrame:
    """Return a cell's table, of texts, as it reads when it has been to the store: to six digits."""
    write_result("anew", joined([_texts(path)]), {}, path.parent)
    return _texts(path.with_name("anew.csv"))


def _texts(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def compare(stored: pd.DataFrame, anew: pd.DataFrame, given: Sequence[str] = ()) -> dict[str, str]:
    """Return what differs, by column; nothing if all values agree to the digits stored.

    Args:
        stored: rows of a stored table, of texts.
        anew: the same rows computed again.
        given: columns of the stored table that the cell was given, not computed.
    """
    if len(stored) != len(anew):
        return {"rows": f"{len(stored)} stored, {len(anew)} anew"}
    found = {name: "not in the stored table" for name in anew if name not in stored}
    for name in stored:
        if name in anew:
            difference = _difference(stored[name], anew[name])
        else:  # another cell's column, if it has no value here
            difference = "" if name in given or not stored[name].any() else "only in the stored table"
        found |= {name: difference} if difference else {}
    return found


def _difference(before: pd.Series, now: pd.Series) -> str:
    """Return in what two columns of texts differ; empty if they agree as texts or as numbers of six digits."""
    numbers = [pd.to_numeric(column, errors="coerce").map("{:.6g}".format).astype(float) for column in (before, now)]
    gaps = (numbers[1] - numbers[0]).abs()
    differ = (before != now) & (gaps != 0)
    if not differ.any():
        return ""
    if gaps[differ].isna().any():
        return f"{differ.sum()} of {len(differ)} rows are other texts"
    return f"by up to {gaps.max():.2g}, where the largest is {numbers[0].abs().max():.3g}"


def _changed_inputs(record: dict) -> list[str]:
    """Return which of the project's files that decided the table are not as they were."""
    files = {path: project_root() / path for path in record["inputs"]}
    changed = [path for path, file in files.items() if file.is_file() and sha256(file) != record["inputs"][path]]
    return [f"input {path} has changed" for path in changed]


def _changed(record: dict, cell: dict, now: dict) -> list[str]:
    """Return what else is not as it was when the stored cell was run."""
    lines = [] if now["code"] == record["code"] else [f"the code has changed since commit {cell['commit'][:10]}"]
    lines += [f"{file} has changed" for file, digest in now["read"].items() if record["inputs"].get(file) != digest]
    if now["device"] != cell["device"]:
        lines.append(f"device: {cell['device']} then, {now['device']} now")
    for library, then in record["versions"].items():
        here = now["versions"].get(library, "none")
        if here != then:
            lines.append(f"{library}: {then if isinstance(then, str) else ', '.join(then)} then, {here} now")
    return lines
