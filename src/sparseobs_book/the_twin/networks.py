"""What a network of stations says of its weather: how well a station is known from the others, hour by hour."""

import itertools
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.files import PACKAGE
from sparseobs.interpolation.kriging import reporting_patterns
from sparseobs.interpolation.lapse_rate import hourly_lapse_rate
from sparseobs.interpolation.reanalysis import sample
from sparseobs.stations.containers import reading
from sparseobs.stations.downloads import FILES as PINNED
from sparseobs.stations.geography import Points, great_circle, station_points
from sparseobs.stations.grib import read_era5
from sparseobs.stations.temperature import network

SYNOP = "synop/synop_t2m_2019-02-17_20.csv.gz"
RAW = "synop/vobs_raw.tar.xz"  # the same reports with all that they say
ERA5 = "uk_ireland/era5-2mt-2019-03-uk.grib"
FACTS = PACKAGE / "stations" / "data" / "real_nights.csv"
LEFT_OUT, NIGHT, DAY = "error of stations left out", "difference by night", "difference by day"
MIDAS_RANGE, ERA5_RANGE = "daily range, MIDAS", "daily range, ERA5"
EDGES = (0, 20, 40, 80, 160, 320, 640)  # km between two stations
BANDS = tuple(itertools.pairwise(EDGES))
LOWLAND = 600.0  # m: above it a clear night is another one
GERMANY = range(10000, 11000)  # identifiers of WMO block 10
KELVIN = 273.15
LENGTHS = (25.0, 50.0, 100.0, 200.0, 400.0, 800.0)  # km, of an exponential covariance
NUGGETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of the variance
COVARIANCE = {"length": 800.0, "nugget": 0.05}  # of these the one that suits the real stations best
CLOUD, WIND = "cloud", "wind"  # eighths of the sky, and m/s
CALM = 3.0  # m/s: a day whose mean wind is below is a calm one


def read_synop(path: Path) -> xr.Dataset:
    """Return hourly `temperature` (time, station), degC, of the German stations of a table of SYNOP reports.

    Some stations are written with slightly different places from hour to hour; each has its most frequent one here.

    Args:
        path: CSV with `time` (UTC), `id`, `lat`, `lon` (degrees), `height` (m) and `T` (K).

    Raises:
        InputError: a file that is not there or lacks these columns, or no German station in it.
    """
    columns = ["time", "id", "lat", "lon", "height", "T"]
    try:
        table = pd.read_csv(path, usecols=columns, parse_dates=["time"])
    except (OSError, ValueError) as error:
        raise InputError("SYNOP", f"{path} ({error})", f"a CSV with {columns}", "a fresh copy of it") from error
    table = table[table["id"].isin(GERMANY)]
    if table.empty:
        raise InputError("SYNOP", f"{path}", "stations of WMO block 10", "a fresh copy of it")
    places = table.groupby("id")[["lat", "lon", "height"]].agg(lambda column: column.mode().iloc[0])
    readings = table.pivot_table(index="time", columns="id", values="T") - KELVIN
    names = places.index.astype(str)
    places = places.rename(columns={"lat": "latitude", "lon": "longitude"}).assign(station=names, name=names)
    return network(readings.to_numpy(), readings.index.to_numpy(), places)


def read_sky(path: Path) -> pd.DataFrame:
    """Return mean `cloud`, eighths, and mean `wind`, m/s, (day,) of the German stations below `LOWLAND`.

    Args:
        path: archive of an hour's reports a file, as `sparseobs.stations.synop.read_vobs` describes them.

    Raises:
        InputError: no such archive, or a file in it that is of another layout.
    """
    rows = []
    with reading("SYNOP", path, "an archive of hourly reports"), tarfile.open(path, "r:xz") as packed:
        for member in filter(tarfile.TarInfo.isfile, packed):
            lines = packed.extractfile(member).read().decode("ascii").splitlines()
            n_rows, n_variables = int(lines[0].split()[0]), int(lines[1])
            first = 2 + n_variables
            columns = [4 + [line.split()[0] for line in lines[2:first]].index(name) for name in ("NN", "FF")]
            day = pd.to_datetime(member.name[-10:-2], format="%Y%m%d")
            for fields in (line.split() for line in lines[first : first + n_rows]):
                if int(fields[0]) in GERMANY and float(fields[3]) < LOWLAND:
                    rows.append((day, *(float(fields[column]) for column in columns)))
    table = pd.DataFrame(rows, columns=["day", CLOUD, WIND]).set_index("day")
    return table.where(table >= 0).groupby("day").mean()


def lowland(stations: xr.Dataset) -> xr.Dataset:
    """Return the stations below `LOWLAND` that report at least half of the hours."""
    reporting = np.isfinite(stations["temperature"]).mean("time").values >= 0.5
    return stations.isel(station=reporting & (stations["height"].values < LOWLAND))


