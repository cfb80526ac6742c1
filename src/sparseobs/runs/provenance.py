"""What has to be known of a run to make its table again. Nothing here loads torch."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from sparseobs.errors import InputError
from sparseobs.files import project_root

# The libraries that numbers come from; a library that is not installed is left out.
LIBRARIES = ("sparseobs", "torch", "numpy", "scipy", "pandas", "xarray", "dapper")
# What may change a number; tables that a run itself writes do not make its tree unclean.
SOURCES = ("src", "notebooks", "grids", "pyproject.toml", "constraints.txt")


def run_record(command: str, parameters: dict, seconds: float, inputs: dict[str, str] | None = None) -> dict:
    """Return what is needed to make a table again.

    Args:
        command: what a reader types at a shell.
        parameters: the effective settings, seeds included.
        seconds: wall time of the run.
        inputs: SHA-256 of every file read, by name.
    """
    return {
        "command": command,
        "parameters": parameters,
        "inputs": inputs or {},
        **source_state(),
        **process_state(),
        "wall_seconds": round(seconds, 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def source_state() -> dict[str, str | bool | None]:
    """Return `commit` (`unknown` outside a checkout) and `clean`: whether the sources are as committed there."""
    try:
        root = project_root()
        head, inside = _git(root, "rev-parse", "HEAD", "--show-prefix").split("\n")[:2]
        if inside:  # a copy without its own history, within another project's checkout
            return {"commit": "unknown", "clean": None}
        return {"commit": head, "clean": not _git(root, "status", "--porcelain", "--", *SOURCES)}
    except (OSError, subprocess.CalledProcessError, InputError):
        return {"commit": "unknown", "clean": None}


def _git(root: os.PathLike, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def process_state() -> dict:
    """Return `versions`, `device`, `threads`, `gpu`, `gpu_peak_memory_mb` and `platform` of this process.

    The GPU is named only where torch has used it; its peak memory is in MB of 10**6 bytes, as torch counted it.
    """
    torch = sys.modules.get("torch")
    uses_gpu = torch is not None and torch.cuda.is_initialized()
    threads = torch.get_num_threads() if torch is not None else int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
    gpu = torch.cuda.get_device_name() if uses_gpu else None
    return {
        "versions": versions(),
        "device": f"cuda ({gpu})" if uses_gpu else f"cpu ({threads} thread{'s' * (threads > 1)})",
        "threads": threads,
        "gpu": gpu,
        "gpu_peak_memory_mb": round(torch.cuda.max_memory_allocated() / 1e6, 1) if uses_gpu else None,
        "platform": f"{sys.platform} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Return the version of Python and of every library that numbers come from, by name."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
