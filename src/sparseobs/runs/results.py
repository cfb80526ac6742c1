"""The results store: small tidy tables, beside each the record of the run that made it, and what the columns mean.

results/NAME.csv          the table
results/NAME.json         its record: `command`, `size`, `cells`, `date`, `device`, `commit`, `clean`, ..., `sha256`
results/dictionary.csv    a line for each column of each table: table, column, type, unit, meaning
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import project_root, replacing, results_folder, sha256

DICTIONARY = "dictionary.csv"
SIZE_IN_COMMAND = re.compile(r"--(?:size|preset)[ =](\w+)")  # for records that have no `size` of their own


class Result(NamedTuple):
    """A tidy table and its record.

    Args:
        table: one observation a row.
        record: what has to be known of the run to make it again.
    """

    table: pd.DataFrame
    record: dict


class Statement(str):
    """Markdown that a page shows as such when it ends a cell."""

    def _repr_markdown_(self) -> str:
        return str(self)


def write_result(name: str, table: pd.DataFrame, record: dict, folder: Path | None = None) -> Path:
    """Write `NAME.csv` and, naming its hash, `NAME.json` under `results/` (or `folder`).

    Args:
        name: of the table, without suffix.
        table: one observation a row.
        record: from `run_record`.
        folder: where to write; the project's `results` if None.

    Raises:
        InputError: the name is taken by the data dictionary.
    """
    path = (folder or project_root() / "results") / f"{name}.csv"
    if path.name == DICTIONARY:
        raise InputError("result", name, "another name: this one is the data dictionary's", "the experiment's name")
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")
    with replacing(path.with_suffix(".json")) as temporary:
        text = json.dumps({"sha256": sha256(path), **record}, indent=2, sort_keys=True)
        temporary.write_text(text + "\n")
    return path


def stored_names(folder: Path | None = None) -> list[str]:
    """Return the names of the stored tables, in order.

    Args:
        folder: where they lie; the project's `results` if None.
    """
    tables = (folder or results_folder()).glob("*.csv")
    return sorted(path.stem for path in tables if path.name != DICTIONARY)


def read_result(name: str, folder: Path | None = None) -> Result:
    """Return a stored table and its record.

    Args:
        name: of a stored table.
        folder: where it lies; the project's `results` if None.

    Raises:
        InputError: there is none of that name, or the table is not the one its record describes.
    """
    folder = folder or results_folder()
    path = folder / f"{name}.csv"
    if not path.is_file() or not path.with_suffix(".json").is_file():
        stored = ", ".join(stored_names(folder)) or "(none yet)"
        raise InputError("result", name, f"one of {stored}", "making it first")
    record = json.loads(path.with_suffix(".json").read_text())
    if record["sha256"] != sha256(path):
        raise InputError("result", str(path), "the table its record describes", record["command"])
    return Result(pd.read_csv(path), record)


def read_dictionary(folder: Path | None = None) -> pd.DataFrame:
    """Return what the columns of the stored tables mean: `table`, `column`, `type`, `unit`, `meaning`.

    Args:
        folder: where it lies; the project's `results` if None.
    """
    return pd.read_csv((folder or results_folder()) / DICTIONARY, keep_default_na=False)


def about_result(name: str, folder: Path | None = None) -> Statement:
    """Return what a page says beside a stored table: its size, date, device, cost, command and files.

    The links lead where a page in `notebooks/` finds the files.

    Args:
        name: of a stored table.
        folder: where it lies; the project's `results` if None.

    Raises:
        InputError: as `read_result`.
    """
    table, record = read_result(name, folder)
    count, missing = len(record.get("cells", ())), record.get("cells_missing", 0)
    cells = f"{count} of {count + missing}" if missing else f"{count}"
    devices = [record["device"]] if isinstance(record["device"], str) else record["device"]
    facts = [
        f"**Stored table `{name}`**, size **{result_size(record)}**",
        f"{len(table)} rows" + (f" from {cells} cells" if count else ""),
        f"made {record['date']} on {' and '.join(devices)}",
        f"{duration(record.get('device_seconds', record['wall_seconds']))} of computing",
        f"commit `{record['commit'][:10]}`" + {False: " with uncommitted changes"}.get(record.get("clean"), ""),
    ]
    files = [
        f"[table](../results/{name}.csv)",
        f"[record](../results/{name}.json)",
        "[what its columns mean](../book/stored_tables.md)",
    ]
    return Statement(f"{', '.join(facts)}. {' · '.join(files)}\n\n```bash\n{record['command']}\n```\n")


def result_size(record: dict) -> str:
    """Return the size at which a table was made: smoke, lesson, study or paper; `unknown` if no word of it is kept."""
    found = SIZE_IN_COMMAND.search(record["command"])
    return record.get("size") or (found[1] if found else "unknown")


def duration(seconds: float) -> str:
    """Return a time in the largest unit of which there are at least two."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
