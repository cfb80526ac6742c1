"""What is said of a wind: moments, days and distances by hand."""

import numpy as np
import pytest

from sparseobs.stations.temperature import network
from sparseobs_book.the_twin.wind import describe_wind

HOURS = np.datetime64("2017-03-01", "ns") + np.arange(240) * np.timedelta64(1, "h")


def four_stations(speeds):
    """Two pairs of stations 39 km apart, 156 km from each other."""
    latitude = np.array([52.0, 52.35, 53.4, 53.75])
    names = np.array(["a", "b", "c", "d"])
    columns = {
        "station": names,
        "name": names,
        "latitude": latitude,
        "longitude": np.full(4, -8.0),
        "height": np.zeros(4),
    }
    return network(speeds, HOURS, columns)


def test_moments_and_sites_and_days():
    day = 4 + np.cos(2 * np.pi * (np.arange(240) - 14) / 24)
    found = describe_wind(four_stations(day[:, None] + np.array([-1.0, -1.0, 1.0, 1.0])))
    assert found["mean"] == pytest.approx(4.0)
    assert found["std"] == pytest.approx(np.sqrt(0.5 + 1.0))
    assert found["sites"] == pytest.approx(1.0)
    assert found["afternoon"] == pytest.approx(5 / 4)
    assert found["skewness"] == pytest.approx(0.0, abs=1e-6)


def test_likeness_by_distance_and_gaps():
    """Neighbours share their wind; the pairs have nothing in common; a gap counts for nothing."""
    one, other = np.random.default_rng(0).gamma(3.0, size=(2, 240))
    speeds = np.stack([one, one + 2, other, other + 2], axis=1)
    speeds[5, 0] = np.nan
    found = describe_wind(four_stations(speeds))
    assert found["correlation_50"] == pytest.approx(1.0)
    assert abs(found["correlation_200"]) < 0.2
    assert found["skewness"] > 0.5


def test_there_are_no_pairs_at_some_distances():
    found = describe_wind(four_stations(np.random.default_rng(0).gamma(3.0, size=(240, 4))))
    assert np.isnan(found["correlation_400"]) and np.isfinite(found["correlation_50"])
