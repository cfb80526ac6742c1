"""The twin's wind beside a real one: nothing of it was fitted, so the comparison is a test."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.files import sha256
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.stations.downloads import fetch
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.temperature import measured
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_wind import load_wind_twin
from sparseobs.stations.uk_ireland import read_met_eireann

NAME = "twin_wind"
COMMAND = "python -m sparseobs twin wind"
KNOT = 1852 / 3600  # m/s
BANDS = (25, 50, 100, 200, 400)  # km, edges of classes of distance
AFTERNOON = 14  # UTC


def describe_wind(stations: xr.Dataset) -> dict[str, float]:
    """Return what a network's wind is like: moments in m/s, its day, and how alike two stations are by distance.

    Args:
        stations: of wind speeds, m/s, hourly.

    Returns:
        `mean`, `std` and `skewness` of all readings, `sites`, the standard deviation of the stations' means,
        `afternoon`, the mean at 14 UTC over the mean, and `correlation_KM`, of hourly departures from the stations'
        means, the mean over pairs up to KM apart and further than the edge before.
    """
    speed = measured(stations)
    values = speed.values.astype(float)
    departures = pd.DataFrame(values - np.nanmean(values, axis=0))
    correlation = departures.corr().to_numpy()
    distance = great_circle(station_points(stations), station_points(stations))
    mean, std = np.nanmean(values), np.nanstd(values)
    found = {
        "mean": mean,
        "std": std,
        "skewness": np.nanmean(((values - mean) / std) ** 3),
        "sites": np.nanstd(np.nanmean(values, axis=0)),
        "afternoon": np.nanmean(values[speed["time"].dt.hour.values == AFTERNOON]) / mean,
    }
    for near, far in zip(BANDS, BANDS[1:], strict=False):
        pairs = correlation[(distance > near) & (distance <= far) & np.isfinite(correlation)]
        found[f"correlation_{far}"] = pairs.mean() if pairs.size else np.nan
    return {name: float(value) for name, value in found.items()}


def compare_wind() -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a row for Met Eireann's stations and one for the twin, both in March, and SHA-256 of the files read."""
    _, observations, stations = fetch("uk_ireland").values()
    ireland = KNOT * read_met_eireann(observations, stations, month=3, column="wdsp")
    ireland = ireland.isel(station=np.flatnonzero(np.isfinite(measured(ireland)).sum("time") > 24))
    networks = {"Ireland": ireland, "twin": load_wind_twin(TwinSettings()).stations}
    rows = [{"source": name, "synthetic": name == "twin", **describe_wind(part)} for name, part in networks.items()]
    return pd.DataFrame(rows), {path.name: sha256(path) for path in (observations, stations)}


def store() -> Path:
    """Compare and write the table with its record under `results/`."""
    begin = time.perf_counter()
    table, inputs = compare_wind()
    record = run_record(COMMAND, {"seed": 0, "month": 3}, time.perf_counter() - begin, inputs)
    return write_result(NAME, table, {"size": "lesson", **record})