def station_differences(points: Points, values: np.ndarray) -> np.ndarray:
    """Return how far stations differ, (hour, distance), K: root of half the mean square, reduced to sea level.

    Args:
        points: the stations.
        values: (hour, station), degC, NaN where missing.
    """
    reduced = values + hourly_lapse_rate(points, values, 6.5, 3.0)[:, None] * 1e-3 * points.height
    distance = great_circle(points, points)
    pairs = [np.nonzero(np.triu((distance > low) & (distance <= high))) for low, high in BANDS]
    halves = [np.nanmean((reduced[:, first] - reduced[:, second]) ** 2, axis=1) / 2 for first, second in pairs]
    return np.sqrt(np.stack(halves, axis=1))


def left_out_errors(points: Points, values: np.ndarray, length: float, nugget: float) -> np.ndarray:
    """Return the error (hour, station), K, of each station predicted from the others by kriging, heights as a drift.

    One inverse gives all of an hour's errors [dubrule1983]. NaN where a reading is missing.

    Args:
        points: the stations.
        values: (hour, station), degC, NaN where missing.
        length: km, of the exponential covariance.
        nugget: share of the variance that belongs to a station alone.
    """
    covariance = (1 - nugget) * np.exp(-great_circle(points, points) / length) + nugget * np.eye(len(points))
    drift = np.column_stack([np.ones(len(points)), (points.height - points.height.mean()) / points.height.std()])
    errors = np.full(values.shape, np.nan)
    for reporting, hours in reporting_patterns(values):
        n = int(reporting.sum())
        system = np.zeros((n + 2, n + 2))
        system[:n, :n] = covariance[np.ix_(reporting, reporting)]
        system[:n, n:] = drift[reporting]
        system[n:, :n] = drift[reporting].T
        inverse = np.linalg.inv(system)[:n, :n]
        found = -values[np.ix_(hours, reporting)] @ inverse / np.diag(inverse)
        errors[np.ix_(hours, np.flatnonzero(reporting))] = found
    return errors


def best_left_out(stations: xr.Dataset) -> np.ndarray:
    """Return the errors of `left_out_errors` with the covariance, one for all hours, of least mean absolute error."""
    points, values = station_points(stations), stations["temperature"].transpose("time", "station").values
    found = (left_out_errors(points, values, *candidate) for candidate in itertools.product(LENGTHS, NUGGETS))
    return min(found, key=lambda errors: np.nanmean(np.abs(errors)))


def describe(stations: xr.Dataset, errors: np.ndarray | None = None) -> pd.DataFrame:
    """Return `quantity`, `x` and `value` of a network's days: what `FACTS` holds of a real one.

    Args:
        stations: hourly `temperature`; thin out long series by a number of hours that is coprime with 24.
        errors: (hour, station), K, of stations left out; by default of `best_left_out`.

    Returns:
        Mean absolute errors by the hour of the day, and differences between stations by distance, night and day, K.
    """
    errors = best_left_out(stations) if errors is None else errors
    times = stations["time"].dt.hour.values
    rows = [(LEFT_OUT, hour, np.nanmean(np.abs(errors[times == hour]))) for hour in np.unique(times)]
    apart = station_differences(station_points(stations), stations["temperature"].transpose("time", "station").values)
    for quantity, hours in ((NIGHT, range(7)), (DAY, range(11, 15))):
        found = np.sqrt(np.nanmean(apart[np.isin(times, hours)] ** 2, axis=0))
        rows += [(quantity, (low + high) / 2, value) for (low, high), value in zip(BANDS, found, strict=True)]
    return pd.DataFrame(rows, columns=["quantity", "x", "value"])


def range_facts(era5: xr.DataArray, folder: Path) -> pd.DataFrame:
    """Return the mean daily range, K, of ten MIDAS stations in March 2019 and of ERA5 there, as `describe` does.

    ERA5's is of 24 hourly values of a UTC day; a thermometer's holds its extremes between the hours too.

    Args:
        era5: hourly, degC.
        folder: of the real data.
    """
    *series, metadata, _ = (folder / file.path for file in PINNED["midas"])
    places = pd.read_csv(metadata).set_index("File_Name")
    days = era5.resample(time="D")
    ranges, pairs = days.max() - days.min(), []
    for path in series:
        table = pd.read_csv(path, parse_dates=["datetime"], index_col="datetime")
        there = Points(*([places.loc[path.name, name]] for name in ("Latitude", "Longitude")), [0.0])
        seen = pd.Series(sample(ranges, there)[:, 0], index=ranges["time"].values)
        pairs.append(pd.DataFrame({MIDAS_RANGE: table["temp_max"] - table["temp_min"], ERA5_RANGE: seen}).dropna())
    means = pd.concat(pairs).mean()
    return pd.DataFrame({"quantity": means.index, "x": 0, "value": means.values})


def store_facts(folder: Path) -> None:
    """Measure what is known of real nights and days from a folder of real data, and write `FACTS`."""
    facts = [describe(lowland(read_synop(folder / SYNOP))), range_facts(read_era5(folder / ERA5), folder)]
    pd.concat(facts).round(3).to_csv(FACTS, index=False)
