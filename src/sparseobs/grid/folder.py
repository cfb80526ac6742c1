"""Where a grid keeps its cells. The files are the only truth: who was running them may be gone.

    FOLDER/README.txt                        says what this is
    FOLDER/shared/                           what several cells need, made once (see `runs.shared`)
    FOLDER/notebook-SHA256.ipynb             the notebook as it was when the run began; what the cells execute
    FOLDER/cells/IDENTITY/lock               held by the process that runs the cell; the system frees it at death
    FOLDER/cells/IDENTITY/progress/          what a cell's long work left for its next attempt, such as a checkpoint
    FOLDER/cells/IDENTITY/attempts/NAME/     an attempt under way or one that failed (NUMBER-TIME): parameters.json,
                                             notebook.ipynb, log.txt, heartbeat (touched while it runs), failure.json
    FOLDER/cells/IDENTITY/result/            a finished attempt, renamed into place in one step: parameters.json,
                                             notebook.ipynb, log.txt, result.csv, record.json

A failure.json holds `status`, `error` (one line), `traceback` (text), `ended` (UTC, ISO 8601) and `seconds`. The
status is `failed` (the notebook raised) or `timed out`: neither is tried again unasked; or `lost` (kernel killed, disk
full, ...), `interrupted` (ended with its run) or `retried` (a failure that the user asked to try again): the next run
tries. An attempt without failure.json runs if its heartbeat is younger than `STALE_SECONDS`; else it was interrupted.
"""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from sparseobs.files import project_root, replacing
from sparseobs.grid.identity import Scalar

DONE = "done"
FAILED = "failed"  # the notebook raised, or kept no table
TIMED_OUT = "timed out"
LOST = "lost"  # not the notebook's fault: kernel killed, disk full, worker gone
INTERRUPTED = "interrupted"
FINAL = (FAILED, TIMED_OUT)  # tried again only when the user asks
ENDED_WITH_RUN = "ended together with the run that had started it"

RESULT, KERNEL, FAILURE = "result.csv", "kernel.json", "failure.json"  # the first two are written by `runs.cell.keep`
SCRATCH = ("heartbeat", ".jupyter")
HEARTBEAT_SECONDS = 5.0
STALE_SECONDS = 12 * HEARTBEAT_SECONDS
KEPT_ATTEMPTS = 3  # that did not succeed; older ones are removed, so that a folder's size is bounded


def default_folder(name: str) -> Path:
    """Return where the cells of the grid `name` are kept unless the user says otherwise."""
    return project_root() / "grids" / "cells" / name


class CellFolder:
    """The places of one cell: `root`, `lock`, `progress`, `attempts` and `result`, as above.

    Args:
        root: the cell's own folder.
    """

    def __init__(self, root: Path):
        self.root, self.lock = root, root / "lock"
        self.progress, self.attempts, self.result = root / "progress", root / "attempts", root / "result"

    @classmethod
    def of(cls, folder: Path, identity: str) -> "CellFolder":
        """Return the places of the cell `identity` in a grid's folder."""
        return cls(folder / "cells" / identity)

    @property
    def done(self) -> bool:
        """Whether the cell has its result."""
        return (self.result / "record.json").is_file()

    def record(self) -> dict:
        """Return the record of the cell's result."""
        return json.loads((self.result / "record.json").read_text())

    def tried(self) -> list[Path]:
        """Return the folders of the attempts without success, oldest first."""
        return sorted(self.attempts.iterdir()) if self.attempts.is_dir() else []


def read_failure(attempt: Path) -> dict | None:
    """Return what an attempt's failure.json says; None if it has none."""
    try:
        return json.loads((attempt / FAILURE).read_text())
    except FileNotFoundError:
        return None


def final_failure(cell: CellFolder) -> dict | None:
    """Return the failure of a cell's latest attempt if it is one that is not tried again unasked."""
    failure = next((read_failure(attempt) for attempt in cell.tried()[-1:]), None)
    return failure if failure and failure["status"] in FINAL else None


def write_failure(attempt: Path, *, status: str, error: str, traceback: str = "", seconds: float = 0.0) -> None:
    """Write why an attempt ended without a result, and remove what only a running one needs."""
    text = {"status": status, "error": error, "traceback": traceback, "seconds": round(seconds, 3)}
    _write_json(attempt / FAILURE, text | {"ended": datetime.now(UTC).isoformat()})
    _remove_scratch(attempt)


def forget_failure(cell: CellFolder) -> bool:
    """Let the next run try a failed cell again; return whether there was a failure to forget."""
    failure = final_failure(cell)
    if failure is not None:
        _write_json(cell.tried()[-1] / FAILURE, failure | {"status": "retried", "was": failure["status"]})
    return failure is not None


def begin(cell: CellFolder, parameters: dict[str, Scalar]) -> tuple[Path, int]:
    """Make the folder of a new attempt, under the cell's lock; return it and its number, counted from 1."""
    earlier = cell.tried()
    for attempt in earlier:
        if not (attempt / FAILURE).exists():
            write_failure(attempt, status=INTERRUPTED, error=ENDED_WITH_RUN)
    for attempt in earlier[: 1 - KEPT_ATTEMPTS]:
        shutil.rmtree(attempt)
    number = int(earlier[-1].name.split("-")[0]) + 1 if earlier else 1
    attempt = cell.attempts / f"{number:04d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    attempt.mkdir(parents=True)
    cell.progress.mkdir(exist_ok=True)
    (attempt / "heartbeat").touch()
    _write_json(attempt / "parameters.json", parameters)
    return attempt, number


def publish(cell: CellFolder, attempt: Path) -> None:
    """Make a finished attempt the cell's result in one step that survives a loss of power."""
    _remove_scratch(attempt)
    for path in (*attempt.rglob("*"), attempt):
        _flush(path)
    if cell.result.exists():  # without a record, so not made by this function
        cell.result.rename(attempt.with_name(attempt.name + "-found"))
    attempt.rename(cell.result)
    _flush(cell.root)
    shutil.rmtree(cell.progress, ignore_errors=True)


def _write_json(path: Path, content: dict) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n")


def _remove_scratch(attempt: Path) -> None:
    for path in (attempt / name for name in SCRATCH):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have a file or a folder's entries written to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
