"""The US Pacific Northwest in January and February 2004: station temperature and eight forecasts of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.stations.downloads import fetch
from sparseobs.stations.era5 import KELVIN, inside
from sparseobs.stations.geography import station_points
from sparseobs.stations.left_out import tell
from sparseobs.stations.r_data import read_rda
from sparseobs.stations.regions import REGIONS, Region
from sparseobs.stations.temperature import MARK, StationData, horizontal_coordinates, network
from sparseobs.stations.terrain import AROUND, below_ground

MEMBERS = ("CMCG", "ETA", "GASP", "GFS", "JMA", "NGPS", "TCWB", "UKMO")  # by whose analysis a forecast starts from
LEAD = pd.Timedelta("48h")
NO_HEIGHT = -9999.0
CREDIBLE = 220.0, 300.0  # K
DEEPEST = 500.0  # m below the lowest ground around, which no valley is
COLUMNS = ("observation", "date", "station", "latitude", "longitude", "elevation")
PLACE = ["latitude", "longitude", "elevation"]
EXPECTED = "the table srft of the R package ensembleBMA"
AGAIN = "`python -m sparseobs data fetch northwest`"
NOTES = (
    "Real data: temperature in the US Pacific Northwest and 48-hour forecasts of eight members of a 12 km model (MM5), "
    "January and February 2004, from the R package ensembleBMA (GPL-2 or later), with PRISM's 4 km elevation from the "
    "R package fields (GPL-2 or later). The time is the one at which a forecast is valid, 48 hours after its start."
)


def load_northwest() -> StationData:
    """Return the stations, the forecasts at their places and times, and the elevation, fetching the files if need be.

    Raises:
        InputError: a file is missing, cannot be fetched, is damaged or is not the pinned one.
    """
    paths = fetch("northwest")
    table, grid = paths.values()
    stations, said = read_srft(table)
    elevation = read_prism(grid, REGIONS["northwest"])
    stations, buried = above_ground(stations, elevation)
    return StationData(
        source="northwest",
        region=REGIONS["northwest"],
        stations=stations,
        elevation=elevation,
        inputs={name: sha256(path) for name, path in paths.items()},
        notes=tell(NOTES, *said, *buried),
    )


def above_ground(stations: xr.Dataset, elevation: xr.DataArray) -> tuple[xr.Dataset, list[str]]:
    """Return the stations whose height can be true at their place, and what to say of the others.

    A few heights are plainly wrong: 0 m far inland, for one. The deepest valleys that a 4 km elevation smooths away
    lie up to 300 m below it; these few stations, 800 m and more.

    Args:
        stations: with `latitude`, `longitude` and `height`.
        elevation: (latitude, longitude), m; off its grid a station is not looked at.
    """
    wrong = below_ground(station_points(stations), elevation) > DEEPEST
    if not wrong.any():
        return stations, []
    names = ", ".join(stations["station"].values[wrong])
    said = (
        f"Left out, for their height is {DEEPEST:g} m or more below all ground within {AROUND:g} km: "
        f"{int(wrong.sum())} stations ({names})."
    )
    return stations.isel(station=np.flatnonzero(~wrong)), [said]


def read_srft(path: Path) -> tuple[xr.Dataset, list[str]]:
    """Return `temperature` (time, station) and `forecast` (member, time, station), degC, and what was left out.

    Times are those at which the forecasts are valid, a day apart, without the days that the file lacks. Where a
    station has no row, all are NaN. An identifier that is at several places (ships, and stations that were moved)
    becomes a station a place, with `MARK` and the day of its first reading there.

    Args:
        path: `srft.rda`, a row a station and start of the forecasts: K, degrees, m.

    Raises:
        InputError: the file is no such table, or has a station twice at one time.
    """
    table = read_rda(path, "srft", "northwest")
    missing = sorted({*COLUMNS, *MEMBERS} - set(getattr(table, "columns", ())))
    if missing or len(table) == 0:
        raise InputError("R data", f"{path} without {missing or 'rows'}", EXPECTED, AGAIN)
    table = table.astype({"station": str, "date": str} | dict.fromkeys([*PLACE, *MEMBERS, "observation"], float))
    try:
        table["time"] = pd.to_datetime(table["date"], format="%Y%m%d%H") + LEAD
    except ValueError as error:
        raise InputError("R data", f"{path} ({error})", "dates such as 2004010100", AGAIN) from error
    table["station"] = table["station"].str.strip()
    if repeated := int(table.duplicated(["time", "station"]).sum()):
        raise InputError("R data", f"{path} with {repeated} rows twice", "a row a station and time", AGAIN)
    table, said = _with_height(table)
    table, more = _one_place_each(table)
    table, incredible = _credible(table)
    return _as_network(table), [*said, *more, *incredible]


def read_prism(path: Path, region: Region) -> xr.DataArray:
    """Return `elevation` (latitude, longitude), m, of a region, NaN at sea; the grid ends at 125 W and 49.9 N.

    Args:
        path: `PRISMelevation.rda`, a list of longitude `x`, latitude `y` and height `z` (x, y). It writes the sea as 0.
        region: to cut out.

    Raises:
        InputError: the file is no such list, or lies outside the region.
    """
    grid = read_rda(path, "PRISMelevation", "northwest", "list")
    try:
        x, y, heights = (np.asarray(grid[name], dtype=float) for name in "xyz")
        axes = horizontal_coordinates(y, x)
        field = xr.DataArray(np.where(heights == 0, np.nan, heights).T, axes, ("latitude", "longitude"), "elevation")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("R data", f"{path} ({error})", "a list of x, y and z", AGAIN) from error
    field = inside(field, region).astype(np.float32)
    return field.assign_attrs(standard_name="surface_altitude", long_name="elevation", units="m")


def _with_height(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that have a height, and what to say of the others."""
    there = table["elevation"] != NO_HEIGHT
    kept = table[there]
    if kept.empty:
        raise InputError("R data", "no station with a height", EXPECTED, AGAIN)
    if there.all():
        return table, []
    lost = table["station"].nunique() - kept["station"].nunique()
    rows = int((~there).sum())
    return kept, [f"Left out, for they have no height: {lost} stations; {rows:,} of {len(table):,} readings in all."]


