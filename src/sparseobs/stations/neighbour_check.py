"""Readings beside those of their neighbours: what a network says about itself before anybody learns from it."""

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.temperature import STANDARD_LAPSE_RATE

TO_STANDARD_DEVIATION = 1.4826  # of a Gaussian, over its median absolute deviation


def neighbour_departures(
    stations: xr.Dataset, *, n_neighbours: int = 8, lapse_rate: float = STANDARD_LAPSE_RATE
) -> xr.DataArray:
    """Return how far every reading is from the median of its nearest neighbours, (time, station), K.

    Readings are reduced to sea level first, so that a summit is compared with its valley. NaN where the station, or
    every one of its neighbours, has no reading.

    Args:
        stations: a network, see `temperature.network`.
        n_neighbours: nearest stations that a reading is compared with.
        lapse_rate: K/m; 0 compares readings as they are.

    Raises:
        InputError: no more stations than neighbours asked for.
    """
    require_number("n_neighbours", n_neighbours, least=1, whole=True)
    places = station_points(stations)
    if len(places) <= n_neighbours:
        given = f"{n_neighbours} of {len(places)} stations"
        raise InputError("n_neighbours", given, "fewer than there are others", f"n_neighbours={len(places) - 1}")
    distance = great_circle(places, places)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :n_neighbours]
    temperature = stations["temperature"].transpose("time", "station")
    reduced = temperature.values + lapse_rate * places.height
    around = np.ma.median(np.ma.masked_invalid(reduced[:, nearest]), axis=2).filled(np.nan)
    attributes = {"long_name": "departure from the median of the neighbours, at sea level", "units": "K"}
    return temperature.copy(data=reduced - around).assign_attrs(attributes).rename("departure")


def implausible(departures: xr.DataArray, limit: float = 6.0) -> xr.DataArray:
    """Return which departures are too large to believe, (time, station); a missing one is not.

    Large is measured in robust standard deviations of all departures, so that a few wild ones do not hide themselves.

    Args:
        departures: of `neighbour_departures`.
        limit: robust standard deviations.

    Raises:
        InputError: no departure is known.
    """
    require_number("limit", limit, above=0)
    values = departures.values
    if not np.isfinite(values).any():
        raise InputError("departures", "none that is finite", "readings with neighbours", "a longer period")
    middle = np.nanmedian(values)
    scale = TO_STANDARD_DEVIATION * np.nanmedian(np.abs(values - middle))
    return (abs(departures - middle) > limit * scale).rename("implausible")
