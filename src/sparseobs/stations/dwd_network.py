"""A folder of DWD's files as one station network."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.dwd import PRODUCT, QUALITY, ZIP, read_product
from sparseobs.stations.dwd_stations import (
    BEGIN_OF_TIME,
    END_OF_TIME,
    GEOGRAPHY,
    LIST,
    places_of,
    read_geography,
    read_station_list,
    without_surveys,
)
from sparseobs.stations.period import Period
from sparseobs.stations.temperature import MARK, network


class NoReadings(InputError):
    """Readings there are, but none of the period asked for."""


@dataclass(frozen=True)
class StationFiles:
    """What a folder holds of one station: products (bare or zipped), and where its places are told."""

    products: tuple[Path, ...]
    geographies: tuple[Path, ...]


def find_files(folder: Path) -> dict[int, StationFiles]:
    """Return the files of every station that has a product, by station number, wherever they lie in the folder."""
    products, geographies = defaultdict(list), defaultdict(list)
    for path in sorted(Path(folder).rglob("*")):
        for pattern, kinds in ((PRODUCT, [products]), (GEOGRAPHY, [geographies]), (ZIP, [products, geographies])):
            if (match := pattern.fullmatch(path.name)) and path.is_file():
                for kind in kinds:
                    kind[int(match[1])].append(path)
    return {number: StationFiles(tuple(found), tuple(geographies[number])) for number, found in products.items()}


def read_dwd(
    folder: Path,
    *,
    period: Period | None = None,
    stations: Collection[int] | None = None,
    quality: Collection[int] | None = None,
) -> xr.Dataset:
    """Return the network of a folder: `temperature` and `quality` (time, station), hourly, UTC.

    Files of one station are merged: of two readings of one hour the one of the higher quality level counts, and
    at equal levels the one from the file that ends later. A station that moved is one station a place, called
    `00320@1962-04-02` after the day it came there, so that every reading has the coordinates and the height that held
    when it was taken. Readings for which no place is known are left out; the attribute `left_out` counts them
    by station. `quality` is 0 where there is no reading.

    Args:
        folder: holds products or zips, metadata and the station list, in whatever folders below.
        period: to keep; None keeps all hours.
        stations: numbers to keep; None keeps all.
        quality: levels of QN_9 to keep (see `QUALITY`); None keeps all.

    Raises:
        InputError: no such files, a station without a place, or a file that cannot be read.
    """
    files = find_files(folder)
    wanted = sorted(files if stations is None else stations)
    missing = [number for number in wanted if number not in files]
    if missing or not wanted:
        names = ", ".join(f"{number:05d}" for number in missing) or "none at all"
        hint = "`python -m sparseobs data fetch germany`"
        raise InputError("DWD stations", f"{folder} (without {names})", "a product or zip of each station", hint)
    lists = sorted(Path(folder).rglob(f"{LIST}*.txt"))
    known = pd.concat([read_station_list(path) for path in lists]) if lists else pd.DataFrame()
    series, left_out = [], {}
    for number in wanted:
        hours = merge_products([read_product(path, period) for path in files[number].products])
        hours = hours[period.contains(hours.index)] if period else hours
        hours = hours[hours["quality"].isin(quality)] if quality is not None else hours
        parts = by_place(number, hours, station_geography(number, files[number].geographies, known))
        missed = int(hours["temperature"].count()) - sum(int(part["temperature"].count()) for _, part in parts)
        left_out |= {f"{number:05d}": missed} if missed else {}
        series += parts
    if not series:
        given = f"{folder}, {period or 'all hours'}, quality {quality or 'any'}"
        raise NoReadings("DWD stations", given, "at least one reading with a place", "a longer period")
    return _network(series).assign_attrs({"left_out": left_out} if left_out else {})


def merge_products(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return one reading an hour from several files of one station, by the rule of `read_dwd`."""
    ends = sorted(tables, key=lambda table: table.index[-1])
    together = pd.concat(ends).reset_index()
    together = together.sort_values(["time", "quality"], kind="stable").drop_duplicates("time", keep="last")
    return together.set_index("time")


def station_geography(number: int, paths: Collection[Path], known: pd.DataFrame) -> pd.DataFrame:
    """Return where a station stood and when, from its own metadata or else from the station list.

    Raises:
        InputError: neither has the station.
    """
    tables = [table for table in map(read_geography, paths) if len(table)]
    if tables:
        # The file that knows the latest place is the newest; two of them are not joined.
        return without_surveys(max(tables, key=lambda table: table["start"].iloc[-1]))
    if number not in known.index:
        expected = "its coordinates in Metadaten_Geographie or in the station list"
        raise InputError("DWD stations", f"{number:05d}", expected, f"a file {LIST}.txt beside its product")
    # The list has the latest place only, which then holds for all time.
    place = known.loc[[number]].iloc[[-1]].reset_index()
    return place.assign(start=BEGIN_OF_TIME, stop=END_OF_TIME)


def by_place(number: int, hours: pd.DataFrame, geography: pd.DataFrame) -> list[tuple[dict, pd.DataFrame]]:
    """Return a station's columns and hours, apart for every place it had during these hours."""
    row = places_of(hours.index, geography)
    rows = sorted(row[row >= 0].unique())
    parts = []
    for index in rows:
        place = geography.iloc[index]
        label = f"{number:05d}" if len(rows) == 1 else f"{number:05d}{MARK}{place['start']:%Y-%m-%d}"
        columns = {name: place[name] for name in ("name", "latitude", "longitude", "height")}
        parts.append(({"station": label, **columns}, hours[row.to_numpy() == index]))
    return parts


def _network(series: list[tuple[dict, pd.DataFrame]]) -> xr.Dataset:
    """Return the stations' hours on one axis of time without holes."""
    first, last = min(hours.index[0] for _, hours in series), max(hours.index[-1] for _, hours in series)
    times = pd.date_range(first, last, freq="h")
    temperature = np.full((len(times), len(series)), np.nan, dtype=np.float32)
    quality = np.zeros(temperature.shape, dtype=np.int8)
    for column, (_, hours) in enumerate(series):
        row = times.get_indexer(hours.index)
        temperature[row, column] = hours["temperature"]
        quality[row, column] = hours["quality"]
    quality[np.isnan(temperature)] = 0
    places = pd.DataFrame([place for place, _ in series])
    attributes = {
        "standard_name": "quality_flag",
        "long_name": "quality level QN_9 of DWD, 0 without a reading",
        "flag_values": np.array([0, *QUALITY], dtype=np.int8),
        "flag_meanings": " ".join(["no_reading", *QUALITY.values()]),
    }
    return network(temperature, times, places).assign(quality=(("time", "station"), quality, attributes))
