"""Station data written the way DWD ships them, so that a page or a test can meet the format without a download."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.stations.dwd import COLUMNS, MISSING
from sparseobs.stations.dwd_stations import LIST
from sparseobs.stations.dwd_time import WRITTEN_UTC, parameter_text

ROUTINE = 3  # quality level of data that only a machine has looked at


def write_dwd(stations: xr.Dataset, folder: Path) -> list[Path]:
    """Write a network as a folder of DWD's: the station list and a zip a station; return the zips.

    Stations are numbered from 1 in their order. Humidity, which a network has not, is missing.

    Args:
        stations: a network, see `temperature.network`.
        folder: where to write.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    times = pd.DatetimeIndex(stations["time"].values)
    names = ["name", "latitude", "longitude", "height"]
    places = stations[names].to_dataframe()[names].assign(start=times[0], stop=pd.NaT)
    zips = []
    for number in range(1, len(places) + 1):
        hours = stations["temperature"].isel(station=number - 1).to_series()
        name = f"stundenwerte_TU_{number:05d}_akt.zip"
        zips.append(write_zip(folder / name, number, hours, places.iloc[[number - 1]]))
    write_station_list(folder / f"{LIST}.txt", places.set_index(np.arange(1, len(places) + 1)), times[-1])
    return zips


def write_zip(path: Path, number: int, hours: pd.Series, places: pd.DataFrame, quality: int = ROUTINE) -> Path:
    """Write one station's zip.

    Args:
        path: of the zip.
        number: of the station.
        hours: temperature by time, degC, NaN where missing.
        places: `name`, `latitude`, `longitude`, `height`, `start` and `stop` (its last day; NaT while open), oldest
            first.
        quality: level of every row.
    """
    span = f"{hours.index[0]:%Y%m%d}_{hours.index[-1]:%Y%m%d}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"Metadaten_Geographie_{number:05d}.txt", geography_text(number, places).encode("latin-1"))
        told = parameter_text(number, [("17000101", "", WRITTEN_UTC)]).encode("latin-1")
        archive.writestr(f"Metadaten_Parameter_tu_stunde_{number:05d}.txt", told)
        archive.writestr(f"produkt_tu_stunde_{span}_{number:05d}.txt", product_text(number, hours, quality))
    return path


def product_text(number: int, hours: pd.Series, quality: int = ROUTINE) -> str:
    """Return the rows of a product, CRLF at their ends."""
    lines = [";".join(COLUMNS)]
    for time, value in hours.items():
        reading = f"{MISSING:6.0f}" if np.isnan(value) else f"{value:6.1f}"
        lines.append(f"{number:11d};{time:%Y%m%d%H};{quality:5d};{reading};{MISSING:6.0f};eor")
    return "\r\n".join([*lines, ""])


def geography_text(number: int, places: pd.DataFrame) -> str:
    """Return the rows that say where a station stood from when to when."""
    lines = ["Stations_id;Stationshoehe;Geogr.Breite;Geogr.Laenge;von_datum;bis_datum;Stationsname"]
    for place in places.itertuples():
        stop = "        " if pd.isna(place.stop) else f"{place.stop:%Y%m%d}"
        position = f"{place.height:8.2f};{place.latitude:8.4f};{place.longitude:8.4f}"
        lines.append(f"{number:6d};{position};{place.start:%Y%m%d};{stop};{place.name}")
    return "\r\n".join([*lines, ""])


def write_station_list(path: Path, places: pd.DataFrame, until: pd.Timestamp) -> None:
    """Write the list of stations, latin-1 and fixed width, with the last column of the newer lists.

    Args:
        path: of the list.
        places: by station number: `name`, `latitude`, `longitude`, `height`, `start`.
        until: the last day of all of them.
    """
    names = "Stations_id von_datum bis_datum Stationshoehe geoBreite geoLaenge Stationsname Bundesland Abgabe"
    lines = [names, "----------- --------- --------- ------------- --------- --------- ------------ ---------- ------"]
    for number, place in places.iterrows():
        position = f"{place['height']:15.0f} {place['latitude']:11.4f} {place['longitude']:9.4f}"
        name = f"{place['name']:<40.40} {'Erfunden':<40} Frei"
        lines.append(f"{number:05d} {place['start']:%Y%m%d} {until:%Y%m%d}{position} {name}")
    path.write_bytes("\r\n".join([*lines, ""]).encode("latin-1"))
