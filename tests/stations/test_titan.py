import sys

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations import titan
from sparseobs.stations.temperature import network

TIMES = np.datetime64("2020-01-01", "ns") + np.arange(4) * np.timedelta64(1, "h")
N = 40
installed = pytest.mark.skipif(not titan.available(), reason="titanlib is not installed")


@pytest.fixture
def stations():
    """A level field at the standard lapse rate, and stations that read it within 0.3 K; the last one is far away."""
    generator = np.random.default_rng(0)
    latitude, longitude = generator.uniform(50, 51.5, N), generator.uniform(8, 10, N)
    latitude[-1] = 58.0
    heights = generator.uniform(0, 150, N)
    readings = 10 - 6.5e-3 * heights + generator.uniform(-0.3, 0.3, (4, N))
    names = np.arange(N).astype(str)
    places = {"latitude": latitude, "longitude": longitude, "height": heights}
    return network(readings, TIMES, {"station": names, "name": names, **places})


def changed(stations, hour, station, value):
    temperature = stations["temperature"].copy(deep=True)
    temperature[hour, station] = value
    return stations.assign(temperature=temperature)


@installed
@pytest.mark.parametrize("name", ["buddy check", "spatial consistency test"])
def test_one_wild_reading_is_found_at_its_hour_and_nothing_else(stations, name):
    check = titan.CHECKS[name]
    assert not check(stations).any()
    flags = check(changed(stations, 2, 7, 30.0))
    assert flags.dims == ("time", "station") and flags.dtype == bool
    assert np.argwhere(flags.values).tolist() == [[2, 7]]


@installed
def test_a_lower_station_may_be_warmer_by_the_standard_rate(stations):
    """A hundred and fifty metres down its warmth is believed; at the others' height the same warmth is not."""
    level = np.full(N, 170.0)
    readings = stations["temperature"].values - 6.5e-3 * (level - stations["height"].values)
    readings[:, 3] += 6.5e-3 * 150
    warm = stations.assign(temperature=(("time", "station"), readings))
    down = np.where(np.arange(N) == 3, 20.0, level)
    for heights, believed in ((down, True), (level, False)):
        flags = titan.buddy_check(warm.assign_coords(height=("station", heights)), spread=0.2)
        assert flags[:, 3].values.tolist() == [not believed] * 4


@installed
def test_who_has_no_neighbours_is_isolated_at_every_hour_it_reports(stations):
    silent = changed(stations, 1, N - 1, np.nan)
    flags = titan.isolation_check(silent)
    assert flags[:, -1].values.tolist() == [True, False, True, True]
    assert not flags[:, :-1].any()
    assert titan.isolation_check(stations, least=N).all()
    wild = changed(stations, 2, N - 1, 60.0)
    assert not titan.buddy_check(wild).any(), "nobody is there to compare it with"


@installed
@pytest.mark.parametrize("name", titan.CHECKS)
def test_missing_readings_are_never_flagged_and_silent_hours_pass(stations, name):
    holed = changed(stations, 3, slice(None), np.nan)
    holed = changed(holed, 0, 5, np.nan)
    flags = titan.CHECKS[name](holed)
    assert not flags[3].any() and not flags[0, 5]
    rest = titan.CHECKS[name](holed.isel(station=np.delete(np.arange(N), 5)))
    np.testing.assert_array_equal(flags[0, np.delete(np.arange(N), 5)], rest[0])


@installed
@pytest.mark.parametrize("name", titan.CHECKS)
def test_the_order_of_stations_does_not_matter(stations, name):
    wild, order = changed(stations, 2, 7, 30.0), np.random.default_rng(1).permutation(N)
    np.testing.assert_array_equal(titan.CHECKS[name](wild)[:, order], titan.CHECKS[name](wild.isel(station=order)))


@installed
@pytest.mark.parametrize(
    "check, given, name",
    [
        (titan.buddy_check, {"radius": 0.0}, "radius"),
        (titan.buddy_check, {"threshold": -1.0}, "threshold"),
        (titan.buddy_check, {"spread": 0.0}, "spread"),
        (titan.buddy_check, {"least": 2.5}, "least"),
        (titan.spatial_consistency_test, {"outer": 20.0}, "outer"),
        (titan.spatial_consistency_test, {"threshold": 0.0}, "threshold"),
        (titan.isolation_check, {"least": 0}, "least"),
    ],
)
def test_bad_numbers(stations, check, given, name):
    with pytest.raises(InputError, match=name):
        check(stations, **given)


@pytest.mark.parametrize("name", titan.CHECKS)
def test_without_titanlib_it_is_said_what_to_install(stations, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "titanlib", None)
    with pytest.raises(InputError, match=r"pip install .sparseobs\[operational\]"):
        titan.CHECKS[name](stations)
