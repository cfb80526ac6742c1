"""The record beside a cell's result: what made it, where, when and at what cost."""

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from sparseobs.files import replacing, sha256
from sparseobs.grid.attempt_job import Job

OUTPUTS = ("result.csv", "notebook.ipynb")


def write_record(job: Job, attempt: Path, *, number: int, started: float) -> None:
    """Write the record of a finished attempt; kernel.json becomes part of it.

    Args:
        job: what was executed.
        attempt: the attempt's folder.
        number: of this attempt, counted from 1.
        started: seconds since the epoch.
    """
    kernel = json.loads((attempt / "kernel.json").read_text())
    ended = datetime.now(UTC)
    wall = ended.timestamp() - started
    measured = {
        "identity": job.identity,
        "parameters": job.parameters,
        "attempt": number,
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": ended.isoformat(timespec="seconds"),
        "wall_seconds": round(wall, 3),
        "device_seconds": round(wall if kernel["gpu"] else processor_seconds(), 3),
        "peak_memory_mb": round(peak_memory_mb(), 1),
        "outputs": {name: sha256(attempt / name) for name in OUTPUTS},
    }
    with replacing(attempt / "record.json") as temporary:
        temporary.write_text(json.dumps(job.record | kernel | measured, indent=2, sort_keys=True) + "\n")
    (attempt / "kernel.json").unlink()


def peak_memory_mb() -> float:
    """Return the largest resident memory, in 10**6 bytes, of any one process that the attempt started."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6


def processor_seconds() -> float:
    """Return the CPU time of the processes that the attempt started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
