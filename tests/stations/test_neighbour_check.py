import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.neighbour_check import implausible, neighbour_departures
from sparseobs.stations.temperature import network

RATE = 6.5e-3


def a_network(heights=None, n_hours=40, seed=0):
    generator = np.random.default_rng(seed)
    heights = np.zeros(20) if heights is None else heights
    columns = {
        "station": np.array([f"s{number}" for number in range(20)]),
        "name": np.array([f"S{number}" for number in range(20)]),
        "latitude": generator.uniform(50, 52, 20),
        "longitude": generator.uniform(8, 11, 20),
        "height": np.asarray(heights, float),
    }
    weather = generator.normal(10, 5, (n_hours, 1)) + 0.3 * generator.standard_normal((n_hours, 20))
    return network(
        weather - RATE * columns["height"], np.datetime64("2001-01-01T00", "h") + np.arange(n_hours), columns
    )


def planted(stations, hour, station, error):
    values = stations["temperature"].values.copy()
    values[hour, station] += error
    return stations.assign(temperature=(("time", "station"), values))


def test_a_planted_error_is_found_and_nothing_else():
    found = implausible(neighbour_departures(planted(a_network(), 7, 3, 8.0)))
    assert np.argwhere(found.values).tolist() == [[7, 3]]


def test_a_departure_is_the_planted_error_more():
    stations = a_network()
    before, after = (neighbour_departures(part).values[7, 3] for part in (stations, planted(stations, 7, 3, 8.0)))
    assert after - before == pytest.approx(8.0, abs=1e-5)


def test_weather_that_all_share_does_not_count():
    stations = a_network()
    warmer = stations.assign(temperature=stations["temperature"] + np.arange(40.0)[:, None].astype(np.float32))
    np.testing.assert_allclose(neighbour_departures(warmer), neighbour_departures(stations), atol=1e-4)


def test_heights_are_taken_out():
    heights = np.linspace(0, 2000, 20)
    high, low = a_network(heights), a_network()
    np.testing.assert_allclose(neighbour_departures(high), neighbour_departures(low), atol=1e-4)
    assert abs(neighbour_departures(high, lapse_rate=0.0)).max() > 3


def test_gaps_stay_gaps_and_are_left_out_of_the_neighbours():
    stations = a_network()
    values = stations["temperature"].values.copy()
    values[5, 2], values[6] = np.nan, np.nan
    departures = neighbour_departures(stations.assign(temperature=(("time", "station"), values)))
    assert np.isnan(departures.values[5, 2]) and np.isnan(departures.values[6]).all()
    assert np.isfinite(np.delete(departures.values[5], 2)).all()
    assert not implausible(departures).values[6].any()


def test_bad_input_is_refused():
    stations = a_network()
    with pytest.raises(InputError, match="n_neighbours"):
        neighbour_departures(stations, n_neighbours=20)
    with pytest.raises(InputError, match="n_neighbours"):
        neighbour_departures(stations, n_neighbours=0)
    with pytest.raises(InputError, match="departures"):
        implausible(neighbour_departures(stations) * np.nan)
    with pytest.raises(InputError, match="limit"):
        implausible(neighbour_departures(stations), limit=0)
