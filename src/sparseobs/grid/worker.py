"""What a dask worker does for a cell: start an attempt as a process of its own, and tell how it ended.

The job goes into that process and its outcome comes out as one line of JSON each. As a module that dask's workers load
at their start, this one leaves Ctrl-C to the run, which then ends them.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

from sparseobs.grid.folder import LOST
from sparseobs.grid.identity import Scalar

ELSEWHERE = "elsewhere"  # another run has the cell's lock
MARK = "SPARSEOBS_CELL"  # in the environment of all that an attempt starts, whatever session or parent it ends up with
THREADS = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
# They would change a cell's result without being among its parameters.
LEFT_OUT = ("SPARSEOBS_PRESET", "SPARSEOBS_CELL_PROGRESS", MARK)


class Message:
    """What crosses a pipe as one line of JSON."""

    def line(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Return what `line` describes.

        Raises:
            ValueError: it describes none.
        """
        try:
            return cls(**json.loads(line))
        except TypeError as error:
            raise ValueError(line) from error


@dataclass(frozen=True)
class Job(Message):
    """One cell to execute.

    Args:
        root: the cell's own folder, absolute.
        identity: of the cell.
        notebook: to execute, absolute.
        parameters: handed to the notebook.
        record: what the cell's record says beside what the attempt itself measures: command, inputs, notebook, ...
        threads: CPU threads of every numerical library.
        gpu: whether the cell may see its worker's graphics processor.
        limit_seconds: after this it is stopped.
        wait_seconds: how long to wait for another run that has the cell.
    """

    root: str
    identity: str
    notebook: str
    parameters: dict[str, Scalar]
    record: dict
    threads: int = 1
    gpu: bool = False
    limit_seconds: float = 3600.0
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Outcome(Message):
    """How a cell ended.

    Args:
        identity: of the cell.
        status: done, failed, timed out, elsewhere or lost.
        message: one line: why, unless it is done.
        seconds: wall time of the attempt; 0 if nothing was executed.
        executed: whether this run executed it, or found what an earlier or another one left.
    """

    identity: str
    status: str
    message: str = ""
    seconds: float = 0.0
    executed: bool = True


class CellLost(Exception):
    """An attempt that ended for no fault of the notebook's; dask tries again."""


def run_cell(job: Job, run: str) -> Outcome:
    """Run one attempt and return its outcome; says on the topic `run` that it has begun.

    Raises:
        CellLost: the attempt was lost.
    """
    from distributed import get_worker  # here, as an attempt's process needs this module and no dask

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
        encoding="utf-8",
        errors="replace",
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


def cell_environment(job: Job) -> dict[str, str]:
    """Return the environment of the job's attempt: threads pinned, no graphics processor unless it is to use one."""
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    environment |= {name: str(job.threads) for name in THREADS}
    if not job.gpu:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    if "SPARSEOBS_ROOT" in environment:
        environment["SPARSEOBS_ROOT"] = str(Path(environment["SPARSEOBS_ROOT"]).resolve())
    return environment


def end_attempts(run: str) -> None:
    """End what the attempts of `run` on this worker have under way."""
    for child in psutil.Process().children():
        try:
            if run in child.cmdline():
                child.terminate()
        except psutil.NoSuchProcess:
            continue


def end_marked(root: Path) -> None:
    """Kill every process of this machine and user that an attempt of the cell at `root` started."""
    while marked := [process for process in psutil.process_iter() if _belongs(process, root)]:
        for process in marked:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(marked, timeout=5)


def _belongs(process: psutil.Process, root: Path) -> bool:
    try:
        mark = process.environ().get(MARK)
        return mark is not None and root in Path(mark).parents and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):  # gone meanwhile, or another user's
        return False


def dask_setup(_worker: object) -> None:
    """Ignore SIGINT in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
