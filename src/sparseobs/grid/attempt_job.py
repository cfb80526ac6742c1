"""What goes into an attempt at a cell and what comes out; both cross a pipe as one line of JSON."""

import json
from dataclasses import asdict, dataclass

from sparseobs.grid.model import Scalar

DONE = "done"
FAILED = "failed"  # the notebook raised, or kept no table
TIMED_OUT = "timed out"
ELSEWHERE = "elsewhere"  # another run has the cell's lock
LOST = "lost"  # not the notebook's fault: kernel killed, disk full, worker gone
FINAL = (FAILED, TIMED_OUT)  # tried again only when the user asks


@dataclass(frozen=True)
class Job:
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

    def line(self) -> str:
        """Return the job as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Job":
        """Return the job that `line` describes."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class Outcome:
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

    def line(self) -> str:
        """Return the outcome as one line."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Outcome":
        """Return the outcome that `line` describes.

        Raises:
            ValueError: it describes none.
        """
        try:
            return cls(**json.loads(line))
        except TypeError as error:
            raise ValueError(line) from error
