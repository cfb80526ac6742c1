"""The user's own region: a reanalysis in NetCDF, GRIB or Zarr, and stations in CSV or Parquet."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.stations.downloads import data_folder
from sparseobs.stations.elevation import SUFFIXES, read_elevation
from sparseobs.stations.local_schema import READINGS, STATIONS, TABLES, read_table
from sparseobs.stations.places import describe_network
from sparseobs.stations.reanalysis import find_reanalysis, read_reanalysis
from sparseobs.stations.regions import Region
from sparseobs.stations.temperature import MARK, TemperatureData, at_common_hours, network

MARGIN = 1.0  # degrees around the stations that belong to the region
NOTES = "Data of the user's own, from the folder local."
HINT = "`python -m sparseobs data check local`, which prints what is expected"


def load_local() -> TemperatureData:
    """Return the data of the folder `local` below the data folder, see `local_schema`.

    Raises:
        InputError: a file is missing or breaks the schema.
    """
    folder = data_folder()[0] / "local"
    tables = [find_table(folder, name) for name in ("stations", "readings")]
    stations = read_stations(*tables)
    region = region_of(stations)
    paths = [path for path in find_reanalysis(folder) if path.name.startswith("reanalysis")]
    if not paths:
        raise InputError("local", str(folder), "a file reanalysis.nc, .grib or .zarr there", HINT)
    reanalysis = read_reanalysis(paths, region)
    require_cover(reanalysis, stations)
    heights = [path for path in sorted(folder.glob("elevation.*")) if path.suffix in SUFFIXES]
    read = [*tables, *paths, *heights[:1]]
    return TemperatureData(
        source="local",
        synthetic=False,
        region=region,
        reanalysis=reanalysis,
        stations=stations,
        elevation=read_elevation(heights[0], region) if heights else None,
        inputs={path.name: sha256(path) for path in read if path.is_file()},
        notes=NOTES,
    )


def find_table(folder: Path, name: str) -> Path:
    """Return the one table of that name, or raise `InputError`."""
    found = [folder / f"{name}{suffix}" for suffix in TABLES if (folder / f"{name}{suffix}").is_file()]
    if len(found) != 1:
        given = ", ".join(path.name for path in found) or "no such file"
        raise InputError("local", f"{folder} ({given})", f"one of {name}.csv and {name}.parquet", HINT)
    return found[0]


def read_stations(stations: Path, readings: Path) -> xr.Dataset:
    """Return `temperature` (time, station), degC, stations ordered by identifier.

    Args:
        stations: table of `STATIONS`.
        readings: table of `READINGS`.

    Raises:
        InputError: a table breaks its schema, a station or a reading is there twice, or a reading has no station.
    """
    places = read_table(stations, STATIONS)
    table = read_table(readings, READINGS)
    refuse_repeats(places, stations)
    unknown = table["station"][~table["station"].isin(places["station"])]
    if len(unknown):
        expected = f"a station of {stations.name}"
        raise InputError("column station", f"{unknown.iloc[0]} in {readings}", expected, "adding its place there")
    again = table[table.duplicated(["station", "time"])]
    if len(again):
        given = f"{again['station'].iloc[0]} at {again['time'].iloc[0]} twice in {readings}"
        raise InputError("readings", given, "one reading of a station at a time", "dropping one of them")
    if table.empty:
        raise InputError("readings", f"{readings} (no row)", "one or more", HINT)
    places = places.set_index("station").sort_index()
    wide = table.pivot(index="time", columns="station", values="temperature").reindex(columns=places.index)
    names = places["name"].fillna("") if "name" in places else places.index
    return network(wide.to_numpy(float), wide.index, places.assign(name=names).reset_index())


def refuse_repeats(places: pd.DataFrame, path: Path) -> None:
    """Raise `InputError` if an identifier has several rows, and say whether it has several places."""
    again = places[places["station"].duplicated(keep=False)]
    if again.empty:
        return
    name = again["station"].iloc[0]
    rows = again[again["station"] == name]
    ways = rows[["latitude", "longitude", "height"]].drop_duplicates()
    if len(ways) == 1:
        raise InputError("column station", f"{name} twice in {path}", "each station once", "one row a station")
    where = " and ".join(f"{row.latitude:g}, {row.longitude:g}, {row.height:g} m" for row in ways.itertuples())
    expected = "each station once; one that moved is a station a place, for nothing tells which reading is of which"
    hint = f"{name}{MARK}YEAR-MONTH-DAY, the first day at each place, in {path.name} and in the readings"
    raise InputError("column station", f"{name} at {len(ways)} places ({where}) in {path}", expected, hint)


def region_of(stations: xr.Dataset) -> Region:
    """Return the box that holds the stations with `MARGIN` around them."""
    latitude, longitude = stations["latitude"].values, stations["longitude"].values
    return Region(
        "local",
        south=max(latitude.min() - MARGIN, -90.0),
        north=min(latitude.max() + MARGIN, 90.0),
        west=max(longitude.min() - MARGIN, -180.0),
        east=min(longitude.max() + MARGIN, 180.0),
    )


def require_cover(reanalysis: xr.DataArray, stations: xr.Dataset) -> None:
    """Raise `InputError` if a station lies more than a cell outside the reanalysis."""
    for name in ("latitude", "longitude"):
        axis, places = reanalysis[name].values, stations[name].values
        if axis.size < 2:
            raise InputError("reanalysis", f"{axis.size} {name} near the stations", "two or more", "a larger box")
        cell = axis[1] - axis[0]
        outside = (places < axis[0] - cell) | (places > axis[-1] + cell)
        if outside.any():
            station = stations["station"].values[outside][0]
            expected = f"{name} from {axis[0]:g} to {axis[-1]:g}, where the reanalysis is"
            raise InputError("stations", f"{station} at {places[outside][0]:g}", expected, "a larger reanalysis")


def check_local() -> dict[str, str]:
    """Return, by what is expected below the data folder, `ready`, with odd stations counted, or what is wrong."""
    folder = data_folder()[0] / "local"
    try:
        data = load_local()
    except InputError as error:
        return {"local": str(error)}
    missing = int(np.isnan(data.stations["temperature"]).sum())
    shape = dict(data.stations.sizes)
    if missing == shape["time"] * shape["station"]:
        return {"local": "no reading at all"}
    odd = describe_network(at_common_hours(data).stations)
    return {str(folder / name): "ready" for name in data.inputs} | {"local": f"ready. {odd}" if odd else "ready"}
