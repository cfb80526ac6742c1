"""The twin beside reality: what both do, in a small table that a page can show without the data."""

import bz2
import dataclasses
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.interpolation.reanalysis import sample
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.stations.downloads import FILES as PINNED
from sparseobs.stations.downloads import data_folder
from sparseobs.stations.dwd import read_product
from sparseobs.stations.geography import Points, great_circle, station_points
from sparseobs.stations.germany_snapshot import read_germany_snapshot
from sparseobs.stations.grib import read_era5, read_grib
from sparseobs.stations.midas import read_midas
from sparseobs.stations.temperature import TemperatureData
from sparseobs.stations.twin import load_twin, truth
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_weather import settled_of
from sparseobs_book.temperature.inland import INLAND_BOX, zonal_spectrum
from sparseobs_book.the_twin.networks import (
    BANDS,
    CALM,
    COVARIANCE,
    ERA5,
    RAW,
    SYNOP,
    WIND,
    describe,
    left_out_errors,
    lowland,
    read_sky,
    read_synop,
    station_differences,
)

COMMAND = "python -m sparseobs twin compare"
NAME = "twin"
FOUR_DAYS, CALM_DAYS = "SYNOP, four days", "SYNOP, the calm ones"  # 2019-02-17 to 20
SETTLED, OTHER, MODEL = "twin, settled", "twin, not settled", "ICON-EU, 2020-06-23 00 UTC"
WINTER = (12, 1, 2)  # months: the real days are of February
WHOLE = 20  # hours that a day must have
LOWLAND = 200.0  # m: MIDAS's ten stations lie below it
FILES = {
    "snapshot": "germany/temp_obs.txt",
    "station list": "germany/dwd/TU_Stundenwerte_Beschreibung_Stationen.2021.txt",
    "station 44": "germany/dwd/produkt_tu_stunde_20190912_20210314_00044.txt",
    "forecast model": "nwp/icon-eu_europe_regular-lat-lon_single-level_2020062300_000_T_2M.grib2.bz2",
    "ERA5": ERA5,
    "SYNOP": SYNOP,
    "cloud and wind": RAW,
    "elevation": "uk_ireland/thames_dem.asc",
}
STATION_44 = Points([52.9336], [8.2370], [44.0])  # Grossenkneten, from DWD's list


def row(quantity: str, source: str, x: float, value: float, low: float = np.nan, high: float = np.nan) -> dict:
    """Return one row of the table."""
    return {"quantity": quantity, "source": source, "x": x, "value": value, "low": low, "high": high}


def _at_distances(data: TemperatureData, folder: Path) -> Iterator[dict]:
    """Yield differences between stations at noon of a June day."""
    snapshot = read_germany_snapshot(folder / FILES["snapshot"], folder / FILES["station list"])
    middles = [(low + high) / 2 for low, high in BANDS]
    real = station_differences(station_points(snapshot), snapshot["temperature"].values)[0]
    times = pd.DatetimeIndex(data.stations["time"].values)
    june = data.stations.isel(time=np.flatnonzero((times.month == 6) & (times.hour == 12)))
    ours = station_differences(station_points(june), june["temperature"].values)
    for number, x in enumerate(middles):
        yield row("difference between stations", "493 DWD stations, 2020-06-09 12 UTC", x, real[number])
        low, high = np.quantile(ours[:, number], [0.1, 0.9])
        yield row("difference between stations", "twin", x, np.sqrt(np.mean(ours[:, number] ** 2)), low, high)


def _by_hour(data: TemperatureData, folder: Path, seed: int) -> Iterator[dict]:
    """Yield errors of stations left out by the hour, and differences by distance, of real days and the twin's winters.

    The twin's network is thinned to as many lowland stations as the real one has. Of the real days, those whose wind
    was light stand by themselves too; what their sky and wind were is told.
    """
    real, sky = lowland(read_synop(folder / SYNOP)), read_sky(folder / RAW)
    for day, seen in sky.iterrows():
        yield from (row(name, FOUR_DAYS, day.day, value) for name, value in seen.items())
    calm = real["time"].dt.floor("D").isin(sky.index[sky[WIND] < CALM]).values
    low = lowland(data.stations)
    low = low.isel(station=np.linspace(0, low.sizes["station"] - 1, real.sizes["station"]).astype(int))
    settled = settled_of(FULL, seed) > 0.5
    winter = low["time"].dt.month.isin(WINTER).values
    parts = {FOUR_DAYS: (real, slice(None)), CALM_DAYS: (real, np.flatnonzero(calm))}
    parts |= {SETTLED: (low, np.flatnonzero(winter & settled)), OTHER: (low, np.flatnonzero(winter & ~settled)[::7])}
    yield row("share of hours", SETTLED, 0, settled.mean())
    for source, (network, hours) in parts.items():
        network = network.isel(time=hours)
        values = network["temperature"].transpose("time", "station").values.astype(float)
        errors = left_out_errors(station_points(network), values, **COVARIANCE)
        for found in describe(network, errors).to_dict("records"):
            yield row(found["quantity"], source, found["x"], found["value"])


