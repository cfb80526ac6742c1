"""One run of a grid as a person sees it: what is to be done, how far it is, what came of it."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sparseobs.grid.clusters import open_client, uses_gpu
from sparseobs.grid.engine import SchedulerLost, Started, run_grid
from sparseobs.grid.folder import DONE, FINAL, INTERRUPTED
from sparseobs.grid.model import Grid
from sparseobs.grid.state import CellState, cell_states
from sparseobs.grid.status import MOST_FAILED, Picture, expected_seconds, failure_table, overview
from sparseobs.grid.wording import amount, duration, label, varying
from sparseobs.grid.worker import Outcome

INTERRUPTED_STATUS = 130  # of a shell's command that Ctrl-C ended


class Progress:
    """Follows a run by what the engine reports: says a line a cell where no table is live, and counts.

    Args:
        grid: that runs.
        out: where it is said.
    """

    def __init__(self, grid: Grid, out: Console):
        self.out, self.labels = out, {cell.identity: label(cell, varying(grid)) for cell in grid.cells}
        self.settled = self.finished = 0  # cells that have come to an end, and those that this run has brought there

    def __call__(self, event: Started | Outcome) -> None:
        """Take in what the engine reports."""
        name = self.labels[event.identity]
        if isinstance(event, Started):
            if event.times > 1:
                self.say(f"{name}: taken up again, its worker or kernel was lost")
            return
        self.settled += 1
        self.finished += event.executed and event.status == DONE
        if event.executed and not self.out.is_terminal:
            line = f"[{self.settled}/{len(self.labels)}] {event.status:<9} {duration(event.seconds):>6}  {name}"
            self.say(f"{line}: {event.message}" if event.message else line)

    def say(self, line: str) -> None:
        """Say a line, above the table if there is one."""
        self.out.print(Text(line))


def run(grid: Grid, folder: Path, out: Console, *, where: str, workers: int | None, workers_per_gpu: int = 1) -> int:
    """Run what is left of `grid`, show how it goes, and return the exit status: 0 only if every cell is done.

    Args:
        grid: checked and expanded.
        folder: of its cells.
        out: where it is shown.
        where: it runs: `local`, `slurm`, or the address of a dask scheduler.
        workers: cells at a time; None takes what the machine holds.
        workers_per_gpu: cells at a time that share a graphics processor of this machine.
    """
    states = cell_states(grid, folder)
    out.print(overview(grid, folder, states))
    if all(state.status in (DONE, *FINAL) for state in states):
        return _conclude(grid, states, out)
    started, done_before, progress = time.monotonic(), _done(states), Progress(grid, out)
    options = {"workers": workers, "workers_per_gpu": workers_per_gpu}
    try:
        with stopped_like_ctrl_c(), open_client(grid, where, **options, say=progress.say) as client:
            found = len(client.scheduler_info(n_workers=-1)["workers"])
            at_a_time = max(found, workers or 1) if where == "slurm" else max(found, 1)
            out.print(_outlook(grid, states, at_a_time, where, gpu=uses_gpu(client, grid.resources.gpu)))
            with Picture(grid, folder, workers=at_a_time, most_failed=MOST_FAILED).live(out):
                outcomes = run_grid(grid, folder, client, progress)
    except (KeyboardInterrupt, SchedulerLost) as stop:
        why = str(stop) if isinstance(stop, SchedulerLost) else "Stopped"
        kept = f"{_done(cell_states(grid, folder))} of {amount(len(states))} finished and kept"
        out.print(Text(f"\n{why}. {kept}; the same command goes on from here.", "yellow"))
        return INTERRUPTED_STATUS if isinstance(stop, KeyboardInterrupt) else 1
    states = [
        state if outcome.status in (DONE, *FINAL) else replace(state, status=INTERRUPTED, error=outcome.message)
        for state, outcome in zip(cell_states(grid, folder), outcomes, strict=True)
    ]
    others = _done(states) - done_before - progress.finished
    elsewhere = f", {others} by another run" if others else ""
    out.print(Text(f"\n{amount(progress.finished)} finished in {duration(time.monotonic() - started)}{elsewhere}."))
    return _conclude(grid, states, out)


@contextmanager
def stopped_like_ctrl_c() -> Iterator[None]:
    """Let a batch system's SIGTERM and a closed terminal's SIGHUP raise KeyboardInterrupt here, as Ctrl-C does."""
    names = (signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _done(states: Sequence[CellState]) -> int:
    return sum(state.status == DONE for state in states)


def _outlook(grid: Grid, states: Sequence[CellState], workers: int, where: str, *, gpu: bool) -> Text:
    """Return what the cells run on and how long it may take."""
    left = sum(state.status not in (DONE, *FINAL) for state in states)
    each = f"{amount(grid.resources.threads, 'thread')}{' and a graphics processor' * gpu} each"
    place = "this machine" if where == "local" else where
    total = duration(expected_seconds(grid, left, workers))
    return Text(f"{workers} at a time on {place}, {each}: about {total} in all\n")


def _conclude(grid: Grid, states: Sequence[CellState], out: Console) -> int:
    """Say what became of the grid and return the exit status."""
    if (done := _done(states)) == len(states):
        out.print(Text(f"{'All ' * (done > 1)}{amount(done)} done.", "green"))
        return 0
    out.print(Text(f"{done} of {amount(len(states))} done.", "red"))
    if table := failure_table(grid, states, len(states)):
        out.print(table)
    if any(state.status in FINAL for state in states):
        out.print(Text("A failed cell is not tried again unasked: mend the cause, then `grid retry`.", "dim"))
    if any(state.status not in (DONE, *FINAL) for state in states):
        out.print(Text("The same command tries the others again.", "dim"))
    return 1
