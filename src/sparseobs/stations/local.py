"""The user's own region: a reanalysis in NetCDF, GRIB or Zarr, and stations in CSV or Parquet."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.stations.downloads import data_folder
from sparseobs.stations.elevation import SUFFIXES, read_elevation
from sparseobs.stations.geography import Points, great_circle
from sparseobs.stations.left_out import tell
from sparseobs.stations.local_days import LARGE
from sparseobs.stations.local_layout import NAME as LAYOUT
from sparseobs.stations.local_layout import Layout, read_settings
from sparseobs.stations.local_schema import READINGS, STATIONS, TABLES
from sparseobs.stations.local_tables import SCHEMA, read_table, require_range
from sparseobs.stations.period import Period, days_of
from sparseobs.stations.plausible import require_plausible
from sparseobs.stations.reading_hours import at_nearest_hours
from sparseobs.stations.reanalysis import find_reanalysis, read_reanalysis
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import MARK, TemperatureData, network

TEMPERATURE = READINGS[-1]
MARGIN = 1.0  # degrees around the stations that belong to the region
NOTES = "Data of the user's own, from the folder local."
HINT = "`python -m sparseobs data check local`, which prints what is expected"


def load_local() -> TemperatureData:
    """Return the data of the folder `local` below the data folder, see `local_schema` and `local_layout`.

    Raises:
        InputError: a file is missing or breaks the schema, or readings are in another unit than the reanalysis.
    """
    folder = data_folder()[0] / "local"
    settings = read_settings(folder)
    places_path = find_table(folder, "stations", settings.stations)
    paths = [find_table(folder, "readings", layout) for layout in settings.readings]
    places = read_places(places_path, settings.stations)
    region = region_of(places)
    reanalysis_paths = [path for path in find_reanalysis(folder) if path.name.startswith("reanalysis")]
    if not reanalysis_paths:
        found = ", ".join(sorted(path.name for path in folder.glob("*"))) or "nothing"
        raise InputError("local", f"{folder} ({found})", "a file reanalysis.nc, .grib or .zarr there", HINT)
    reanalysis = read_reanalysis(reanalysis_paths, region)
    require_cover(reanalysis, places)
    tables, passed = read_all(paths, settings.readings, places, places_path, days_of(reanalysis))
    table = pd.concat(tables, ignore_index=True)
    table, moved = at_nearest_hours(table, reanalysis["time"].values, settings.tolerance_minutes)
    stations = as_network(places, table, paths)
    require_plausible(stations, reanalysis, settings.largest_difference, LAYOUT)
    for path, part in zip(paths, tables, strict=True):
        require_range(path, part["temperature"], TEMPERATURE)
    heights = [path for path in sorted(folder.glob("elevation.*")) if path.suffix in SUFFIXES]
    read = [places_path, *paths, *reanalysis_paths, *heights[:1], folder / LAYOUT]
    left_out = [reanalysis.attrs["left_out"]] if "left_out" in reanalysis.attrs else []
    return TemperatureData(
        source="local",
        synthetic=False,
        region=region,
        reanalysis=reanalysis,
        stations=stations,
        elevation=read_elevation(heights[0], region) if heights else None,
        inputs={path.name: sha256(path) for path in read if path.is_file()},
        notes=tell(NOTES, *left_out, *passed, *moved),
    )


def find_table(folder: Path, name: str, layout: Layout = SCHEMA) -> Path:
    """Return the one table of that name, or the one that its layout names, or raise `InputError`."""
    if layout.file is not None:
        return folder / str(layout.file)
    found = [folder / f"{name}{suffix}" for suffix in TABLES if (folder / f"{name}{suffix}").is_file()]
    if len(found) != 1:
        given = ", ".join(path.name for path in found) or "no such file"
        raise InputError("local", f"{folder} ({given})", f"one of {name}.csv and {name}.parquet", HINT)
    return found[0]


def read_places(path: Path, layout: Layout = SCHEMA) -> pd.DataFrame:
    """Return the table of stations, a row a station, ordered by identifier.

    Raises:
        InputError: the table breaks its schema, or a station is there twice.
    """
    places = read_table(path, STATIONS, layout)
    for station, rows in places[places["station"].duplicated(keep=False)].groupby("station"):
        first, second = rows.iloc[0], rows.iloc[1]
        numbers = f"rows {rows.index[0] + 1} and {rows.index[1] + 1} of {path}"
        points = Points(rows["latitude"], rows["longitude"], rows["height"])
        apart = f"{great_circle(points, points)[0, 1]:.2f} km and {abs(first['height'] - second['height']):g} m apart"
        hint = (
            f"the last row alone if it was surveyed anew; if it moved, {station}{MARK}DAY for each place, in both files"
        )
        raise InputError("column station", f"{station} twice in {numbers}, {apart}", "each station once", hint)
    names = places["name"].where(places["name"] != "", places["station"]) if "name" in places else places["station"]
    return places.assign(name=names).sort_values("station", ignore_index=True)


def read_all(
    paths: list[Path], layouts: Collection[Layout], places: pd.DataFrame, places_path: Path, days: Period
) -> tuple[list[pd.DataFrame], list[str]]:
    """Return the tables of readings, and a sentence about rows of other days that were not read.

    That is so where the tables together are larger than `LARGE` and have readings of these days.

    Raises:
        InputError: as of `read_readings`.
    """
    together = list(zip(paths, layouts, strict=True))
    if sum(path.stat().st_size for path in paths if path.is_file()) > LARGE:
        tables = [read_readings(path, layout, places, places_path, days) for path, layout in together]
        passed = sum(table.attrs["passed"] for table in tables)
        if any(days.contains(table["time"]).any() for table in tables):
            said = f"Not read, for they are of other days than the reanalysis's, {days}: {passed:,} rows of readings."
            return tables, [said] * (passed > 0)
    return [read_readings(path, layout, places, places_path) for path, layout in together], []


def read_readings(
    path: Path, layout: Layout, places: pd.DataFrame, places_path: Path, days: Period | None = None
) -> pd.DataFrame:
    """Return a table of readings, degC, whose range has not been checked yet: their unit is not known.

    Args:
        path: of the table.
        layout: of it.
        places: the table of stations.
        places_path: where it was read.
        days: as of `read_table`.

    Raises:
        InputError: the table breaks its schema or is empty, or a reading has no station or is there twice.
    """
    table = read_table(path, (*READINGS[:-1], replace(TEMPERATURE, least=-np.inf, most=np.inf)), layout, days)
    if table.empty and not table.attrs["passed"]:
        raise InputError("readings", f"{path} (no row)", "one or more", HINT)
    unknown = table["station"][~table["station"].isin(places["station"])]
    if len(unknown):
        given = f"{unknown.iloc[0]} in {path}, row {unknown.index[0] + 1}"
        raise InputError("column station", given, f"a station of {places_path.name}", "adding its place there")
    refuse_repeated(table, lambda row: f"twice in {path}, row {row + 1}")
    return table


def refuse_repeated(table: pd.DataFrame, where: Callable[[int], str]) -> None:
    """Raise `InputError` if a station has two readings at a time; `where` says of a row where they are."""
    again = table[table.duplicated(["station", "time"])]
    if len(again):
        first = again.iloc[0]
        given = f"{first['station']} at {first['time']} {where(again.index[0])}"
        raise InputError("readings", given, "one reading of a station at a time", "dropping one of them")


def as_network(places: pd.DataFrame, table: pd.DataFrame, paths: list[Path]) -> xr.Dataset:
    """Return `temperature` (time, station), degC, of rows with `station`, `time` and `temperature`.

    Raises:
        InputError: a station has two readings at a time, in two files.
    """
    refuse_repeated(table, lambda _: f"in several of {', '.join(map(str, paths))}")
    wide = table.pivot(index="time", columns="station", values="temperature").reindex(columns=places["station"])
    return network(wide.to_numpy(float), wide.index, places)


def region_of(places: pd.DataFrame) -> Region:
    """Return the box that holds the stations with `MARGIN` around them.

    Raises:
        InputError: the smaller box would reach across 180 degrees.
    """
    latitude, longitude = places["latitude"].to_numpy(), np.sort(places["longitude"].to_numpy())
    if longitude[-1] - longitude[0] > 360 - np.diff(longitude, prepend=longitude[0]).max():
        given = f"stations from {longitude[0]:g} to {longitude[-1]:g} E, with a box across 180 degrees"
        raise InputError("stations", given, "stations on one side of 180 degrees", "each side by itself")
    return Region(
        "local",
        south=max(latitude.min() - MARGIN, -90.0),
        north=min(latitude.max() + MARGIN, 90.0),
        west=max(longitude.min() - MARGIN, -180.0),
        east=min(longitude.max() + MARGIN, 180.0),
    )


def require_cover(reanalysis: xr.DataArray, stations: pd.DataFrame) -> None:
    """Raise `InputError` if a station lies more than a cell outside the reanalysis."""
    for name in ("latitude", "longitude"):
        axis, places = reanalysis[name].values, stations[name].to_numpy()
        if axis.size < 2:
            raise InputError("reanalysis", f"{axis.size} {name} near the stations", "two or more", "a larger box")
        cell = axis[1] - axis[0]
        outside = (places < axis[0] - cell) | (places > axis[-1] + cell)
        if outside.any():
            station = stations["station"].to_numpy()[outside][0]
            expected = f"{name} from {axis[0]:g} to {axis[-1]:g}, where the reanalysis is"
            raise InputError("stations", f"{station} at {places[outside][0]:g}", expected, "a larger reanalysis")
