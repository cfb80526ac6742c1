"""Running a grid's cells on dask: what is finished is skipped, the rest is handed out, nothing is done twice.

Scheduling, retries and restarts of workers are dask's; a cell's lock and folder (see `folder`) hold whatever dask does.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import uuid4

from distributed import Client, Future, KilledWorker

from sparseobs.errors import InputError
from sparseobs.files import replacing, sha256
from sparseobs.grid.attempt import settled
from sparseobs.grid.clusters import GPU, uses_gpu
from sparseobs.grid.folder import LOST, CellFolder, forget_failure
from sparseobs.grid.model import Grid
from sparseobs.grid.wording import amount, below_project
from sparseobs.grid.worker import ELSEWHERE, CellLost, Job, Outcome, end_attempts, run_cell
from sparseobs.runs.provenance import source_state

RETRIES = 2  # of a lost cell, at once; dask's
PATIENCE_SECONDS = 60.0  # for a cell that another run has, beyond its time limit


class SchedulerLost(RuntimeError):
    """The dask scheduler went away while cells were under way."""


@dataclass(frozen=True)
class Started:
    """A worker has taken a cell up.

    Args:
        identity: of the cell.
        times: how often in this run; above 1, its worker or kernel was lost before.
    """

    identity: str
    times: int


def run_grid(
    grid: Grid, folder: Path, client: Client, report: Callable[[Started | Outcome], None]
) -> tuple[Outcome, ...]:
    """Execute every cell of `grid` that has no result in `folder` and has not failed there.

    Args:
        grid: checked and expanded.
        folder: of the grid; made if it is not there; every worker must see it under the same path.
        client: of a dask cluster (see `clusters.open_client`).
        report: called in this thread: for each cell that starts, and once for each that is settled.

    Returns:
        one outcome a cell, in the grid's order.

    Raises:
        InputError: the folder cannot be used, or the cluster lacks what a cell needs.
        SchedulerLost: the cluster went away; finished cells are kept and the same call goes on.
        KeyboardInterrupt: the user's; cells under way have been ended, and the same call goes on.
    """
    outcomes: dict[str, Outcome] = {}
    waiting = []
    for job in make_jobs(grid, folder, client):
        cell = CellFolder(Path(job.root))
        if cell.done:  # its run may have been killed before it could do this
            shutil.rmtree(cell.progress, ignore_errors=True)
        if known := settled(cell, job.identity):
            outcomes[job.identity] = known
            report(known)
        else:
            waiting.append(job)
    with Hand(client) as hand:
        for event in hand.follow(waiting):
            if isinstance(event, Outcome):
                outcomes[event.identity] = event
            report(event)
    return tuple(outcomes[cell.identity] for cell in grid.cells)


def forget_failures(grid: Grid, folder: Path) -> int:
    """Let the next run try the grid's failed cells again; return how many there are. Their logs are kept."""
    return sum(forget_failure(CellFolder.of(folder, cell.identity)) for cell in grid.cells)


def make_jobs(grid: Grid, folder: Path, client: Client) -> list[Job]:
    """Return one job a cell, after making sure that the folder and the cluster can serve them.

    Raises:
        InputError: they cannot.
    """
    gpu = uses_gpu(client, grid.resources.gpu)
    snapshot = _snapshot(grid.notebook, folder.resolve())
    record = {
        "command": f"python -m sparseobs grid run {below_project(grid.path)} --size {grid.size}",
        "grid": grid.name,
        "size": grid.size,
        "notebook": below_project(grid.notebook),
        "notebook_sha256": sha256(snapshot),
        "inputs": grid.inputs,
        "code": grid.code,
        **source_state(),
    }
    return [
        Job(
            root=str(CellFolder.of(snapshot.parent, cell.identity).root),
            identity=cell.identity,
            notebook=str(snapshot),
            parameters=cell.parameters,
            record=record,
            threads=grid.resources.threads,
            gpu=gpu,
            limit_seconds=60 * grid.resources.minutes,
        )
        for cell in grid.cells
    ]


