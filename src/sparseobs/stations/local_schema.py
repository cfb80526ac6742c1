"""What the user's own files must look like: one schema, which is checked, printed and shown in the book."""

from dataclasses import dataclass

import numpy as np

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
        "local/reanalysis*: NetCDF, GRIB or Zarr, or a zip of them; variable t2m or 2m_temperature",
        "  dimensions time (UTC), latitude, longitude; attribute units K or degC; no gaps",
        "local/elevation.tif or .nc (optional): height of the ground, m",
    ]
    for name, columns in (("stations", STATIONS), ("readings", READINGS)):
        lines.append(f"local/{name}.csv or .parquet: one row a {name.removesuffix('s')}")
        for column in columns:
            span = f", {column.least:g} to {column.most:g}" if np.isfinite(column.least) else ""
            optional = "" if column.needed else "; optional"
            lines.append(f"  {column.name:<12}{column.kind:<8}{column.meaning}{span}{optional}")
    return "\n".join([*lines, "local/local.yaml (optional): how these tables are laid out, if otherwise"])
