"""What has become of a grid's cells, told from their files alone, so from any shell and machine that sees them."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparseobs.grid.folder import (
    DONE,
    ENDED_WITH_RUN,
    FAILED,
    FINAL,
    INTERRUPTED,
    STALE_SECONDS,
    TIMED_OUT,
    CellFolder,
    read_failure,
)
from sparseobs.grid.model import Cell, Grid

RUNNING = "running"
WAITING = "waiting"
STATUSES = (DONE, RUNNING, FAILED, TIMED_OUT, INTERRUPTED, WAITING)  # the next run takes up what was interrupted

KERNEL_SAYS = "[IPKernelApp]"  # at its start, of itself


@dataclass(frozen=True)
class CellState:
    """What has become of a cell.

    Args:
        cell: of the grid.
        status: one of `STATUSES`.
        place: folder of its result or of its latest attempt; None if it was never tried.
        seconds: wall time that it took, or has been running for; 0 if not known.
        error: one line: why it failed or was interrupted.
        traceback: of the failure, if the notebook raised.
    """

    cell: Cell
    status: str = WAITING
    place: Path | None = None
    seconds: float = 0.0
    error: str = ""
    traceback: str = ""


def cell_states(grid: Grid, folder: Path) -> list[CellState]:
    """Return the state of every cell of `grid`, in its order.

    Args:
        grid: what is run.
        folder: where its cells are kept.
    """
    return [cell_state(cell, folder) for cell in grid.cells]


def cell_state(cell: Cell, folder: Path) -> CellState:
    """Return the state of one cell of the grid in `folder`; a cell that ends meanwhile is never told as waiting."""
    places = CellFolder.of(folder, cell.identity)
    try:
        unfinished = _unfinished(cell, places)
    except FileNotFoundError:  # renamed into place, or removed, while we looked
        unfinished = CellState(cell)
    if not places.done:
        return unfinished
    return CellState(cell, DONE, places.result, places.record()["wall_seconds"])


def _unfinished(cell: Cell, places: CellFolder) -> CellState:
    if not (tried := places.tried()):
        return CellState(cell)
    latest = tried[-1]
    failure = read_failure(latest)
    if failure is None:
        return _without_end(cell, latest)
    if failure["status"] == "retried":
        return CellState(cell, WAITING, latest)
    status = failure["status"] if failure["status"] in FINAL else INTERRUPTED
    return CellState(cell, status, latest, failure["seconds"], failure["error"], failure["traceback"])


def _without_end(cell: Cell, attempt: Path) -> CellState:
    """Return the state of a cell whose latest attempt has not said how it ended."""
    heartbeat = attempt / "heartbeat"  # removed shortly before the attempt becomes the result
    seen = (heartbeat if heartbeat.exists() else attempt).stat().st_mtime
    started = attempt / "parameters.json"
    if time.time() - seen > STALE_SECONDS:
        return CellState(cell, INTERRUPTED, attempt, error=ENDED_WITH_RUN)
    elapsed = time.time() - started.stat().st_mtime if started.exists() else 0.0
    return CellState(cell, RUNNING, attempt, max(0.0, elapsed))


def steps_done(attempt: Path) -> tuple[int, int] | None:
    """Return how many code cells of its notebook an attempt has executed, and of how many; None if not known yet."""
    try:
        cells = json.loads((attempt / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):  # not written yet, or being written
        return None
    said = [cell["metadata"].get("papermill", {}).get("status") for cell in cells if cell["cell_type"] == "code"]
    return said.count("completed"), len(said)


def last_line(attempt: Path) -> str:
    """Return the last line with anything in it that an attempt's notebook has printed; empty if there is none."""
    try:
        with (attempt / "log.txt").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 4096))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.replace("\r", "\n").splitlines()]
    return next((line for line in reversed(lines) if line and not line.startswith(KERNEL_SAYS)), "")


def count(states: Sequence[CellState]) -> dict[str, int]:
    """Return how many cells have each status; zeros included."""
    counted = Counter(state.status for state in states)
    return {status: counted[status] for status in STATUSES}


def seconds_left(states: Sequence[CellState], expected_seconds: float, workers: int) -> float:
    """Return an estimate of the wall time until no cell is running, interrupted or waiting.

    Args:
        states: of all cells. What the finished ones took says what the others will take.
        expected_seconds: of one cell, as long as none has finished.
        workers: cells at a time, at least 1.
    """
    took = [state.seconds for state in states if state.status == DONE]
    each = sum(took) / len(took) if took else expected_seconds
    left = [max(each - state.seconds, 0.0) for state in states if state.status == RUNNING]
    left += [each for state in states if state.status in (INTERRUPTED, WAITING)]
    return max(sum(left) / workers, max(left, default=0.0))
