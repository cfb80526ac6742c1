"""Which files DWD's open-data server has, and how they come into a folder."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.stations.dwd import ZIP, read_product, zip_members
from sparseobs.stations.dwd_stations import LIST, read_station_list
from sparseobs.stations.period import HOUR, Period
from sparseobs.stations.regions import Region
from sparseobs.stations.transfer import Damaged, Downloader

HOME = "https://opendata.dwd.de/climate_environment/CDC/observations_germany/climate/hourly/air_temperature"
# Of the last 500 days or so, growing daily; and whole years, quality control finished, renewed each spring.
PARTS = ("recent", "historical")
# Whose clock an hour follows is asked when it is used, so that one odd year stops no download.
UNASKED = Period(pd.Timestamp(0), pd.Timestamp(0))
_LINK = re.compile(r'href="(?:[^"]*/)?(stundenwerte_TU_[^"/]+\.zip)"')
_SPAN = re.compile(r"stundenwerte_TU_\d{5}_(\d{8})_(\d{8})_hist\.zip")


@dataclass(frozen=True)
class Fetched:
    """What a download brought.

    Attributes:
        paths: files that are there now.
        without_files: stations (numbers) of the list that the server has no zip of.
    """

    paths: list[Path]
    without_files: list[int]


def fetch_dwd(
    folder: Path,
    period: Period,
    region: Region,
    downloader: Downloader,
    *,
    stations: Collection[int] | None = None,
    base_url: str = HOME,
    progress: Callable = iter,
) -> Fetched:
    """Fetch the station lists and every zip that has hours of a period, leaving out those that are there already.

    Args:
        folder: where to; files go to `recent/` and `historical/` below it.
        period: the days wanted.
        region: stations outside are left out, unless named.
        downloader: to fetch with.
        stations: numbers (default: all of the region that the list says were at work in the period).
        base_url: with `recent/` and `historical/` below it, each with an index page.
        progress: wraps the list of files to fetch, to show how far it is.

    Raises:
        InputError: the server cannot be reached, a file stays damaged or has another layout, or a station that was
            named has no file.
    """
    base_url = base_url.rstrip("/")
    lists = [fetch_list(folder, part, downloader, base_url) for part in PARTS]
    available = {part: listed_zips(base_url, part, downloader) for part in PARTS}
    chosen = sorted(stations) if stations is not None else at_work(pd.concat(lists), period, region)
    files, without = [], []
    for number in chosen:
        found = zips_of(number, available, period)
        files += found
        if not found:
            without.append(number)
    if stations is not None and without:
        names = ", ".join(f"{number:05d}" for number in without)
        expected = f"stations with a zip of {period} in {base_url}"
        raise InputError("stations", names, expected, "other stations or days")
    for part, name in progress(files):
        until = period.stop if part == "recent" else None
        fetch_zip(folder / part / name, f"{base_url}/{part}/{name}", downloader, until)
    return Fetched([folder / part / name for part, name in files], without)


def fetch_list(folder: Path, part: str, downloader: Downloader, base_url: str) -> pd.DataFrame:
    """Fetch a part's station list anew, and return it."""
    path = folder / part / f"{LIST}.txt"
    # Text has no checksum that would show two versions mixed, so it never goes on from a part of it.
    downloader.fetch(f"{base_url}/{part}/{path.name}", path, read_station_list, "DWD's station list", resume=False)
    return read_station_list(path)


def fetch_zip(path: Path, url: str, downloader: Downloader, until: pd.Timestamp | None = None) -> Path:
    """Fetch a station's zip unless a whole one is there that reaches `until`."""
    try:
        require_whole_zip(path)
        if until is None or read_product(path, UNASKED).index[-1] + HOUR >= until:
            return path
    except (Damaged, InputError):
        pass
    station = ZIP.fullmatch(path.name)[1]
    return downloader.fetch(url, path, require_whole_zip, f"station {station}'s hourly air temperature as a zip")


def require_whole_zip(path: Path) -> None:
    """Raise `Damaged` unless a zip is whole (it may come whole next time), `InputError` if it has another layout."""
    try:
        zip_members(path, re.compile(".*"))
    except InputError as error:
        raise Damaged(str(error)) from error
    read_product(path, UNASKED)


def listed_zips(base_url: str, part: str, downloader: Downloader) -> dict[int, list[str]]:
    """Return the names of the zips that a part's index page lists, by station number."""
    page = downloader.text(f"{base_url}/{part}/", "an index page that lists DWD's zips")
    zips = defaultdict(list)
    for name in sorted(set(_LINK.findall(page))):
        if match := ZIP.fullmatch(name):
            zips[int(match[1])].append(name)
    return dict(zips)


def at_work(stations: pd.DataFrame, period: Period, region: Region) -> list[int]:
    """Return the numbers of the stations inside a region whose time overlaps the period."""
    overlap = (stations["start"] < period.stop) & (stations["stop"] > period.start)
    inside = region.contains(stations["latitude"], stations["longitude"])
    return sorted(set(stations.index[overlap & inside]))


def zips_of(number: int, available: dict[str, dict[int, list[str]]], period: Period) -> list[tuple[str, str]]:
    """Return part and name of the zips of a station that may have hours of the period.

    Historical zips name their days; the recent one is wanted unless these reach the period's end.
    """
    historical, reached = [], pd.Timestamp.min
    for name in available["historical"].get(number, []):
        first, last = (pd.Timestamp(day) for day in _SPAN.fullmatch(name).groups())
        if first < period.stop and last >= period.start:
            historical.append(("historical", name))
            reached = max(reached, last + pd.Timedelta("1D"))
    recent = available["recent"].get(number, []) if reached < period.stop else []
    return [*historical, *(("recent", name) for name in recent)]
