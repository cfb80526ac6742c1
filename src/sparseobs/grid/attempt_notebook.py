"""One papermill execution of a cell's notebook, and what an exception there means."""

import errno
import os
import re
import signal
from pathlib import Path

import click
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

from sparseobs.grid.attempt_guard import MARK
from sparseobs.grid.attempt_job import FAILED, LOST, Job
from sparseobs.grid.attempt_record import peak_memory_mb
from sparseobs.runs.cell import KERNEL, RESULT

START_SECONDS = 300  # until a kernel says its first word, on a machine that has much to do
# The disk is full, the file system is gone, the machine is at a limit: another try may do better.
NOT_ITS_FAULT = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ESTALE,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
}


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
    with (attempt / "log.txt").open("a") as log:
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
        status = LOST if number and int(number[1]) in NOT_ITS_FAULT else FAILED
        return status, f"cell In [{error.exec_count}]: {line}", click.unstyle("\n".join(error.traceback))
    if isinstance(error, RuntimeError):  # the kernel died, or never said a word
        return LOST, f"{str(error).rstrip('.')}; was it killed? Its memory had reached {peak_memory_mb():.0f} MB", ""
    line = str(error) if isinstance(error, NothingKept) else f"{type(error).__name__}: {error}".splitlines()[0]
    return LOST if isinstance(error, OSError) else FAILED, line, ""
