"""What a process has held at most."""

import re
import resource
import sys
from pathlib import Path


def peak_resident_mb() -> float:
    """Return this process's peak resident memory in 10**6 bytes.

    Linux counts in `getrusage` what a parent held when it started this process; `/proc` does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
