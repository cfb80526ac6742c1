"""What the user's own files must look like: one schema, which is checked, printed and shown in the book."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError, nearest
from sparseobs.stations.iso_time import utc_times

TABLES = (".csv", ".parquet")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: as in the file's first line.
        kind: `text`, `number` or `time`.
        meaning: with the unit.
        least: smallest number that can be right.
        most: largest.
        needed: whether a file may lack the column.
        gaps: whether a cell may be empty.
    """

    name: str
    kind: str
    meaning: str
    least: float = -np.inf
    most: float = np.inf
    needed: bool = True
    gaps: bool = False


STATIONS = (
    Column("station", "text", "identifier, each once"),
    Column("latitude", "number", "degrees north", -90, 90),
    Column("longitude", "number", "degrees east", -180, 180),
    Column("height", "number", "m above the sea", -500, 9000),
    Column("name", "text", "what to call it (default: its identifier)", needed=False),
)
READINGS = (
    Column("station", "text", "identifier, one of those in stations"),
    Column("time", "time", "ISO 8601 with its offset from UTC, as in 2020-06-09T12:00Z or 2020-06-09T14:00+02:00"),
    Column("temperature", "number", "air temperature at 2 m, degC, empty where missing", -90, 60, gaps=True),
)


def describe_schema() -> str:
    """Return the schema as text."""
    lines = [
        "local/reanalysis*.nc, .grib or .zarr: variable t2m or 2m_temperature",
        "  dimensions time (UTC), latitude, longitude; attribute units K or degC; no gaps",
        "local/elevation.tif or .nc (optional): height of the ground, m",
    ]
    for name, columns in (("stations", STATIONS), ("readings", READINGS)):
        lines.append(f"local/{name}.csv or .parquet: one row a {name.removesuffix('s')}")
        for column in columns:
            span = f", {column.least:g} to {column.most:g}" if np.isfinite(column.least) else ""
            optional = "" if column.needed else "; optional"
            lines.append(f"  {column.name:<12}{column.kind:<8}{column.meaning}{span}{optional}")
    return "\n".join(lines)


def read_table(path: Path, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return the columns of a CSV or Parquet file, each of its kind; times become UTC without an offset.

    Raises:
        InputError: the file is missing or damaged, lacks a column, or has a value of another kind or out of range.
    """
    table = _read(path, columns)
    found = {}
    for column in columns:
        if column.name in table:
            found[column.name] = _typed(path, table[column.name], column)
        elif column.needed:
            given = f"{path} (columns {', '.join(map(str, table.columns))})"
            close = nearest(column.name, map(str, table.columns)) if len(table.columns) else "one"
            raise InputError("local table", given, f"a column {column.name}", f"renaming {close!r}")
    return pd.DataFrame(found)


def _read(path: Path, columns: tuple[Column, ...]) -> pd.DataFrame:
    expected = "a CSV or Parquet file"
    if not path.is_file():
        raise InputError("local table", str(path), f"{expected} there", "`python -m sparseobs data check local`")
    texts = {column.name: str for column in columns if column.kind != "number"}
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=texts)
    except ImportError as error:
        raise InputError("local table", str(path), "the package pyarrow", "pip install 'sparseobs[real]'") from error
    except (ValueError, OSError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("local table", given, expected, "saving it again") from error


def _typed(path: Path, values: pd.Series, column: Column) -> pd.Series:
    """Return the values as their column wants them, or say which row has one that cannot be right."""
    if column.kind == "time":
        typed = _utc(path, values)
    elif column.kind == "number":
        typed = pd.to_numeric(values, errors="coerce").astype(float)
        wrong = typed.isna() & values.notna()
        _refuse(path, values, wrong | (typed < column.least) | (typed > column.most), column)
    else:
        typed = values.where(values.isna(), values.astype(str).str.strip())
    if not column.gaps:
        _refuse(path, values, typed.isna(), column)
    return typed


def _refuse(path: Path, values: pd.Series, wrong: pd.Series, column: Column) -> None:
    """Raise `InputError` at the first row where `wrong` is true."""
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    span = f" from {column.least:g} to {column.most:g}" if np.isfinite(column.least) else ""
    expected = f"{column.meaning}{span}"
    hint = "degC for K or °F" if column.name == "temperature" else f"mending {int(wrong.sum())} such rows"
    raise InputError(f"column {column.name}", f"{values.iloc[row]!s} in {path}, row {row + 1}", expected, hint)


def _utc(path: Path, values: pd.Series) -> pd.Series:
    """Return times in UTC; one that does not say its offset is refused, for nothing shows which hour it means."""
    column = next(column for column in READINGS if column.kind == "time")
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ns]")
    times = utc_times(values.astype(str))
    _refuse(path, values, times.isna(), column)
    return times
