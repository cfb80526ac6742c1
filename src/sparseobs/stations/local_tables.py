"""A table of the user's own, each column of its kind and in the schema's units, or the row that cannot be right."""

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from sparseobs.errors import InputError, nearest
from sparseobs.stations.containers import kind_of
from sparseobs.stations.local_days import Lines, lines_of
from sparseobs.stations.local_found import refusal, table_file
from sparseobs.stations.local_layout import UNITS, Layout
from sparseobs.stations.local_schema import READINGS, Column
from sparseobs.stations.period import Period

SCHEMA = Layout()
EMPTY = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A")
# What services and loggers write for no reading, of either sign.
CODES = (99.9, 99.99, 999.0, 999.9, 9999.0, 9999.9, 32767.0, 32768.0, 99999.0)
ALONE = 5.0  # a code is no reading if no reading is as near to it as that


def read_table(
    path: Path, columns: tuple[Column, ...], layout: Layout = SCHEMA, days: Period | None = None
) -> pd.DataFrame:
    """Return the columns of a CSV or Parquet file, each of its kind; times become UTC without an offset.

    Args:
        path: a CSV or Parquet file, or an archive of one.
        columns: wanted of it.
        layout: of the file, where it is not the schema's.
        days: of others only those rows are read whose day their bytes do not tell, and a day more at either end; the
            attribute `passed` counts the rest. None reads all rows.

    Raises:
        InputError: the file is missing or damaged, lacks a column, or has a value of another kind or out of range.
    """
    table, passed = _read(path, columns, layout, days)
    found = {
        column.name: _typed(path, table[column.name], column, layout) for column in columns if column.name in table
    }
    typed = pd.DataFrame(found)
    typed.attrs["passed"] = passed
    return typed


def _read(path: Path, columns: tuple[Column, ...], layout: Layout, days: Period | None) -> tuple[pd.DataFrame, int]:
    """Return the file's columns, as text where they are no numbers, under the schema's names; and the rows not read."""
    if not path.is_file():
        expected = "a CSV or Parquet file there"
        raise InputError("local table", str(path), expected, "`python -m sparseobs data check local`")
    if kind_of(path) == "Parquet" or path.suffix == ".parquet":
        (table, passed), content = _read_parquet(path, layout, days), None
    else:
        lines = _lines(path, layout, days)
        content, passed = lines.content, lines.passed
        table = _read_csv(path, lines, columns, layout)
    table = table.rename(columns=lambda name: str(name).strip().lstrip("#").strip())
    taken = {column.name: _taken(path, table, column, layout) for column in columns}
    needed = [column.name for column in columns if column.needed]
    if any(taken[name] is None for name in needed):
        if content is not None and layout == SCHEMA:
            raise refusal(path, content, needed)
        lacking = next(name for name in needed if taken[name] is None)
        close = nearest(lacking, map(str, table.columns)) if len(table.columns) else "one"
        given = f"{path} (columns {', '.join(map(str, table.columns))})"
        raise InputError("local table", given, f"a column {lacking}", f"renaming {close!r}, or `columns` in local.yaml")
    return pd.DataFrame({name: values for name, values in taken.items() if values is not None}), passed


def _lines(path: Path, layout: Layout, days: Period | None) -> Lines:
    """Return the lines of a table, those of some days if these are told and can be found."""
    with table_file(path) as file:
        found = lines_of(file, _sources("time", layout), layout, days) if days else None
        return found or Lines(file.read_bytes())


def _sources(name: str, layout: Layout) -> list[str]:
    """Return what the file calls one of the schema's columns."""
    sources = layout.columns.get(name, name)
    return [str(source) for source in (sources if isinstance(sources, list) else [sources])]


def _taken(path: Path, table: pd.DataFrame, column: Column, layout: Layout) -> pd.Series | None:
    """Return one of the schema's columns out of the file's, None if it is not there."""
    if column.name == "station" and layout.station is not None:
        return pd.Series(layout.station, index=table.index, dtype=object)
    sources = _sources(column.name, layout)
    if any(source not in table for source in sources):
        return None
    if len(sources) == 1:
        return table[sources[0]]
    texts = [table[source].astype(str).str.strip() for source in sources]
    return texts[0].str.cat(texts[1:], sep=" ")


def _read_parquet(path: Path, layout: Layout, days: Period | None) -> tuple[pd.DataFrame, int]:
    """Return a Parquet file's table, of some days if told and the times are no texts; and how many rows it left out."""
    try:
        time, n_rows = _time_column(path, layout) if days else (None, 0)
        if time is None:
            return pd.read_parquet(path), 0
        zone = time.type.tz
        first, stop = (
            (day.tz_localize("UTC").tz_convert(zone) if zone else day).to_pydatetime()
            for day in (days.widened.start, days.widened.stop)
        )
        table = pd.read_parquet(path, filters=[(time.name, ">=", first), (time.name, "<", stop)])
        return table, n_rows - len(table)
    except ImportError as error:
        raise InputError("local table", str(path), "the package pyarrow", "pip install 'sparseobs[real]'") from error
    except (ValueError, OSError) as error:
        given = f"{path} ({type(error).__name__}: {error})"
        raise InputError("local table", given, "a Parquet file", "saving it again") from error


