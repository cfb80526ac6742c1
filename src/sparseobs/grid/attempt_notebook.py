"""One papermill execution of a cell's notebook, what an exception there means, and the record of a success."""

import errno
import json
import os
import re
import resource
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

from sparseobs.files import replacing, sha256
from sparseobs.grid.folder import FAILED, KERNEL, LOST, RESULT
from sparseobs.grid.worker import MARK, Job

START_SECONDS = 300  # until a kernel says its first word, on a machine that has much to do
# The disk is full, the file system is gone, the machine is at a limit: another try may do better.
NOT_ITS_FAULT = "ENOSPC EDQUOT EFBIG EIO ESTALE EROFS EMFILE ENFILE ENOMEM EAGAIN".split()


class NothingKept(Exception):
    """The notebook came to its end without handing over a table."""


def execute(job: Job, attempt: Path, progress: Path) -> None:
    """Execute the job's notebook in the attempt's folder; what it prints goes to log.txt there.

    Raises:
        PapermillExecutionError: the notebook raised.
        NothingKept: it kept no table.
        RuntimeError: its kernel died.
        OSError: the disk is full, for example.
    """
    os.environ.update({MARK: str(attempt), "SPARSEOBS_CELL_PROGRESS": str(progress)})
    # Nothing of the user's own settings, and nothing left behind in the home folder.
    os.environ.update({"IPYTHONDIR": str(attempt / ".jupyter"), "JUPYTER_RUNTIME_DIR": str(attempt / ".jupyter")})
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a dask worker ignores it, a kernel must not
    with (attempt / "log.txt").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), 1)  # what compiled code prints, in the kernel too
        os.dup2(log.fileno(), 2)
        execute_notebook(
            job.notebook,
            attempt / "notebook.ipynb",
            job.parameters,
            progress_bar=False,
            stdout_file=log,
            stderr_file=log,
            cwd=attempt,
            start_timeout=START_SECONDS,
        )
    if not all((attempt / name).is_file() for name in (RESULT, KERNEL)):
        raise NothingKept(
            "the notebook kept no table. End it with `keep(table)`, after `from sparseobs.runs.cell import keep`"
        )


def explain(error: Exception) -> tuple[str, str, str]:
    """Return the status that an exception from `execute` means, one line on why, and the traceback."""
    if isinstance(error, PapermillExecutionError):
        line = f"{error.ename}: {click.unstyle(error.evalue)}".splitlines()[0]
        number = re.match(r"\[Errno (\d+)\]", error.evalue or "")
        status = LOST if number and errno.errorcode.get(int(number[1])) in NOT_ITS_FAULT else FAILED
        return status, f"cell In [{error.exec_count}]: {line}", click.unstyle("\n".join(error.traceback))
    if isinstance(error, RuntimeError):  # the kernel died, or never said a word
        return LOST, f"{str(error).rstrip('.')}; was it killed? Its memory had reached {_peak_memory_mb():.0f} MB", ""
    line = str(error) if isinstance(error, NothingKept) else f"{type(error).__name__}: {error}".splitlines()[0]
    return LOST if isinstance(error, OSError) else FAILED, line, ""


def write_record(job: Job, attempt: Path, *, number: int, started: float) -> None:
    """Write the record of a finished attempt: what made it, where, when and at what cost; kernel.json goes into it.

    Args:
        job: what was executed.
        attempt: the attempt's folder.
        number: of this attempt, counted from 1.
        started: seconds since the epoch.
    """
    kernel = json.loads((attempt / KERNEL).read_text())
    ended = datetime.now(UTC)
    wall = ended.timestamp() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "identity": job.identity,
        "parameters": job.parameters,
        "attempt": number,
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "wall_seconds": round(wall, 3),
        "device_seconds": round(wall if kernel["gpu"] else used.ru_utime + used.ru_stime, 3),
        "peak_memory_mb": round(_peak_memory_mb(), 1),
        "outputs": {name: sha256(attempt / name) for name in (RESULT, "notebook.ipynb")},
    }
    with replacing(attempt / "record.json") as temporary:
        temporary.write_text(json.dumps(job.record | kernel | measured, indent=2, sort_keys=True) + "\n")
    (attempt / KERNEL).unlink()


def _peak_memory_mb() -> float:
    """Return the largest resident memory, in 10**6 bytes, of any one process that the attempt started."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6
