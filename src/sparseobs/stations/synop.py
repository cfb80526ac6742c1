"""Hourly SYNOP temperature of four days of February 2019, as the R package harpData has it: a text file an hour."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePath

import pandas as pd
import xarray as xr

from sparseobs.errors import InputError, require_choice
from sparseobs.files import sha256
from sparseobs.stations import downloads
from sparseobs.stations.containers import reading
from sparseobs.stations.elevation import read_elevation
from sparseobs.stations.era5 import KELVIN, open_dataset
from sparseobs.stations.grib import read_era5
from sparseobs.stations.left_out import tell
from sparseobs.stations.midas import on_degrees
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.temperature import StationData, TemperatureData, network

FOLDER = "synop/"
ARCHIVE = "synop/vobs_raw.tar.xz"  # all the hours in one file, which may lie there in their place
GERMANY = "10"  # the World Meteorological Organization's block of numbers
TEMPERATURE, MISSING = "TT", -99.0
PLACE = ["latitude", "longitude", "height"]
SPACING = 0.02  # degrees, of the 12 km elevation on latitudes and longitudes
EXPECTED = "an hour of SYNOP in the text format vobs"
AGAIN = "`python -m sparseobs data fetch synop`"
NOTES = (
    "Real data: 2 m temperature of SYNOP reports on the Global Telecommunication System, 2019-02-17 00 to "
    "2019-02-20 23 UTC, from the R package harpData (Apache License 2.0)."
)
ERA5_NOTES = (
    "The reanalysis is of another time: ERA5 of March 2019 (contains modified Copernicus Climate Change Service "
    "information). The elevation is UKCP18's of 12 km (Open Government Licence v3.0), and ends at the coast."
)


def load_synop(region: str = "british_isles") -> TemperatureData | StationData:
    """Return four days of hourly SYNOP of a region, fetching the files if need be.

    Args:
        region: `british_isles` (`TemperatureData`: with ERA5 of March 2019, in whose box the stations lie) or
            `germany` (`StationData`: stations of block 10 of the World Meteorological Organization, no reanalysis).

    Raises:
        InputError: another region; a file that is missing, cannot be fetched, is damaged or is not the pinned one.
    """
    require_choice("region", region, ("british_isles", "germany"))
    if region == "germany":
        box, block = REGIONS["germany_synop"], GERMANY
        (path,) = downloads.fetch("synop", within="germany/").values()
        elevation, inputs = read_elevation(path, box), {str(path.name): sha256(path)}
    else:
        box, block = REGIONS["british_isles"], None
        era5, orography = downloads.fetch("synop", within="uk_ireland/").values()
        elevation, inputs = read_orography(orography), {path.name: sha256(path) for path in (era5, orography)}
    stations = read_synop(_contents(), box, block=block)
    inputs |= {PurePath(file.path).name: file.sha256 for file in _hours()}
    said = [stations.attrs.pop("moved")]
    if region == "germany":
        return StationData("synop_germany", box, stations, elevation, inputs, tell(NOTES, *said))
    notes = tell(f"{NOTES} {ERA5_NOTES}", *said)
    return TemperatureData("synop", False, box, read_era5(era5), stations, elevation, inputs, notes)


def read_synop(hours: dict[str, bytes], region: Region, *, block: str | None = None) -> xr.Dataset:
    """Return hourly `temperature` (time, station), degC, NaN where missing; a station's name is its identifier.

    A station is written with slightly other coordinates or heights from hour to hour. It stands where most of its
    reports say (at the median of latitude, longitude and height where no place is the most frequent one); how many
    stations that concerns is said in the attribute `moved`. Stations that never report a temperature are left out.

    Args:
        hours: content of the files by name, `vobs` and year, month, day and hour (UTC); every hour between is a row.
        region: stations outside are left out.
        block: first two of the five digits of the stations wanted; None takes all.

    Raises:
        InputError: no hour, a file that is damaged or cut, or that has a station twice with other values.
    """
    if not hours:
        raise InputError("SYNOP", "no file", EXPECTED, AGAIN)
    tables = [read_vobs(content, name, block).assign(time=_hour(name)) for name, content in sorted(hours.items())]
    table = pd.concat(tables, ignore_index=True)
    places = most_frequent_places(table)
    places = places[region.contains(places["latitude"], places["longitude"])]
    table = table[table["station"].isin(places.index)]
    if table.empty:
        raise InputError("SYNOP", f"no temperature in {region} of block {block}", "stations there", "another region")
    unsure = int((table.groupby("station")[PLACE].nunique() > 1).any(axis=1).sum())
    series = table.pivot(index="time", columns="station", values="temperature")
    series = series.reindex(pd.date_range(_hour(min(hours)), _hour(max(hours)), freq="h"))
    places = places.loc[series.columns].rename_axis("station").reset_index()
    stations = network(series.to_numpy() - KELVIN, series.index, places.assign(name=places["station"]))
    stations.attrs["moved"] = (
        f"Of {len(places)} stations {unsure} are written with slightly different coordinates or heights from hour to "
        "hour; each has one place, its most frequent one."
    )
    return stations


def most_frequent_places(table: pd.DataFrame) -> pd.DataFrame:
    """Return `latitude`, `longitude` and `height` of each station: the most frequent of its rows.

    Where two or more places are as frequent, it is the median of latitude, of longitude and of height over all rows.

    Args:
        table: rows with `station`, `latitude`, `longitude` and `height`.
    """
    counts = table.groupby(["station", *PLACE]).size().rename("rows").reset_index()
    most = counts[counts["rows"] == counts.groupby("station")["rows"].transform("max")]
    unclear = most.loc[most["station"].duplicated(), "station"].unique()
    medians = table[table["station"].isin(unclear)].groupby("station")[PLACE].median()
    clear = most[~most["station"].isin(unclear)].set_index("station")[PLACE]
    return pd.concat([clear, medians]).sort_index()


def read_vobs(content: bytes, name: str, block: str | None = None) -> pd.DataFrame:
    """Return a row a station of one hour: `station`, `latitude`, `longitude`, `height` (m), `temperature` (K).

    Rows without a temperature are left out. The soundings below them are not read.

    Args:
        content: line 1 has the numbers of SYNOP and of soundings, line 2 that of the variables, whose names follow, a
            line each; then a row a station: identifier, latitude, longitude, height, and the variables.
        name: what to call it in a message.
        block: as of `read_synop`.

    Raises:
        InputError: the content is of another layout or cut, or a station is there twice with other values.
    """
    with reading("SYNOP", name, EXPECTED, AGAIN):
        lines = content.decode("ascii").splitlines()
        n_rows, n_variables = int(lines[0].split()[0]), int(lines[1])
        names = [line.split()[0] for line in lines[2 : 2 + n_variables]]
        fields = [line.split() for line in lines[2 + n_variables : 2 + n_variables + n_rows]]
        column = 4 + names.index(TEMPERATURE)
        lengths = {len(row) for row in fields}
        if len(fields) != n_rows or lengths - {4 + n_variables}:
            given = f"{name} with {len(fields)} rows of {sorted(lengths)} fields"
            raise InputError("SYNOP", given, f"{n_rows} rows of {4 + n_variables} fields", AGAIN)
        rows = [
            (row[0], *map(float, (*row[1:4], row[column])))
            for row in fields
            if (block is None or row[0][-5:-3] == block) and float(row[column]) != MISSING
        ]
    table = pd.DataFrame(rows, columns=["station", *PLACE, "temperature"]).drop_duplicates()
    twice = table.loc[table["station"].duplicated(), "station"]
    if len(twice):
        given = f"{name} with {len(twice)} stations twice, {twice.iloc[0]} first"
        raise InputError("SYNOP", given, "a station once, or twice with the same values", AGAIN)
    if (table[PLACE] == MISSING).any(axis=None):
        raise InputError("SYNOP", f"{name} with a temperature at no place", "latitude, longitude and height", AGAIN)
    return table


def read_orography(path: Path) -> xr.DataArray:
    """Return UKCP18's elevation of 12 km (latitude, longitude), m, NaN at sea; every cell is a square of one height.

    Raises:
        InputError: the file is missing, or is no such grid.
    """
    expected = "NetCDF with surface_altitude in British National Grid"
    if not Path(path).is_file():
        raise InputError("elevation", str(path), expected, AGAIN)
    axes = {"projection_y_coordinate": "y", "projection_x_coordinate": "x"}
    with open_dataset(path) as dataset, reading("elevation", path, expected, AGAIN):
        grid = dataset["surface_altitude"].rename(axes).transpose("y", "x").astype(float).load()
        return on_degrees(grid, SPACING)


def fetch_synop(base_url: str | None = None) -> list[str]:
    """Fetch what the cache lacks, or check what the user's own folder has; return the paths below the data folder.

    Raises:
        InputError: as `downloads.fetch`, or the archive that lies in the place of the hours is damaged.
    """
    if _archive() is None:
        return list(downloads.fetch("synop", base_url=base_url))
    for _ in _members(_archive()):
        pass
    others = [downloads.fetch("synop", base_url=base_url, within=part) for part in ("germany/", "uk_ireland/")]
    return [ARCHIVE, *(path for part in others for path in part)]


def check_synop() -> dict[str, str]:
    """Return the state of every file as `downloads.check`, the archive in the place of the hours if it is there."""
    states, archive = downloads.check("synop"), _archive()
    if archive is None:
        return states
    state = "ready"
    try:
        for _ in _members(archive):
            pass
    except InputError as error:
        state = str(error)
    return {ARCHIVE: state} | {path: found for path, found in states.items() if not path.startswith(FOLDER)}


def _contents() -> dict[str, bytes]:
    """Return the content of the pinned hours by name, from the archive if it lies there, else from their own files."""
    if (archive := _archive()) is not None:
        return dict(_members(archive))
    return {path.name: path.read_bytes() for path in downloads.fetch("synop", within=FOLDER).values()}


def _archive() -> Path | None:
    path = downloads.data_folder()[0] / ARCHIVE
    return path if path.is_file() else None


def _hours() -> list[downloads.RemoteFile]:
    return [file for file in downloads.FILES["synop"] if file.path.startswith(FOLDER)]


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the pinned hours in an archive, each verified by its own hash."""
    expected = {PurePath(file.path).name: file.sha256 for file in _hours()}
    with reading("SYNOP", archive, "a whole archive tar.xz", AGAIN), tarfile.open(archive, "r:xz") as packed:
        for member in packed:
            name = PurePath(member.name).name
            if not member.isfile() or name not in expected:
                continue
            content = packed.extractfile(member).read()
            if hashlib.sha256(content).hexdigest() != expected.pop(name):
                raise InputError("SYNOP", f"{archive} with another {name}", "the file whose hash is pinned", AGAIN)
            yield name, content
    if expected:
        given = f"{archive} without {min(expected)}" + f" and {len(expected) - 1} more" * (len(expected) > 1)
        raise InputError("SYNOP", given, "every hour of the four days", AGAIN)


def _hour(name: str) -> pd.Timestamp:
    hour = pd.to_datetime(name, format="vobs%Y%m%d%H", errors="coerce")
    if len(name) != len("vobs2019021700") or pd.isna(hour):
        raise InputError("SYNOP", name, "a name such as vobs2019021700", "the names of the files' home")
    return hour
