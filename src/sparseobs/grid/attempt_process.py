"""What a dask worker does for a cell: start the attempt as a process of its own, and tell how it ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from distributed import get_worker

from sparseobs.grid.attempt_guard import MARK, end_marked
from sparseobs.grid.attempt_job import LOST, Job, Outcome

THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
# They would change a cell's result without being among its parameters.
LEFT_OUT = ("SPARSEOBS_PRESET", "SPARSEOBS_CELL_PROGRESS", MARK)


class CellLost(Exception):
    """An attempt that ended for no fault of the notebook's; dask tries again."""


def cell_environment(job: Job) -> dict[str, str]:
    """Return the environment of the job's attempt: threads pinned, no graphics processor unless it is to use one."""
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    environment |= {name: str(job.threads) for name in THREADS}
    if not job.gpu:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    if "SPARSEOBS_ROOT" in environment:
        environment["SPARSEOBS_ROOT"] = str(Path(environment["SPARSEOBS_ROOT"]).resolve())
    return environment


def run_cell(job: Job, run: str) -> Outcome:
    """Run one attempt and return its outcome; says on the topic `run` that it has begun.

    Raises:
        CellLost: the attempt was lost.
    """
    get_worker().log_event(run, {"started": job.identity})
    outcome = attempt_cell(job, run)
    if outcome.status == LOST:
        raise CellLost(outcome.message)
    return outcome


def attempt_cell(job: Job, run: str) -> Outcome:
    """Run one attempt in a process of its own, which carries the name `run`, and return its outcome."""
    with subprocess.Popen(
        # -P: no module beside the worker stands in for one of Python's own.
        [sys.executable, "-P", "-m", "sparseobs.grid.attempt", run],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=cell_environment(job),
        start_new_session=True,  # the user's Ctrl-C is for the run, which ends its attempts itself
        text=True,
    ) as process:
        said: list[str] = []
        try:
            process.stdin.write(job.line())
            process.stdin.flush()
            said = process.stdout.read().splitlines()
        except BrokenPipeError:  # it ended at once; what it said is lost with it
            pass
        status = process.wait()
    try:
        return Outcome.from_line(said[-1])
    except (IndexError, ValueError):
        end_marked(Path(job.root))
        cause = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return Outcome(job.identity, LOST, " ".join([f"the attempt's process ended ({cause})", *said[-1:]]))


def end_attempts(run: str) -> None:
    """End what the attempts of `run` on this worker have under way."""
    for child in psutil.Process().children():
        try:
            if run in child.cmdline():
                child.terminate()
        except psutil.NoSuchProcess:
            continue