def _one_place_each(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with a station a place, and what to say of the identifiers that are at several."""
    table = table.sort_values(["time", "station"])
    several = table.groupby("station")[PLACE].transform("nunique").max(axis=1) > 1
    if not several.any():
        return table, []
    first = table.groupby(["station", *PLACE])["time"].transform("min").dt.strftime("%Y-%m-%d")
    names = table["station"].where(~several, table["station"] + MARK + first)
    said = (
        f"{table.loc[several, 'station'].nunique()} identifiers are at several places, ships among them; they became "
        f"{names[several].nunique()} stations, a station a place."
    )
    return table.assign(station=names), [said]


def _credible(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the table without readings that no winter there can have, and what to say of them."""
    low, high = CREDIBLE
    wrong = ~table["observation"].between(low, high)
    if not wrong.any():
        return table, []
    forecasts = table.loc[:, list(MEMBERS)].to_numpy()
    said = (
        f"Left out, for they lie outside {low:g} to {high:g} K: {int(wrong.sum())} readings of "
        f"{table.loc[wrong, 'station'].nunique()} stations (all forecasts lie within {forecasts.min():.0f} to "
        f"{forecasts.max():.0f} K)."
    )
    return table.assign(observation=table["observation"].where(~wrong)), [said]


def _as_network(table: pd.DataFrame) -> xr.Dataset:
    wide = table.pivot(index="time", columns="station", values=["observation", *MEMBERS]) - KELVIN
    places = table.drop_duplicates("station").set_index("station")[PLACE].rename(columns={"elevation": "height"})
    places = places.loc[wide["observation"].columns].rename_axis("station").reset_index()
    stations = network(wide["observation"].to_numpy(), wide.index, places.assign(name=places["station"]))
    values = np.stack([wide[member].to_numpy() for member in MEMBERS]).astype(np.float32)
    attributes = {"standard_name": "air_temperature", "long_name": "forecast of 2 m temperature", "units": "degC"}
    return stations.assign_coords(member=list(MEMBERS)).assign(
        forecast=(("member", "time", "station"), values, attributes)
    )
