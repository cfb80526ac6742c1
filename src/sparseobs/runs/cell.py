"""What a grid's notebook calls: a place for its progress, and the table that is its result.

Outside a grid both do nothing lasting, so that the same notebook can be opened and run by hand.
"""

import json
import os
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import replacing
from sparseobs.runs.provenance import process_state

RESULT, KERNEL = "result.csv", "kernel.json"
# As pandas infers them: what a CSV gives back as it was.
PLAIN = {"integer", "floating", "mixed-integer-float", "string", "boolean", "categorical", "empty"}


def progress_path(name: str) -> Path | None:
    """Return where the cell's long work keeps `name` for its next attempt; None outside a grid.

    Args:
        name: a file's name, such as `training.safetensors`.

    Raises:
        InputError: `name` leads elsewhere.
    """
    if not name or Path(name).name != name or name in (".", ".."):
        raise InputError("progress_path", name, "a file's name without a folder", "'training.safetensors'")
    folder = os.environ.get("SPARSEOBS_CELL_PROGRESS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / name


def keep(table: pd.DataFrame, read: dict[str, str] | None = None) -> None:
    """Make `table` the cell's result, in full precision, and say what computed it; outside a grid only check it.

    Args:
        table: tidy, one row an outcome: named columns of numbers, texts or truth values; gaps are NaN.
        read: SHA-256 by name of files outside the project that decided it, such as measurements; for the record.

    Raises:
        InputError: it is no such table, or the cell has kept one before.
    """
    _check(table)
    if not (folder := os.environ.get("SPARSEOBS_CELL")):
        return
    path = Path(folder) / RESULT
    if path.exists():
        raise InputError("keep", "a second table", "one table a cell", "pandas.concat before keep")
    with replacing(Path(folder) / KERNEL) as temporary:
        temporary.write_text(json.dumps(process_state() | {"read": read or {}}, indent=2, sort_keys=True) + "\n")
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def _check(table: pd.DataFrame) -> None:
    """Raise `InputError` unless the table can be stored and read again without loss."""
    if not isinstance(table, pd.DataFrame) or table.empty:
        given = f"{len(table)} rows" if isinstance(table, pd.DataFrame) else type(table).__name__
        raise InputError("keep", given, "a pandas.DataFrame with rows and columns", "pandas.DataFrame(rows)")
    names = list(table.columns)
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise InputError("keep", names, "columns with names, each once", "table.rename(columns=...)")
    for name in names:
        kind = pd.api.types.infer_dtype(table[name], skipna=True)
        if kind not in PLAIN:
            raise InputError(f"keep, column {name}", kind, "numbers, texts or truth values", "one plain value a row")
