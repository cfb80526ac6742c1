"""What a station's height explains on the twin, and what a prediction loses that knows less of it; no network."""

import dataclasses
from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.interpolation.kriging import USUAL, Kriging
from sparseobs.interpolation.lapse_rate import hourly_lapse_rate
from sparseobs.interpolation.tuning import Sample
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.randomness import numpy_stream
from sparseobs.scores.bootstrap import two_way_interval
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.splits import StationSplit, cycle_numbers
from sparseobs.stations.temperature import OROGRAPHY, TemperatureData, measured
from sparseobs_book.temperature.headroom import FixedLapseRate, at_sea_level

MODEL = "exponential"
Case = Hashable  # which heights are believed, and which rate


class Section(NamedTuple):
    """A cut through the ground from west to east.

    Attributes:
        longitude: (node,), degrees east.
        true: (node,), m, of the terrain.
        seen: (node,), m, of the reanalysis's own ground.
    """

    longitude: np.ndarray
    true: np.ndarray
    seen: np.ndarray


def every_nth(data: TemperatureData, every: int) -> TemperatureData:
    """Return the data with the stations' first hour and every so many-th after it."""
    return dataclasses.replace(data, stations=data.stations.isel(time=slice(None, None, every)))


def shown_of(split: StationSplit) -> np.ndarray:
    """Return the positions of all stations that may be read."""
    return np.sort(np.concatenate([split.train, split.validation]))


def own_ground(data: TemperatureData, latitude: xr.DataArray, longitude: xr.DataArray) -> np.ndarray:
    """Return the height, m, of the reanalysis's own ground at places, bilinear between its cells.

    Args:
        data: whose reanalysis carries its orography.
        latitude: (place,), degrees north.
        longitude: (place,), degrees east.
    """
    ground = data.reanalysis[OROGRAPHY].drop_vars(OROGRAPHY)
    return ground.interp(latitude=latitude, longitude=longitude, kwargs={"fill_value": None}).values


def section(data: TemperatureData, latitude: float) -> Section:
    """Return the terrain and what the reanalysis makes of it along a parallel, as wide as the region.

    Args:
        data: with an elevation and an orography.
        latitude: degrees north; the nearest row of the terrain is taken.
    """
    row = data.elevation.sel(latitude=latitude, method="nearest")
    row = row.sel(longitude=slice(data.region.west, data.region.east))
    longitude = row["longitude"].drop_vars("latitude")
    return Section(longitude.values, row.values, own_ground(data, xr.full_like(longitude, row["latitude"]), longitude))


def errors_knowing(
    data: TemperatureData, split: StationSplit, heights: np.ndarray, lapse_rate: float | None
) -> np.ndarray:
    """Return prediction less reading (hour, held-out station), K, of kriging that believes these heights.

    The variogram is fitted to what the stations shown read, off the heights; held-out stations are not read.

    Args:
        data: whose stations are meant.
        split: which stations are shown and held out.
        heights: (station,), m, at which all stations are taken to stand.
        lapse_rate: K/m, the same in all hours; None lets kriging estimate that of each hour, as a drift.
    """
    points, readings = station_points(data.stations), measured(data.stations).values.astype(float)
    places, shown = Points(points.latitude, points.longitude, heights), shown_of(split)
    sample = Sample(places[shown], readings[:, shown])
    if lapse_rate is None:
        rates = hourly_lapse_rate(*sample[:2], *USUAL)[:, None] * 1e-3
        level = sample.values + rates * sample.places.height
        method = Kriging(MODEL, *fit_variogram(MODEL, sample.places, level), heights="drift")
    else:
        level = at_sea_level(sample, lapse_rate)
        method = FixedLapseRate(Kriging(MODEL, *fit_variogram(MODEL, level.places, level.values)), lapse_rate)
    mean, _ = method.interpolate(*sample[:2], places[split.held_out])
    return mean - readings[:, split.held_out]


