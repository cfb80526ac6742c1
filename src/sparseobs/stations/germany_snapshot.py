"""One hour of Germany: DWD's temperature at 493 stations at 2020-06-09 12 UTC, with their heights."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.downloads import fetch
from sparseobs.stations.dwd_stations import read_station_list
from sparseobs.stations.temperature import network

HOUR = np.datetime64("2020-06-09T12", "ns")


def load_germany_snapshot() -> xr.Dataset:
    """Return `temperature` (time, station), degC, of the one hour, fetching the two files if need be.

    Raises:
        InputError: a file is missing, cannot be fetched, is damaged or is not the pinned one.
    """
    readings, stations = fetch("germany_snapshot").values()
    return read_germany_snapshot(readings, stations)


def read_germany_snapshot(readings: Path, stations: Path) -> xr.Dataset:
    """Return `temperature` (time, station), degC, of 2020-06-09 12 UTC.

    Args:
        readings: text of four columns: DWD's number, degrees north, degrees east, degC.
        stations: DWD's station list, which has the heights.

    Raises:
        InputError: a file that is missing or of another layout, a station twice or without a height.
    """
    expected = "number, latitude, longitude and temperature a line"
    try:
        table = pd.DataFrame(
            np.loadtxt(readings, ndmin=2), columns=["station", "latitude", "longitude", "temperature"]
        ).astype({"station": int})
    except (OSError, ValueError) as error:
        raise InputError("snapshot", f"{readings} ({error})", expected, "fetching it again") from error
    places = read_station_list(stations)
    repeated, unknown = table["station"].duplicated(), ~table["station"].isin(places.index)
    if repeated.any() or unknown.any() or table.empty:
        given = f"{len(table)} lines, {repeated.sum()} of them twice, {unknown.sum()} unknown to the station list"
        raise InputError("snapshot", given, "each station once, with a height", "fetching both files again")
    places = places.loc[table["station"]].reset_index().assign(latitude=table["latitude"], longitude=table["longitude"])
    return network(table["temperature"].to_numpy()[None], [HOUR], places)
