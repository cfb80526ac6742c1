"""`python -m sparseobs.grid.attempt`: one attempt at one cell, in a process of its own.

The job comes as one line on standard input, which then stays open as long as somebody wants the result; the outcome
leaves as one line on standard output. Only one process at a time has a cell's lock, and it alone writes there.
"""

import os
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from sparseobs.grid import leave_out_address_checker
from sparseobs.grid.attempt_files import begin, final_failure, publish, write_failure
from sparseobs.grid.attempt_guard import Guard, end_marked
from sparseobs.grid.attempt_job import DONE, ELSEWHERE, LOST, TIMED_OUT, Job, Outcome
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.identity import code_digest


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
    from sparseobs.grid.attempt_notebook import execute, explain  # slow to import, and seldom in vain
    from sparseobs.grid.attempt_record import write_record

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
            status, line = TIMED_OUT, f"stopped after {job.limit_seconds / 60:g} minutes, its limit"
        seconds = time.time() - started
        write_failure(attempt, status=status, error=line, traceback=traceback, seconds=seconds)
        return Outcome(job.identity, status, line, seconds)


def main() -> None:
    """Take a job from standard input and say on standard output how it ended."""
    job = Job.from_line(sys.stdin.readline())
    report = os.fdopen(os.dup(1), "w")
    outcome = run_attempt(job)
    report.write(outcome.line())
    report.close()


if __name__ == "__main__":
    main()
