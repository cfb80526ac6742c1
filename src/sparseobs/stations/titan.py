"""Quality checks of weather services, by titanlib: each looks at the stations of one hour, and remembers no other."""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import xarray as xr

from sparseobs.errors import InputError, require_number
from sparseobs.stations.geography import station_points
from sparseobs.stations.temperature import STANDARD_LAPSE_RATE

EXTRA = 'pip install "sparseobs[operational]"; wheels are for Linux on x86-64'
ITERATIONS = 5  # at most; what one has flagged the next does not compare with
PROFILE = 20, 200.0  # stations, and m between them, that a vertical profile takes
SCALES = 10_000.0, 200.0  # m, least horizontal and the vertical length of the spatial consistency test
RATIO = 0.5  # variance of the readings' errors over that of the background's


def available() -> bool:
    """Return whether titanlib is installed."""
    return find_spec("titanlib") is not None


def buddy_check(
    stations: xr.Dataset, *, radius: float = 100.0, least: int = 5, threshold: float = 3.0, spread: float = 1.0
) -> xr.DataArray:
    """Return which readings (time, station) lie too far from the mean of those around them, brought to their height.

    Neighbours of another height by more than 200 m are not compared with.

    Args:
        stations: a network, see `temperature.network`.
        radius: km, within which stations are neighbours.
        least: neighbours below which nothing is checked.
        threshold: standard deviations of the neighbours.
        spread: K, which their standard deviation is taken for if it is smaller.

    Raises:
        InputError: a number out of its range, or titanlib is not installed.
    """
    require_number("radius", radius, above=0)
    require_number("least", least, least=1, whole=True)
    require_number("threshold", threshold, above=0)
    require_number("spread", spread, above=0)
    titanlib = _titanlib()
    steepness = 200.0, -STANDARD_LAPSE_RATE

    def check(points, values):
        wide, few = np.full(values.size, radius * 1e3), np.full(values.size, least)
        return titanlib.buddy_check(points, values, wide, few, threshold, *steepness, spread, ITERATIONS)

    return _hour_by_hour(stations, check)


def spatial_consistency_test(
    stations: xr.Dataset, *, inner: float = 50.0, outer: float = 150.0, least: int = 5, threshold: float = 8.0
) -> xr.DataArray:
    """Return which readings (time, station) optimal interpolation of the others does not expect.

    The background is a vertical profile of the stations around.

    Args:
        stations: a network, see `temperature.network`.
        inner: km, within which readings are judged together.
        outer: km, within which stations make up the background.
        least: stations within `outer` below which nothing is checked.
        threshold: of the squared departure over its expected variance.

    Raises:
        InputError: a number out of its range, or titanlib is not installed.
    """
    require_number("inner", inner, above=0)
    require_number("outer", outer, least=inner)
    require_number("least", least, least=1, whole=True)
    require_number("threshold", threshold, above=0)
    titanlib = _titanlib()
    near_and_far = inner * 1e3, outer * 1e3

    def check(points, values):
        limits, ratio = np.full(values.size, threshold), np.full(values.size, RATIO)
        settings = (least, 100, *near_and_far, ITERATIONS, *PROFILE, *SCALES)
        return titanlib.sct(points, values, *settings, limits, limits, ratio)[0]

    return _hour_by_hour(stations, check)


def isolation_check(stations: xr.Dataset, *, radius: float = 100.0, least: int = 5) -> xr.DataArray:
    """Return which readings (time, station) have fewer than `least` others within `radius` (km) to be judged by.

    Args:
        stations: a network.
        radius: km.
        least: stations within the radius, the reading's own left out.

    Raises:
        InputError: a number out of its range, or titanlib is not installed.
    """
    require_number("radius", radius, above=0)
    require_number("least", least, least=1, whole=True)
    titanlib = _titanlib()
    return _hour_by_hour(stations, lambda points, values: titanlib.isolation_check(points, least, radius * 1e3))


CHECKS: dict[str, Callable[[xr.Dataset], xr.DataArray]] = {
    "buddy check": buddy_check,
    "spatial consistency test": spatial_consistency_test,
    "isolation check": isolation_check,
}


def _titanlib():
    """Return the module titanlib, or raise `InputError`."""
    try:
        import titanlib
    except ImportError as error:
        raise InputError("quality checks", "a Python without titanlib", "the package titanlib", EXTRA) from error
    return titanlib


def _hour_by_hour(stations: xr.Dataset, check: Callable) -> xr.DataArray:
    """Return what a check of titanlib flags among the readings of each hour, (time, station); a missing one never."""
    titanlib, places = _titanlib(), station_points(stations)
    temperature = stations["temperature"].transpose("time", "station")
    flags = np.zeros(temperature.shape, dtype=bool)
    for hour, values in enumerate(temperature.values.astype(float)):
        here = np.isfinite(values)
        if here.any():
            seen = places[here]
            points = titanlib.Points(seen.latitude, seen.longitude, seen.height)
            flags[hour, here] = np.asarray(check(points, values[here])) > 0
    return temperature.copy(data=flags).rename("implausible").drop_attrs()