def _time_column(path: Path, layout: Layout) -> tuple[object, int]:
    """Return the field of a Parquet file's times, None where they are texts, and how many rows there are."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        fields = [field for field in file.schema_arrow if field.name in _sources("time", layout)]
        times = [field for field in fields if pa.types.is_timestamp(field.type)]
        return (times[0] if times else None), file.metadata.num_rows


def _read_csv(path: Path, lines: Lines, columns: tuple[Column, ...], layout: Layout) -> pd.DataFrame:
    """Return a CSV as text, but for the columns of numbers; an empty field of these is missing."""
    content = lines.content
    numbers = [layout.columns.get(column.name, column.name) for column in columns if column.kind == "number"]
    options = {"sep": layout.separator, "decimal": layout.decimal, "skiprows": layout.skip, "encoding": layout.encoding}
    try:
        names = pd.read_csv(BytesIO(content), nrows=0, skipinitialspace=True, **options).columns
        kinds = {name: str for name in names if name.strip().lstrip("#").strip() not in numbers}
        empty = {name: [*EMPTY, *map(str, layout.missing)] for name in names if name not in kinds}
        with warnings.catch_warnings():
            # A line with more fields than there are names would be cut, and 15,7 be read as 15.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                BytesIO(content),
                dtype=kinds,
                na_values=empty,
                keep_default_na=False,
                index_col=False,
                skipinitialspace=True,
                low_memory=False,
                **options,
            )
    except (ValueError, OSError, pd.errors.ParserWarning) as error:
        problem = f"{type(error).__name__}: {str(error).strip()}"
        raise refusal(path, content, [column.name for column in columns if column.needed], problem) from error
    if lines.rows is not None and len(lines.rows) == len(table):
        table.index = lines.rows
    if not layout.skip or not len(table.columns):
        return table
    kept = table[~table.iloc[:, 0].astype(str).str.startswith("#")]
    return kept.reset_index(drop=True) if lines.rows is None else kept


def _typed(path: Path, values: pd.Series, column: Column, layout: Layout) -> pd.Series:
    """Return the values as their column wants them, or say which row has one that cannot be right."""
    if column.kind == "time":
        typed = _utc(path, values, column, layout)
    elif column.kind == "number":
        typed = _numbers(path, values, column, layout)
    else:
        texts = values.where(values.isna(), values.astype(str).str.strip())
        typed = texts.where(texts != "")
    if column.gaps:
        return typed
    if column.kind == "text" and not column.needed:
        return typed.fillna("")
    _refuse(path, values, typed.isna(), column)
    return typed


def _numbers(path: Path, values: pd.Series, column: Column, layout: Layout) -> pd.Series:
    """Return finite numbers in range, in degC where they are temperatures, NaN where the file says missing."""
    typed = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = typed.isna() & values.notna() & ~values.isin(layout.missing)
    if wrong.any():
        _refuse(path, values, wrong, column, _about_texts(values[wrong]))
    codes = pd.to_numeric(pd.Series(layout.missing, dtype=object), errors="coerce").dropna()
    typed = typed.where(~typed.isin(codes.astype(float)))
    _refuse(path, values, np.isinf(typed), column)
    if column.name == "temperature":
        _refuse_codes(path, values, typed, column, layout)
        typed = UNITS[layout.unit](typed)
    require_range(path, typed, column)
    return typed


def require_range(path: Path, typed: pd.Series, column: Column) -> None:
    """Raise `InputError` at the first row of a column of numbers that is out of its range."""
    _refuse(path, typed, (typed < column.least) | (typed > column.most), column)


def _about_texts(texts: pd.Series) -> str:
    """Return what to try where a cell of numbers holds a text."""
    tokens = texts.astype(str).str.strip()
    if tokens.str.fullmatch(r"[+-]?\d+,\d+").all():
        return "`decimal: ','` in local.yaml"
    counts = tokens.value_counts().head(3)
    named = ", ".join(f"{token!r} in {count} rows" for token, count in counts.items())
    return f"an empty cell where there is no reading ({named}), or `missing: [{', '.join(counts.index)}]` in local.yaml"


def _refuse_codes(path: Path, values: pd.Series, typed: pd.Series, column: Column, layout: Layout) -> None:
    """Refuse numbers that stand for no reading: one of `CODES`, impossible in degC and far from every other value."""
    celsius = UNITS[layout.unit](typed)
    plain = next(known for known in READINGS if known.name == column.name)
    suspect = typed.abs().isin(CODES) & ((celsius < plain.least) | (celsius > plain.most))
    others = typed[~suspect].dropna().to_numpy()
    codes = [code for code in typed[suspect].unique() if not others.size or np.abs(others - code).min() > ALONE]
    found = typed.isin(codes)
    counts = ", ".join(f"{code:g} in {(typed == code).sum()} rows" for code in codes)
    named = ", ".join(f"{code:g}" for code in codes)
    hint = f"an empty cell where there is no reading ({counts}), or `missing: [{named}]` in local.yaml"
    _refuse(path, values, found, column, hint)


def _refuse(path: Path, values: pd.Series, wrong: pd.Series, column: Column, hint: str = "") -> None:
    """Raise `InputError` at the first row where `wrong` is true."""
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    number = values.index[row] + 1
    span = f" from {column.least:g} to {column.most:g}" if np.isfinite(column.least) else ""
    expected = f"{column.meaning}{span}"
    hint = hint or f"mending {int(wrong.sum())} such rows"
    raise InputError(f"column {column.name}", f"{values.iloc[row]!s} in {path}, row {number}", expected, hint)


def _utc(path: Path, values: pd.Series, column: Column, layout: Layout) -> pd.Series:
    """Return times in UTC; one that does not say its offset is refused, for nothing shows which hour it means."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ns]")
    times = layout.times(values.astype(str))
    wrong = times.isna()
    _refuse(path, values, wrong, column, f"`time_format` and `time_offset` in local.yaml, for {wrong.sum()} rows")
    return times
