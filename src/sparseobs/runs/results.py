"""The results store: a small tidy table, and beside it the record of the run that made it."""

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

import sparseobs
from sparseobs.errors import InputError
from sparseobs.files import project_root, replacing, sha256


class Result(NamedTuple):
    """A tidy table and its record."""

    table: pd.DataFrame
    record: dict


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
        "versions": {
            "sparseobs": sparseobs.__version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "commit": _commit(),
        "device": "cuda" if torch.cuda.is_available() else f"cpu ({torch.get_num_threads()} threads)",
        "wall_seconds": round(seconds, 1),
        "date": datetime.now(UTC).date().isoformat(),
        "platform": f"{sys.platform} {platform.machine()}",
    }


def _commit() -> str:
    """Return the commit of the checkout, marked when the tree had uncommitted changes."""
    try:
        git = ["git", "-C", str(project_root())]
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changes = subprocess.run([*git, "status", "--porcelain", "--", "src"], capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError, InputError):
        return "unknown"
    return head + (" with uncommitted changes" if changes.strip() else "")


def write_result(name: str, table: pd.DataFrame, record: dict, folder: Path | None = None) -> Path:
    """Write `NAME.csv` and, naming its hash, `NAME.json` under `results/` (or `folder`)."""
    path = (folder or project_root() / "results") / f"{name}.csv"
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    with replacing(path.with_suffix(".json")) as temporary:
        text = json.dumps({"sha256": sha256(path), **record}, indent=2, sort_keys=True)
        temporary.write_text(text + "\n")
    return path


def read_result(name: str, folder: Path | None = None) -> Result:
    """Return a stored table and its record.

    Raises:
        InputError: there is none of that name, or the table is not the one its record describes.
    """
    folder = folder or project_root() / "results"
    path = folder / f"{name}.csv"
    if not path.is_file() or not path.with_suffix(".json").is_file():
        stored = sorted(p.stem for p in folder.glob("*.csv"))
        raise InputError("result", name, "one of " + (", ".join(stored) or "(none yet)"), "making it first")
    record = json.loads(path.with_suffix(".json").read_text())
    if record["sha256"] != sha256(path):
        raise InputError("result", str(path), "the table its record describes", record["command"])
    return Result(pd.read_csv(path), record)
