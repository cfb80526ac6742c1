"""One run of a grid as a person sees it: what is to be done, how far it is, what came of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distributed import Client
from rich.console import Console
from rich.text import Text

from sparseobs.grid.attempt_job import DONE, FINAL
from sparseobs.grid.clusters import open_client
from sparseobs.grid.engine import SchedulerLost, run_grid
from sparseobs.grid.engine_jobs import uses_gpu
from sparseobs.grid.model import Grid
from sparseobs.grid.overview import expected_seconds, overview
from sparseobs.grid.progress import Progress
from sparseobs.grid.signals import stopped_like_ctrl_c
from sparseobs.grid.state import CellState, cell_states
from sparseobs.grid.status import failure_table
from sparseobs.grid.wording import cells, duration

INTERRUPTED_STATUS = 130  # of a shell's command that Ctrl-C ended


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


def run(grid: Grid, folder: Path, cluster: Cluster, out: Console) -> int:
    """Run what is left of `grid`, show how it goes, and return the exit status: 0 only if every cell is done."""
    states = cell_states(grid, folder)
    out.print(overview(grid, folder, states))
    if all(state.status in (DONE, *FINAL) for state in states):
        return _conclude(grid, states, out)
    started, done_before = time.monotonic(), _done(states)
    try:
        with stopped_like_ctrl_c(), _opened(grid, cluster) as client:
            workers = _say_where(grid, states, client, cluster, out)
            with Progress(grid, folder, workers=workers, out=out).shown() as progress:
                run_grid(grid, folder, client, progress)
    except (KeyboardInterrupt, SchedulerLost) as stop:
        _say_stopped(grid, folder, stop, out)
        return INTERRUPTED_STATUS if isinstance(stop, KeyboardInterrupt) else 1
    states = list(progress.states.values())
    new = cells(_done(states) - done_before)
    out.print(Text(f"\n{new} finished in {duration(time.monotonic() - started)}."))
    return _conclude(grid, states, out)


def _opened(grid: Grid, cluster: Cluster):
    return open_client(grid, cluster.where, workers=cluster.workers, workers_per_gpu=cluster.workers_per_gpu)


def _done(states: Sequence[CellState]) -> int:
    return sum(state.status == DONE for state in states)


def _say_where(grid: Grid, states: Sequence[CellState], client: Client, cluster: Cluster, out: Console) -> int:
    """Say what the cells run on and how long it may take; return how many run at a time."""
    found = len(client.scheduler_info(n_workers=-1)["workers"])
    workers = max(found, cluster.workers or 1) if cluster.where == "slurm" else max(found, 1)
    left = sum(state.status not in (DONE, *FINAL) for state in states)
    device = " and a graphics processor" if uses_gpu(client, grid.resources.gpu) else ""
    threads = f"{grid.resources.threads} thread{'s' * (grid.resources.threads > 1)}"
    total = duration(expected_seconds(grid, left, workers))
    place = "this machine" if cluster.where == "local" else cluster.where
    out.print(Text(f"{workers} at a time on {place}, {threads}{device} each: about {total} in all\n"))
    return workers


def _say_stopped(grid: Grid, folder: Path, stop: BaseException, out: Console) -> None:
    states = cell_states(grid, folder)
    why = str(stop) if isinstance(stop, SchedulerLost) else "Stopped"
    kept = f"{_done(states)} of {cells(len(states))} finished and kept"
    out.print(Text(f"\n{why}. {kept}; the same command goes on from here.", "yellow"))


def _conclude(grid: Grid, states: Sequence[CellState], out: Console) -> int:
    """Say what became of the grid and return the exit status."""
    if (done := _done(states)) == len(states):
        out.print(Text(f"All {cells(done)} done.", "green"))
        return 0
    out.print(Text(f"{done} of {cells(len(states))} done.", "red"))
    if table := failure_table(grid, states):
        out.print(table)
    if any(state.status in FINAL for state in states):
        out.print(Text("A failed cell is not tried again unasked: mend the cause, then `grid retry`.", "dim"))
    if any(state.status not in (DONE, *FINAL) for state in states):
        out.print(Text("The same command tries the others again.", "dim"))
    return 1
