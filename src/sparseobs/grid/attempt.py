"""`python -m sparseobs.grid.attempt`: one attempt at one cell, in a process of its own.

The job comes as one line on standard input, which then stays open as long as somebody wants the result; the outcome
leaves as one line on standard output. Only one process at a time has a cell's lock, and it alone writes there.
"""

import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sparseobs.grid.address_checker import leave_out_address_checker
from sparseobs.grid.folder import (
    DONE,
    ENDED_WITH_RUN,
    HEARTBEAT_SECONDS,
    INTERRUPTED,
    LOST,
    TIMED_OUT,
    CellFolder,
    begin,
    final_failure,
    publish,
    write_failure,
)
from sparseobs.grid.identity import code_digest
from sparseobs.grid.wording import duration
from sparseobs.grid.worker import ELSEWHERE, Job, Outcome, end_marked


def run_attempt(job: Job) -> Outcome:
    """Execute the job unless another process is at it or it has been settled."""
    cell = CellFolder(Path(job.root))
    try:
        cell.root.mkdir(parents=True, exist_ok=True)
        with FileLock(cell.lock, timeout=job.wait_seconds, poll_interval=0.2):
            return settled(cell, job.identity) or _execute(job, cell)
    except Timeout:
        return Outcome(job.identity, ELSEWHERE, "another run has it", executed=False)
    except OSError as error:
        return Outcome(job.identity, LOST, f"{type(error).__name__}: {error}")


def settled(cell: CellFolder, identity: str) -> Outcome | None:
    """Return what is known of a cell that is not to be executed again; None if it is."""
    if cell.done:
        return Outcome(identity, DONE, executed=False)
    failure = final_failure(cell)
    return Outcome(identity, failure["status"], failure["error"], executed=False) if failure else None


def _execute(job: Job, cell: CellFolder) -> Outcome:
    if code_digest(Path(job.notebook)) != job.record["code"]:
        reason = "the package differs here from what it was when the run began: repeat the command"
        return Outcome(job.identity, LOST, reason, executed=False)
    started = time.time()
    leave_out_address_checker()
    sys.modules.setdefault("pyarrow", None)  # papermill would load it for Hadoop's file system
    from sparseobs.grid.attempt_notebook import execute, explain, write_record  # slow to import, and seldom in vain

    end_marked(cell.root)  # what a killed attempt may have left running
    attempt, number = begin(cell, job.parameters)
    guard = Guard(cell.root, attempt, limit_seconds=job.limit_seconds, lifeline=sys.stdin.fileno())
    try:
        with guard:
            try:
                execute(job, attempt, cell.progress)
            finally:
                end_marked(cell.root)  # what the notebook left running
        write_record(job, attempt, number=number, started=started)
        publish(cell, attempt)
        return Outcome(job.identity, DONE, seconds=time.time() - started)
    except Exception as error:  # whatever it is, this cell has failed and the others go on
        status, line, traceback = explain(error)
        if guard.timed_out:
            status, line = TIMED_OUT, f"stopped after {duration(job.limit_seconds)}, its limit"
        seconds = time.time() - started
        write_failure(attempt, status=status, error=line, traceback=traceback, seconds=seconds)
        return Outcome(job.identity, status, line, seconds)


class Guard(threading.Thread):
    """A thread that ends what the attempt started when its time is up, and all of it when its worker is gone.

    Args:
        root: the cell's folder.
        attempt: the attempt's folder.
        limit_seconds: after this its notebook is stopped, and `timed_out` set.
        lifeline: file descriptor that reaches its end when the worker is gone.
    """

    def __init__(self, root: Path, attempt: Path, *, limit_seconds: float, lifeline: int):
        super().__init__(daemon=True)
        self.root, self.attempt, self.lifeline = root, attempt, lifeline
        self.deadline = time.monotonic() + limit_seconds
        self.timed_out = False
        self._finished, self._finish = os.pipe()

    def __enter__(self) -> "Guard":
        signal.signal(signal.SIGTERM, lambda *_: self.end_all())
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._finish, b".")
        self.join()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def run(self) -> None:
        """Watch until the attempt has finished."""
        while True:
            left = max(0.0, self.deadline - time.monotonic())
            wait = HEARTBEAT_SECONDS if self.timed_out else min(HEARTBEAT_SECONDS, left)
            ready, _, _ = select.select([self._finished, self.lifeline], [], [], wait)
            if self._finished in ready:
                return
            if self.lifeline in ready:
                self.end_all()
            if time.monotonic() >= self.deadline:
                self.timed_out = True
                end_marked(self.root)
            with suppress(OSError):  # a file system that is away for a moment must not end the watch
                os.utime(self.attempt / "heartbeat")

    def end_all(self) -> None:
        """End all that the attempt started, and this process at once: nobody wants the cell's result any more."""
        end_marked(self.root)
        with suppress(OSError):  # whoever asks meanwhile is not told that it runs
            write_failure(self.attempt, status=INTERRUPTED, error=ENDED_WITH_RUN)
        os._exit(128 + signal.SIGTERM)


def main() -> None:
    """Take a job from standard input and say on standard output how it ended."""
    job = Job.from_line(sys.stdin.readline())
    report = os.fdopen(os.dup(1), "w")
    outcome = run_attempt(job)
    report.write(outcome.line())
    report.close()


if __name__ == "__main__":
    main()
