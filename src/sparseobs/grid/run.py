"""One run of a grid as a person sees it: what is to be done, how far it is, what came of it."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from distributed import Client
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from sparseobs.grid.clusters import open_client, uses_gpu
from sparseobs.grid.engine import SchedulerLost, Started, run_grid
from sparseobs.grid.folder import DONE, FINAL, INTERRUPTED
from sparseobs.grid.model import Grid
from sparseobs.grid.state import RUNNING, WAITING, CellState, cell_state, cell_states
from sparseobs.grid.status import MOST_FAILED, board, expected_seconds, failure_table, overview
from sparseobs.grid.wording import amount, duration, label, varying
from sparseobs.grid.worker import Outcome

INTERRUPTED_STATUS = 130  # of a shell's command that Ctrl-C ended
REFRESHES_PER_SECOND = 2


@dataclass(frozen=True)
class Cluster:
    """What a run's cells are executed by.

    Args:
        where: `local`, `slurm`, or the address of a dask scheduler.
        workers: cells at a time; None takes what the machine holds.
        workers_per_gpu: cells at a time that share a graphics processor of this machine.
    """

    where: str = "local"
    workers: int | None = None
    workers_per_gpu: int = 1


class Progress:
    """Follows a run by what the engine reports and shows it: a live table in a terminal, else one line a cell.

    Args:
        grid: that runs.
        folder: of its cells.
        workers: cells at a time.
        out: where it is shown.
    """

    def __init__(self, grid: Grid, folder: Path, *, workers: int, out: Console):
        self.grid, self.folder, self.workers, self.out = grid, folder, workers, out
        self.states = {state.cell.identity: state for state in cell_states(grid, folder)}
        self.settled = self.finished = 0  # what the engine has told the end of, and what this run has brought to one

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Show it as long as the context lasts; what was shown last stays."""
        if not self.out.is_terminal:
            yield self
            return
        with Live(get_renderable=self.picture, console=self.out, refresh_per_second=REFRESHES_PER_SECOND):
            yield self

    def __call__(self, event: Started | Outcome) -> None:
        """Take in what the engine reports."""
        cell = self.states[event.identity].cell
        if isinstance(event, Started):
            self.states[event.identity] = CellState(cell, RUNNING)
            if event.times > 1:
                self._say(f"{label(cell, varying(self.grid))}: taken up again, its worker or kernel was lost")
            return
        state = cell_state(cell, self.folder)
        if event.status != DONE:
            status = event.status if event.status in FINAL else INTERRUPTED
            state = replace(state, status=status, error=event.message)
        self.states[event.identity] = state
        self.settled += 1
        if event.executed:
            self.finished += event.status == DONE
            if not self.out.is_terminal:
                self._say_ended(state, event)

    def picture(self) -> Group:
        """Return the table as it is now. The live display asks for it in a thread of its own."""
        states = list(self.states.values())
        now = [cell_state(state.cell, self.folder) if state.status == RUNNING else state for state in states]
        # Between the engine's word that a cell has started and its first file, and again after its last one.
        now = [
            new if old.status != RUNNING or new.status == RUNNING else old for old, new in zip(states, now, strict=True)
        ]
        going_on = any(state.status in (RUNNING, INTERRUPTED, WAITING) for state in now)
        failures = failure_table(self.grid, now, MOST_FAILED) if going_on else None  # at the end the run lists them all
        return Group(board(self.grid, now, workers=self.workers), *([Text(), failures] if failures else []))

    def _say_ended(self, state: CellState, event: Outcome) -> None:
        line = f"[{self.settled}/{len(self.states)}] {event.status:<9} {duration(event.seconds):>6}  "
        line += label(state.cell, varying(self.grid))
        self._say(f"{line}: {event.message}" if event.message else line)

    def _say(self, line: str) -> None:
        self.out.print(Text(line))


def run(grid: Grid, folder: Path, cluster: Cluster, out: Console) -> int:
    """Run what is left of `grid`, show how it goes, and return the exit status: 0 only if every cell is done."""
    states = cell_states(grid, folder)
    out.print(overview(grid, folder, states))
    if all(state.status in (DONE, *FINAL) for state in states):
        return _conclude(grid, states, out)
    started, done_before = time.monotonic(), _done(states)
    options = {"workers": cluster.workers, "workers_per_gpu": cluster.workers_per_gpu}
    try:
        with stopped_like_ctrl_c(), open_client(grid, cluster.where, **options, say=out.print) as client:
            workers = _say_where(grid, states, client, cluster, out)
            with Progress(grid, folder, workers=workers, out=out).shown() as progress:
                run_grid(grid, folder, client, progress)
    except (KeyboardInterrupt, SchedulerLost) as stop:
        _say_stopped(grid, folder, stop, out)
        return INTERRUPTED_STATUS if isinstance(stop, KeyboardInterrupt) else 1
    states = list(progress.states.values())
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


def _say_where(grid: Grid, states: Sequence[CellState], client: Client, cluster: Cluster, out: Console) -> int:
    """Say what the cells run on and how long it may take; return how many run at a time."""
    found = len(client.scheduler_info(n_workers=-1)["workers"])
    workers = max(found, cluster.workers or 1) if cluster.where == "slurm" else max(found, 1)
    left = sum(state.status not in (DONE, *FINAL) for state in states)
    device = " and a graphics processor" if uses_gpu(client, grid.resources.gpu) else ""
    total = duration(expected_seconds(grid, left, workers))
    place = "this machine" if cluster.where == "local" else cluster.where
    each = f"{amount(grid.resources.threads, 'thread')}{device} each"
    out.print(Text(f"{workers} at a time on {place}, {each}: about {total} in all\n"))
    return workers


def _say_stopped(grid: Grid, folder: Path, stop: BaseException, out: Console) -> None:
    states = cell_states(grid, folder)
    why = str(stop) if isinstance(stop, SchedulerLost) else "Stopped"
    kept = f"{_done(states)} of {amount(len(states))} finished and kept"
    out.print(Text(f"\n{why}. {kept}; the same command goes on from here.", "yellow"))


def _conclude(grid: Grid, states: Sequence[CellState], out: Console) -> int:
    """Say what became of the grid and return the exit status."""
    if (done := _done(states)) == len(states):
        out.print(Text(f"{'All ' * (done > 1)}{amount(done)} done.", "green"))
        return 0
    out.print(Text(f"{done} of {amount(len(states))} done.", "red"))
    if table := failure_table(grid, states):
        out.print(table)
    if any(state.status in FINAL for state in states):
        out.print(Text("A failed cell is not tried again unasked: mend the cause, then `grid retry`.", "dim"))
    if any(state.status not in (DONE, *FINAL) for state in states):
        out.print(Text("The same command tries the others again.", "dim"))
    return 1
