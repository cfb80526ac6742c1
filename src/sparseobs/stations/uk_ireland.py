"""Real data of the British Isles: ERA5 of March 2019 and Met Eireann's hourly stations of March 2017."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.stations.downloads import fetch
from sparseobs.stations.grib import read_era5
from sparseobs.stations.r_data import read_rda
from sparseobs.stations.regions import REGIONS
from sparseobs.stations.temperature import TemperatureData, network

NOTES = (
    "Real data of two different years: ERA5 2 m temperature of March 2019 (contains modified Copernicus "
    "Climate Change Service information) and Met Eireann's 25 hourly stations of March 2017 (CC BY 4.0)."
)


def load_uk_ireland() -> TemperatureData:
    """Return ERA5 of March 2019 and the 25 Irish stations of March 2017, fetching the files if need be.

    Raises:
        InputError: a file is missing, cannot be fetched, is truncated or is not the pinned one.
    """
    paths = fetch("uk_ireland")
    era5, observations, stations = paths.values()
    return TemperatureData(
        source="uk_ireland",
        synthetic=False,
        region=REGIONS["uk_ireland"],
        reanalysis=read_era5(era5),
        stations=read_met_eireann(observations, stations, month=3),
        elevation=None,
        inputs={name: sha256(path) for name, path in paths.items()},
        notes=NOTES,
    )


def read_met_eireann(observations: Path, stations: Path, month: int, column: str = "temp") -> xr.Dataset:
    """Return hourly `temperature` (time, station), degC, of one month of 2017, stations by name.

    Args:
        observations: `observations.rda` of the R package aimsir17 (hours are UTC).
        stations: its `stations.rda`, which has heights in m.
        month: 1 to 12.
        column: another one, such as `wdsp` (wind speed, knots), in the temperature's place and under its name.

    Raises:
        InputError: a file is not R data of that kind, has an hour twice, or a station without coordinates.
    """
    table, places = (
        read_rda(path, name, "uk_ireland") for path, name in ((observations, "observations"), (stations, "stations"))
    )
    table = table[table["month"] == month]
    hours = pd.to_datetime(table[["year", "month", "day", "hour"]].astype("int64"))
    table = table[["station", column]].assign(time=hours)
    places = places.set_index("station").sort_index()
    unknown = sorted(set(table["station"]) - set(places.index))
    repeated = int(table.duplicated(["time", "station"]).sum())
    if unknown or repeated or table.empty:
        given = f"{len(table)} rows of month {month}, {repeated} of them twice, unknown stations {unknown}"
        raise InputError(str(observations), given, "one row an hour of each station", "fetching both files again")
    table = table.pivot(index="time", columns="station", values=column).reindex(columns=places.index)
    table = table.asfreq("h").astype(np.float64)
    table = table.where(table.notna())  # R's NA is a NaN that warns when it is cast
    titles = [name.title() if name.isupper() else name for name in places.index]
    return network(table.to_numpy(), table.index, places.assign(name=titles).reset_index())
