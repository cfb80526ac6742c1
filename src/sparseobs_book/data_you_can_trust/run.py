"""What mistakes in a station network do to a map, and what a look at the neighbours mends."""

import dataclasses

import numpy as np
import pandas as pd
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.interpolation.lapse_rate import LapseRateIDW
from sparseobs.interpolation.tuning import station_folds
from sparseobs.stations import titan
from sparseobs.stations.geography import Points, station_points
from sparseobs.stations.neighbour_check import implausible, neighbour_departures
from sparseobs.stations.regions import Region
from sparseobs.stations.twin_full import FULL

PRESETS = {
    "smoke": dataclasses.replace(FULL, days=2, n_stations=60),
    "lesson": dataclasses.replace(FULL, days=10, n_stations=150),
    "paper": FULL,
}
N_FOLDS = 5
N_CHECKED = 36  # hours, as titanlib's checks take a while


def interpolated(hour: xr.Dataset, region: Region, spacing: float = 0.15) -> xr.DataArray:
    """Return a plain inverse-distance map (latitude, longitude), degC, of the stations at one hour.

    Args:
        hour: a network at one time.
        region: what to map.
        spacing: degrees.
    """
    axes = np.arange(region.south, region.north, spacing), np.arange(region.west, region.east, spacing)
    north, east = (part.ravel() for part in np.meshgrid(*axes, indexing="ij"))
    nodes = Points(north, east, np.zeros(north.size))
    field = inverse_distance(station_points(hour), hour["temperature"].values[None], nodes)
    return xr.DataArray(
        field.reshape([len(axis) for axis in axes]), dict(zip(("latitude", "longitude"), axes, strict=True))
    )


def cross_validated_error(stations: xr.Dataset, clean: xr.Dataset) -> float:
    """Return the mean absolute error, K, of interpolating the true readings of stations from others' given ones.

    Each fold of stations is interpolated by inverse distance at sea level from the other folds and judged by its own
    clean readings, at its true height.

    Args:
        stations: as they are given, right or wrong.
        clean: as they are.

    Raises:
        InputError: networks of other stations or hours.
    """
    if stations["temperature"].shape != clean["temperature"].shape:
        shapes = stations["temperature"].shape, clean["temperature"].shape
        raise InputError("stations", shapes, "one network, given and clean", "the same stations and hours")
    given, places = stations["temperature"].values, station_points(stations)
    truth, true_places = clean["temperature"].values, station_points(clean)
    at_sea_level = LapseRateIDW(lapse_rate_std=0.0)  # the standard rate at every hour
    errors = []
    for context, asked in station_folds(true_places, N_FOLDS):
        mean, _ = at_sea_level.interpolate(places[context], given[:, context], true_places[asked])
        errors.append(mean - truth[:, asked])
    return float(np.nanmean(np.abs(np.concatenate(errors, axis=1))))


def costs(given: dict[str, xr.Dataset], clean: xr.Dataset, limit: float) -> pd.DataFrame:
    """Return what each mistake costs an interpolation, and how much of it a look at the neighbours mends.

    Args:
        given: networks with mistakes in them, by what is wrong.
        clean: the same network without.
        limit: of `implausible`.

    Returns:
        One row a mistake: share of the readings not believed, and the error, K, as given and after the check.
    """
    rows = []
    for what, network in given.items():
        wrong = implausible(neighbour_departures(network), limit)
        checked = network.assign(temperature=network["temperature"].where(~wrong))
        rows.append(
            {
                "mistake": what,
                "not believed (%)": 100 * float(wrong.mean()),
                "error as given (K)": cross_validated_error(network, clean),
                "error after the check (K)": cross_validated_error(checked, clean),
            }
        )
    return pd.DataFrame(rows).set_index("mistake")


def found_by(given: dict[str, xr.Dataset], clean: xr.Dataset, limit: float) -> pd.DataFrame:
    """Return how many of the wrong readings each check finds, in %, at `N_CHECKED` hours spread over the period.

    Args:
        given: networks with mistakes in them, by what is wrong.
        clean: the same network without.
        limit: of `implausible`.

    Returns:
        One row a mistake; a network without any has the share of all its readings that are flagged. One column a
        check: the look at the neighbours, and those of `titan.CHECKS` if titanlib is installed.
    """
    hours = np.unique(np.linspace(0, clean.sizes["time"] - 1, N_CHECKED).astype(int))
    rows = {}
    for what, network in given.items():
        checks = {"eight neighbours": implausible(neighbour_departures(network), limit)[hours]}
        part = network.isel(time=hours)
        if titan.available():
            checks |= {name: check(part) for name, check in titan.CHECKS.items()}
        read = np.isfinite(part["temperature"].values)
        wrong = read & _differs(part, clean.isel(time=hours))
        counted = wrong if wrong.any() else read
        rows[what] = {name: 100 * float(flags.values[counted].mean()) for name, flags in checks.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("mistake")


def _differs(given: xr.Dataset, clean: xr.Dataset) -> np.ndarray:
    """Return where a network says something else than the clean one (time, station): the reading or its height."""
    same = given["temperature"].values == clean["temperature"].values
    return ~same | (given["height"].values != clean["height"].values)
