"""The results store: a small tidy table, and beside it the record of the run that made it."""

import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import project_root, replacing, sha256


class Result(NamedTuple):
    """A tidy table and its record."""

    table: pd.DataFrame
    record: dict


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
