"""Where DWD's stations stand and stood: the station list, and each station's own metadata."""

import re
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.stations.dwd import file_bytes, zip_members
from sparseobs.stations.geography import Points, great_circle

GEOGRAPHY = re.compile(r"Metadaten_Geographie_(\d{5})\.txt")
LIST = "TU_Stundenwerte_Beschreibung_Stationen"
HEIGHTS = -500, 9000  # m
DAY = pd.Timedelta("1D")
BEGIN_OF_TIME, END_OF_TIME = pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")
# A smaller change of coordinates is a better survey of the same place, not a move.
MOVE_DISTANCE, MOVE_HEIGHT = 0.1, 5.0  # km, m
_LINE = re.compile(
    r"(?P<station>\d{5}) (?P<start>\d{8}) (?P<stop>\d{8}) +(?P<height>-?\d+) +(?P<latitude>-?\d+\.\d+) +"
    r"(?P<longitude>-?\d+\.\d+) (?P<name>.{40}) (?P<state>\S+(?: \S+)*).*"
)


def read_station_list(path: Path) -> pd.DataFrame:
    """Return DWD's station list: index `station` (number); `start`, `stop`, degrees, `height` (m), `name`, `state`.

    Args:
        path: `TU_Stundenwerte_Beschreibung_Stationen.txt`: latin-1, fixed width. The last column of the newer list
            (whether the station is given away freely) is left out.

    Raises:
        InputError: missing, or not laid out so.
    """
    lines = [line for line in file_bytes(path).decode("latin-1").splitlines()[2:] if line.strip()]
    rows = [_LINE.fullmatch(line) for line in lines]
    if not rows or None in rows:
        line = f"line {rows.index(None) + 3}" if rows else "no station"
        raise InputError("DWD station list", f"{path} ({line})", "DWD's fixed columns", "fetching it again")
    table = _typed(pd.DataFrame([row.groupdict() for row in rows]), path)
    return table.set_index("station")


def read_geography(path: Path) -> pd.DataFrame:
    """Return where a station has stood, oldest first: `station`, `start`, `stop`, degrees, `height` (m), `name`.

    `start` is the place's first hour and `stop` the hour after its last. A zip without this file gives no row.

    Args:
        path: `Metadaten_Geographie_*.txt`, or a `stundenwerte_TU_*.zip`.

    Raises:
        InputError: missing, damaged, or of another layout.
    """
    contents = zip_members(path, GEOGRAPHY).values() if path.suffix != ".txt" else [file_bytes(path)]
    names = ["station", "height", "latitude", "longitude", "start", "stop", "name"]
    lines = [line for content in contents for line in content.decode("latin-1").splitlines()[1:] if line.strip()]
    rows = [line.split(";") for line in lines]
    if any(len(row) < len(names) for row in rows) or (contents and not rows):
        raise InputError("DWD metadata", str(path), "places and dates of a station, 7 columns", "fetching it again")
    table = pd.DataFrame([row[: len(names)] for row in rows], columns=names)
    return _typed(table, path).sort_values("start", ignore_index=True)


def _typed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the table with numbers and dates for texts; an open end is far in the future."""
    table = table.map(str.strip)
    try:
        for name in ("latitude", "longitude", "height"):
            table[name] = table[name].astype(float)
        table["station"] = table["station"].astype(int)
        table["start"] = pd.to_datetime(table["start"], format="%Y%m%d")
        stop = pd.to_datetime(table["stop"].where(table["stop"] != ""), format="%Y%m%d")
    except ValueError as error:
        expected = "numbers and dates as DWD writes them"
        raise InputError("DWD metadata", f"{path} ({error})", expected, "fetching it again") from error
    places = table["latitude"].abs().le(90) & table["longitude"].abs().le(180) & table["height"].between(*HEIGHTS)
    if not places.all():
        place = ", ".join(str(table[name][~places].iloc[0]) for name in ("latitude", "longitude", "height"))
        raise InputError("DWD metadata", f"{path} (a station at {place})", "a place on this Earth", "fetching it again")
    return table.assign(stop=(stop + DAY).fillna(END_OF_TIME))


def places_of(times: pd.DatetimeIndex, geography: pd.DataFrame) -> pd.Series:
    """Return for each time the row of `geography` that holds then, -1 where none does."""
    if geography.empty:
        return pd.Series(-1, index=times)
    row = geography["start"].searchsorted(times, side="right") - 1
    stop = geography["stop"].to_numpy()[row]
    return pd.Series(row, index=times).where((row >= 0) & (times < stop), -1)


def without_surveys(geography: pd.DataFrame) -> pd.DataFrame:
    """Return the geography with neighbouring rows of one place joined, at the latest coordinates.

    One place are rows less than `MOVE_DISTANCE` and `MOVE_HEIGHT` apart.
    """
    if len(geography) < 2:
        return geography
    points = Points(geography["latitude"], geography["longitude"], geography["height"])
    apart = great_circle(points, points).diagonal(1) >= MOVE_DISTANCE
    moved = apart | (geography["height"].diff().abs().to_numpy()[1:] >= MOVE_HEIGHT)
    place = pd.Series([False, *moved]).cumsum()
    joined = geography.groupby(place.to_numpy()).last()
    joined["start"] = geography.groupby(place.to_numpy())["start"].first()
    return joined
