"""What an attempt leaves in its cell's folder: begun, failed, interrupted or published, and never half of it."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from sparseobs.files import replacing
from sparseobs.grid.attempt_job import FINAL
from sparseobs.grid.folder import KEPT_ATTEMPTS, CellFolder

FAILURE = "failure.json"
KILLED = "killed together with the run that had started it"
SCRATCH = ("heartbeat", ".jupyter")


def attempts_of(cell: CellFolder) -> list[Path]:
    """Return the folders of a cell's attempts without success, oldest first."""
    return sorted(cell.attempts.iterdir()) if cell.attempts.is_dir() else []


def read_failure(attempt: Path) -> dict | None:
    """Return what an attempt's failure.json says; None if it has none."""
    try:
        return json.loads((attempt / FAILURE).read_text())
    except FileNotFoundError:
        return None


def final_failure(cell: CellFolder) -> dict | None:
    """Return the failure of a cell's latest attempt if it is one that is not tried again unasked."""
    for attempt in reversed(attempts_of(cell)):
        failure = read_failure(attempt)
        return failure if failure and failure["status"] in FINAL else None
    return None


def write_failure(attempt: Path, *, status: str, error: str, traceback: str = "", seconds: float = 0.0) -> None:
    """Write why an attempt ended without a result, and remove what only a running one needs."""
    text = {"status": status, "error": error, "traceback": traceback, "seconds": round(seconds, 3)}
    with replacing(attempt / FAILURE) as temporary:
        temporary.write_text(json.dumps(text | {"ended": datetime.now(UTC).isoformat()}, indent=2) + "\n")
    _remove_scratch(attempt)


def forget_failure(cell: CellFolder) -> bool:
    """Let the next run try a failed cell again; return whether there was a failure to forget."""
    failure = final_failure(cell)
    if failure is None:
        return False
    with replacing(attempts_of(cell)[-1] / FAILURE) as temporary:
        temporary.write_text(json.dumps(failure | {"status": "retried", "was": failure["status"]}, indent=2) + "\n")
    return True


def begin(cell: CellFolder, parameters: dict) -> tuple[Path, int]:
    """Make the folder of a new attempt, under the cell's lock; return it and its number, counted from 1."""
    earlier = attempts_of(cell)
    for attempt in earlier:
        if not (attempt / FAILURE).exists():
            write_failure(attempt, status="interrupted", error=KILLED)
    for attempt in earlier[: 1 - KEPT_ATTEMPTS]:
        shutil.rmtree(attempt)
    number = int(earlier[-1].name.split("-")[0]) + 1 if earlier else 1
    attempt = cell.attempts / f"{number:04d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    attempt.mkdir(parents=True)
    cell.progress.mkdir(exist_ok=True)
    (attempt / "heartbeat").touch()
    (attempt / "parameters.json").write_text(json.dumps(parameters, indent=2) + "\n")
    return attempt, number


def publish(cell: CellFolder, attempt: Path) -> None:
    """Make a finished attempt the cell's result in one step that survives a loss of power."""
    _remove_scratch(attempt)
    for path in attempt.rglob("*"):
        _flush(path)
    _flush(attempt)
    if cell.result.exists():  # without a record, so not made by this function
        cell.result.rename(attempt.with_name(attempt.name + "-found"))
    attempt.rename(cell.result)
    _flush(cell.root)
    shutil.rmtree(cell.progress, ignore_errors=True)


def _remove_scratch(attempt: Path) -> None:
    for name in SCRATCH:
        path = attempt / name
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