def worth(
    errors: Mapping[Case, np.ndarray],
    steps: Mapping[str, tuple[Case, Case]],
    places: Mapping[str, np.ndarray],
    times: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Return by how much steps from one case to another lower the mean absolute error, K, with 95 % intervals.

    Args:
        errors: (hour, station), K, NaN in gaps, by case; all of the same hours and stations.
        steps: pairs of cases, before and after, by name.
        places: (station,), which stations are meant, by name.
        times: (hour,), UTC; hours of one block of days stay together when they are drawn anew.
        seed: of the draws.

    Returns:
        A row a step and kind of place: `won (K)`, `low`, `high`.
    """
    blocks, rows = cycle_numbers(times), {}
    for step, (before, after) in steps.items():
        difference = np.abs(errors[before]) - np.abs(errors[after])
        for kind, where in places.items():
            found = two_way_interval(difference[:, where], blocks, numpy_stream(seed, "bootstrap"))
            rows[step, kind] = {"won (K)": found.mean, "low": found.low, "high": found.high}
    return pd.DataFrame(rows).T


def by_clock(times: np.ndarray, rates: np.ndarray, explained: np.ndarray) -> pd.DataFrame:
    """Return what lines in height say, a row an hour of the day: mean, least and greatest rate, mean share explained.

    Args:
        times: (hour,), UTC.
        rates: (hour,), K per km.
        explained: (hour,), share of the variance.
    """
    clock = pd.DatetimeIndex(times).hour.rename("hour (UTC)")
    rate = pd.Series(rates).groupby(clock).agg(["mean", "min", "max"])
    return rate.assign(explained=pd.Series(explained).groupby(clock).mean())


def lines_in_height(height: np.ndarray, readings: np.ndarray) -> np.ndarray:
    """Return the lapse rate (hour,), K per km, of each hour's least-squares line through readings against height.

    Args:
        height: (station,), km.
        readings: (hour, station), degC, NaN in gaps.
    """
    present = np.isfinite(readings)
    numbers = present.sum(axis=1, keepdims=True)
    x = np.where(present, height - np.where(present, height, 0).sum(axis=1, keepdims=True) / numbers, 0)
    y = np.where(present, readings, 0)
    return -(x * y).sum(axis=1) / (x**2).sum(axis=1)


def lines_of_few(
    data: TemperatureData,
    split: StationSplit,
    asked: np.ndarray,
    *,
    n_few: int,
    draws: int,
    fixed_rate: float,
    seed: int,
) -> pd.DataFrame:
    """Return how far lapse rates from few stations are off those of all, and what they make of other stations.

    The few stations give the level, without any weight for distance, and each way another rate: the fixed one, that of
    their own line, this drawn towards the fixed one (`hourly_lapse_rate`), and the line of all stations shown.

    Args:
        data: whose stations are meant.
        split: of whose stations shown the few are drawn.
        asked: positions of the stations predicted.
        n_few: how many, 2 or more.
        draws: of few stations, over which is averaged.
        fixed_rate: K per km.
        seed: of the draws.

    Returns:
        A row a way: `rate off by (K per km)`, root mean square over hours, and `MAE (K)`.
    """
    places, readings = station_points(data.stations), measured(data.stations).values.astype(float)
    height, shown, generator = places.height * 1e-3, shown_of(split), numpy_stream(seed, "few stations")
    everyone = lines_in_height(height[shown], readings[:, shown])
    found = []
    for _ in range(draws):
        few = generator.permutation(shown)[:n_few]
        ways = {
            "fixed": np.full(len(readings), fixed_rate),
            "their own line": lines_in_height(height[few], readings[:, few]),
            "drawn to the fixed": hourly_lapse_rate(places[few], readings[:, few], fixed_rate, USUAL[1]),
            "all stations'": everyone,
        }
        for way, rate in ways.items():
            level = np.nanmean(readings[:, few] + rate[:, None] * height[few], axis=1, keepdims=True)
            error = level - rate[:, None] * height[asked] - readings[:, asked]
            off = np.sqrt(np.nanmean((rate - everyone) ** 2))
            found.append({"way": way, "rate off by (K per km)": off, "MAE (K)": np.nanmean(np.abs(error))})
    return pd.DataFrame(found).groupby("way", sort=False).mean()
