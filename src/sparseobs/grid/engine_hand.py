"""The cells that dask has in hand for one run: handed out, followed, and ended if the run ends first."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from uuid import uuid4

from distributed import Client, Future, KilledWorker

from sparseobs.grid.attempt_job import ELSEWHERE, LOST, Job, Outcome
from sparseobs.grid.attempt_process import CellLost, end_attempts, run_cell
from sparseobs.grid.engine_jobs import GPU

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


class Hand:
    """Cells handed to dask, as a context that leaves none behind.

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
            else:
                _, job = self.pending.pop(arrival.key)
                outcome = self._outcome(arrival, job)
                if outcome.status == ELSEWHERE and not job.wait_seconds:
                    # When the rest is done, wait for the other run; should it die, this one takes over.
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
            f"the dask scheduler went away with {len(self.pending)} cells to do. What is finished is kept: "
            "start it again and repeat the command"
        )

    def _outcome(self, future: Future, job: Job) -> Outcome:
        if future.status == "finished":
            return future.result()
        if future.status != "error":
            self.pending[future.key] = (future, job)
            raise self._scheduler_lost()
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome(job.identity, LOST, "its worker died, and so did every one that tried it again")
        prefix = "" if isinstance(error, CellLost) else f"{type(error).__name__}: "
        return Outcome(job.identity, LOST, f"{prefix}{error}")