def _snapshot(notebook: Path, folder: Path) -> Path:
    """Return a copy of the notebook in `folder` as it is now, so that an edit during the run changes no cell."""
    copy = folder / f"notebook-{sha256(notebook)}.ipynb"
    try:
        (folder / "cells").mkdir(parents=True, exist_ok=True)
        with replacing(folder / "README.txt") as temporary:
            temporary.write_text("The cells of a grid: what was executed, its log, its result and its record.\n")
        with replacing(copy) as temporary:
            shutil.copyfile(notebook, temporary)
    except OSError as error:
        raise InputError("folder", f"{folder} ({error.strerror})", "a folder to write in", "another one") from error
    return copy


class Hand:
    """Cells handed to dask, followed, and ended if the run ends first: a context that leaves none behind.

    Args:
        client: of the cluster.
    """

    def __init__(self, client: Client):
        self.client = client
        self.run = f"sparseobs-grid-{uuid4().hex}"
        self.arrivals: SimpleQueue = SimpleQueue()
        self.pending: dict[str, tuple[Future, Job]] = {}
        self.starts: Counter[str] = Counter()

    def __enter__(self) -> "Hand":
        self.client.subscribe_topic(self.run, lambda event: self.arrivals.put(event[1]["started"]))
        return self

    def __exit__(self, *_: object) -> None:
        if self.client.status != "running":
            return
        self.client.unsubscribe_topic(self.run)
        if self.pending:
            self.client.cancel([future for future, _ in self.pending.values()], force=True)
            self.client.run(end_attempts, self.run, on_error="ignore")

    def follow(self, jobs: Iterable[Job]) -> Iterator[Started | Outcome]:
        """Hand out the jobs and yield what becomes of them; every one ends in one `Outcome`.

        Raises:
            SchedulerLost: the scheduler went away.
        """
        for job in jobs:
            self._submit(job)
        while self.pending:
            arrival = self._next_arrival()
            if isinstance(arrival, str):
                self.starts[arrival] += 1
                yield Started(arrival, self.starts[arrival])
                continue
            _, job = self.pending[arrival.key]
            outcome = self._outcome(arrival, job)
            del self.pending[arrival.key]
            if outcome.status == ELSEWHERE and not job.wait_seconds:
                # When the rest is done, wait for the other run; should it die, this one takes over.
                self.starts[job.identity] = 0  # nothing of this run's was lost
                self._submit(replace(job, wait_seconds=job.limit_seconds + PATIENCE_SECONDS), priority=-1)
            else:
                yield outcome

    def _submit(self, job: Job, priority: int = 0) -> None:
        future = self.client.submit(
            run_cell,
            job,
            self.run,
            key=f"{self.run}-{job.identity}{priority}",
            pure=False,
            retries=RETRIES,
            priority=priority,
            resources={GPU: 1} if job.gpu else None,
        )
        self.pending[future.key] = (future, job)
        future.add_done_callback(self.arrivals.put)

    def _next_arrival(self) -> str | Future:
        while True:
            try:
                return self.arrivals.get(timeout=1)
            except Empty:
                if self.client.status != "running":
                    raise self._scheduler_lost() from None

    def _scheduler_lost(self) -> SchedulerLost:
        return SchedulerLost(
            f"the dask scheduler went away with {amount(len(self.pending))} to do. What is finished is kept: "
            "start it again and repeat the command"
        )

    def _outcome(self, future: Future, job: Job) -> Outcome:
        if future.status == "finished":
            return future.result()
        if future.status != "error":
            raise self._scheduler_lost()
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome(job.identity, LOST, "its worker died, and so did every one that tried it again")
        prefix = "" if isinstance(error, CellLost) else f"{type(error).__name__}: "
        return Outcome(job.identity, LOST, f"{prefix}{error}")