def _by_wavelength(folder: Path, seed: int) -> Iterator[dict]:
    """Yield spectra of a forecast model's analysis and of the nature run, both at midnight in late June."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "field.grib2"
        path.write_bytes(bz2.decompress((folder / FILES["forecast model"]).read_bytes()))
        real = read_grib(path, INLAND_BOX)
    june = dataclasses.replace(FULL, start="2001-06-15", days=15)
    hours = 24 * np.arange(1, 15)
    ours, view = truth(hours, june, seed=seed), load_twin(june, seed=seed).reanalysis.isel(time=hours)
    settled = settled_of(june, seed)[hours] > 0.5
    sides = slice(INLAND_BOX.south, INLAND_BOX.north), slice(INLAND_BOX.west, INLAND_BOX.east)
    box = dict(zip(("latitude", "longitude"), sides, strict=True))
    fields = {MODEL: real, SETTLED: ours.sel(box).isel(time=settled), OTHER: ours.sel(box).isel(time=~settled)}
    fields |= {"twin reanalysis": view.sel(box)}
    for source, field in fields.items():
        field = field if "time" in field.dims else field.expand_dims("time")
        for wavelength, power in zip(*zonal_spectrum(field), strict=True):
            yield row("power spectrum", source, wavelength, power)


def _reanalysis_errors(data: TemperatureData, folder: Path) -> Iterator[dict]:
    """Yield root-mean-square error and bias of the reanalysis's daily means, minima and maxima at stations, in March.

    No hour has both ERA5 and hourly stations here; a day's minimum and maximum say what it does by night and by day.
    """
    *series, metadata, elevation = (folder / file.path for file in PINNED["midas"])
    midas = read_midas(metadata, series, elevation).sel(time="2019-03")
    era5 = at_stations(read_era5(folder / FILES["ERA5"]), midas)
    march, low = data.stations.sel(time="2001-03")["temperature"], data.stations["height"].values < LOWLAND
    view = at_stations(data.reanalysis.sel(time="2001-03"), march).where(march.notnull())
    for quantity, column in (("daily", "mean"), ("minimum", "min"), ("maximum", "max")):
        real = midas["temperature"].copy(data=read_days(series, f"temp_{column}", midas["time"].values))
        ours = of_days(view, column) - of_days(march, column)
        errors = {
            "ERA5 at ten MIDAS stations": of_days(era5, column) - real,
            f"twin, stations below {LOWLAND:g} m": ours.isel(station=low),
            "twin, all stations": ours,
        }
        for source, error in errors.items():
            found = error.values[np.isfinite(error.values)]
            yield row(f"{quantity} error", source, 0, np.sqrt(np.mean(found**2)))
            yield row(f"{quantity} bias", source, 0, found.mean())
            yield row(f"{quantity} station-days", source, 0, found.size)


def at_stations(field: xr.DataArray, stations: xr.Dataset | xr.DataArray) -> xr.DataArray:
    """Return a field at stations, bilinear, (time, station)."""
    axes = {"time": field["time"].values, "station": stations["station"].values}
    return xr.DataArray(sample(field, station_points(stations)), axes, ("time", "station"))


def of_days(hours: xr.DataArray, how: str) -> xr.DataArray:
    """Return the `mean`, `min` or `max` of days (time, station) with at least `WHOLE` hours."""
    days = hours.transpose("time", "station").drop_vars(["latitude", "longitude", "height"], errors="ignore")
    days = days.resample(time="D")
    return getattr(days, how)().where(days.count() >= WHOLE)


def read_days(series: list[Path], column: str, days: np.ndarray) -> np.ndarray:
    """Return a column of MIDAS's files, a station each, on some days, (day, station)."""
    tables = [pd.read_csv(path, parse_dates=["datetime"], index_col="datetime")[column] for path in series]
    return np.column_stack([table.reindex(days) for table in tables])


def _by_month(data: TemperatureData, folder: Path) -> Iterator[dict]:
    """Yield mean temperature and mean daily range of every month at one station, and at the twin's nearest."""
    invented = data.stations.isel(station=~data.stations["value"].values)
    nearest = int(great_circle(STATION_44, station_points(invented))[0].argmin())
    series = {
        "DWD station 44": read_product(folder / FILES["station 44"])["temperature"],
        "twin": invented["temperature"].isel(station=nearest).to_series(),
    }
    for source, hours in series.items():
        days = hours.resample("D")
        ranges = (days.max() - days.min()).where(days.count() >= 20).dropna()
        for quantity, values in (("monthly mean", hours), ("daily range", ranges)):
            for month, value in values.groupby(values.index.month).mean().items():
                yield row(quantity, source, month, value)


def compare(data: TemperatureData, folder: Path, seed: int = 0) -> pd.DataFrame:
    """Return the table: `quantity`, `source`, `x`, `value`, `low`, `high`; see results/dictionary.csv.

    Args:
        data: the twin at full size.
        folder: of the real data.
        seed: of the twin.

    Raises:
        InputError: a file that is not there.
    """
    missing = [path for path in FILES.values() if not (folder / path).is_file()]
    if missing:
        raise InputError("SPARSEOBS_DATA", f"{folder} without {missing[0]}", "a folder with the real data", "another")
    parts = _at_distances(data, folder), _by_hour(data, folder, seed), _by_wavelength(folder, seed)
    parts = *parts, _reanalysis_errors(data, folder)
    return pd.DataFrame(itertools.chain(*parts, _by_month(data, folder)))


def store(data: TemperatureData, seed: int = 0) -> None:
    """Compare with the folder SPARSEOBS_DATA and write results/twin.csv."""
    begin, folder = time.perf_counter(), data_folder()[0]
    table = compare(data, folder, seed)
    inputs = {path: sha256(folder / path) for path in FILES.values()}
    record = run_record(COMMAND, {"seed": seed}, time.perf_counter() - begin, inputs)
    write_result(NAME, table, {"size": "lesson", **record})
