"""Real data of Germany: ERA5, DWD's stations and a digital elevation model, fetched or from the user's folder."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_choice
from sparseobs.files import sha256
from sparseobs.stations import downloads, dwd_server, era5_store
from sparseobs.stations.dwd import read_product
from sparseobs.stations.dwd_network import NoReadings, find_files, read_dwd
from sparseobs.stations.elevation import SUFFIXES, read_elevation
from sparseobs.stations.left_out import tell
from sparseobs.stations.period import Period, days_of
from sparseobs.stations.plausible import require_plausible
from sparseobs.stations.reanalysis import find_reanalysis, read_reanalysis
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.splits import with_value_marked
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.transfer import Downloader

REGION = REGIONS["germany"]
PARTS = ("dwd", "elevation", "era5")
FETCH = "`python -m sparseobs data fetch germany --start 2020-06-01 --end 2020-06-30`"
NOTES = (
    "Real data: ERA5 2 m temperature (contains modified Copernicus Climate Change Service information), hourly air "
    "temperature of Germany's weather service (DWD open data, CC BY 4.0), and a digital elevation model."
)


def folders() -> dict[str, Path]:
    """Return where each part of the data is looked for."""
    folder, _ = downloads.data_folder()
    return {part: folder / "germany" / part for part in PARTS}


def load_germany() -> TemperatureData:
    """Return the reanalysis, the stations and the elevation that lie in the data folder.

    Raises:
        InputError: a part is not there (the message says how to fetch it), or cannot be read.
    """
    paths = files()
    for part, found in paths.items():
        if not found:
            raise InputError(f"germany's {part}", str(folders()[part]), "its files there", FETCH)
    reanalysis = read_reanalysis(paths["era5"], REGION)
    days = days_of(reanalysis)
    notes = f"{NOTES} Read of the stations are the reanalysis's days, {days}."
    try:
        stations = read_dwd(folders()["dwd"], period=days)
    except NoReadings:
        # The two may be of different years.
        stations, notes = read_dwd(folders()["dwd"]), NOTES
    inside = REGION.contains(stations["latitude"], stations["longitude"]).values
    stations_inside = stations.isel(station=np.flatnonzero(inside))
    require_plausible(stations_inside, reanalysis)
    return TemperatureData(
        source="germany",
        synthetic=False,
        region=REGION,
        reanalysis=reanalysis,
        stations=with_value_marked(stations_inside),
        elevation=read_elevation(paths["elevation"][0], REGION),
        inputs={path.name: sha256(path) for found in paths.values() for path in found if path.is_file()},
        notes=tell(notes, *without_place(stations), *outside(inside)),
    )


def without_place(stations: xr.Dataset) -> list[str]:
    """Return a sentence about the readings that have no place, if there are any."""
    counts = stations.attrs.get("left_out", {})
    by_station = ", ".join(f"{count} of {name}" for name, count in counts.items())
    return [f"Readings left out, for nothing says where the station stood: {by_station}."] if counts else []


def outside(inside: np.ndarray) -> list[str]:
    """Return a sentence about the stations that do not lie in the region, if there are any."""
    return [] if inside.all() else [f"Stations left out, for they lie outside {REGION.name}: {int((~inside).sum())}."]


def files() -> dict[str, list[Path]]:
    """Return the files of each part that are there, the elevation's at most one.

    Raises:
        InputError: several elevation models, none of them the one that is fetched.
    """
    places = folders()
    products = [path for station in find_files(places["dwd"]).values() for path in station.products]
    return {"dwd": products, "elevation": _elevation(), "era5": find_reanalysis(places["era5"])}


def _elevation() -> list[Path]:
    """Return the user's elevation model if there is one besides the one that is fetched, else that."""
    fetched = downloads.FILES["germany"][0].path
    found = [path for path in sorted(folders()["elevation"].glob("*")) if path.suffix.lower() in SUFFIXES]
    pinned = [path for path in found if path.name == Path(fetched).name]
    if len(found) > 1 and not pinned:
        names = ", ".join(path.name for path in found)
        raise InputError("germany's elevation", names, "one file", "keeping one of them there")
    return pinned or found


def fetch_germany(
    period: Period,
    *,
    stations: Collection[int] | None = None,
    base_url: str | None = None,
    era5_store_address: str | None = None,
    parts: Collection[str] = PARTS,
    progress: Callable = iter,
    retries: int = 2,
    timeout: float = 30.0,
) -> dict[str, list]:
    """Fetch what the cache lacks of a period; return the files by part, and under `without files` stations' numbers.

    Args:
        period: the days wanted.
        stations: numbers of DWD's stations; None takes all of the region that were at work.
        base_url: a mirror laid out like the data folder (default `SPARSEOBS_DATA_URL`, else their homes).
        era5_store_address: of a Zarr store laid out like ARCO-ERA5 (default: that; a mirror's `germany/era5.zarr`).
        parts: of `PARTS`.
        progress: wraps lists of what is fetched, to show how far it is.
        retries: as of `Downloader`.
        timeout: as of `Downloader`.

    Raises:
        InputError: a folder of the user's is set (it is never written), or something cannot be fetched.
    """
    for part in parts:
        require_choice("part", part, PARTS)
    folder, own = downloads.data_folder()
    if own:
        raise InputError("SPARSEOBS_DATA", str(folder), "no folder of your own", "unset SPARSEOBS_DATA, then fetch")
    places, base_url = folders(), downloads.mirror(base_url)
    fetched = {}
    if "elevation" in parts:
        paths = downloads.fetch("germany", base_url=base_url, retries=retries, timeout=timeout)
        fetched["elevation"] = list(paths.values())
    if "dwd" in parts:
        home = f"{base_url}/germany/dwd" if base_url else dwd_server.HOME
        with Downloader(retries=retries, timeout=timeout) as downloader:
            found = dwd_server.fetch_dwd(
                places["dwd"], period, REGION, downloader, stations=stations, base_url=home, progress=progress
            )
        fetched |= {"dwd": found.paths, "without files": found.without_files}
    if "era5" in parts:
        address = era5_store_address or (f"{base_url}/germany/era5.zarr" if base_url else era5_store.HOME)
        fetched["era5"] = era5_store.fetch_era5(places["era5"], REGION, period, address, progress=progress)
    return fetched


def check_germany() -> dict[str, str]:
    """Return, by path below the data folder, `ready` or what is wrong with each file, `missing` for a part."""
    folder, _ = downloads.data_folder()
    found = files()
    readers = {
        # Whose clock an hour follows matters on the reanalysis's days only.
        "dwd": partial(read_product, period=_covered(found["era5"])),
        "elevation": lambda path: read_elevation(path, REGION),
        "era5": lambda path: read_reanalysis([path], REGION),
    }
    states = {}
    for part, paths in found.items():
        if not paths:
            states[f"germany/{part}"] = "missing"
        for path in paths:
            state = "ready"
            try:
                readers[part](path)
            except InputError as error:
                state = str(error)
            states[str(path.relative_to(folder))] = state
    return states


def _covered(paths: list[Path]) -> Period | None:
    """Return the days of a reanalysis, None where it cannot be read."""
    try:
        return days_of(read_reanalysis(paths, REGION))
    except InputError:
        return None
