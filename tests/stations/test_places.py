"""One rule for every way to draw stations: silent ones never, those of one place or identifier never on both sides."""

import dataclasses
import itertools

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.geography import Points, great_circle, station_points
from sparseobs.stations.layouts import LAYOUTS, farthest_first, layout_stations
from sparseobs.stations.places import SAME_PLACE, describe_network, describe_split, families, reporting
from sparseobs.stations.regions import Region
from sparseobs.stations.splits import nested_stations, split_stations, with_value_marked
from sparseobs.stations.temperature import TemperatureData, network
from sparseobs.stations.twin_terrain import value_stations

TIMES = np.datetime64("2019-03-01", "ns") + np.arange(3) * np.timedelta64(1, "h")


def stations_at(latitude, longitude, names, silent=()):
    """Return a network that reads 1 degC; the stations at positions `silent` never report."""
    values = np.ones((len(TIMES), len(names)))
    values[:, list(silent)] = np.nan
    columns = {"station": names, "name": names, "latitude": latitude, "longitude": longitude}
    return network(values, TIMES, columns | {"height": np.zeros(len(names))})


def random_network(generator):
    """Some stations at VALUE's places, some at one place, some moved, some of one identifier, some silent."""
    n, value = int(generator.integers(24, 60)), station_points(value_stations())
    latitude, longitude = generator.uniform(47.5, 54.5, n), generator.uniform(7.0, 14.0, n)
    names = np.array([f"{number:05d}" for number in range(n)], dtype=object)
    at_value = int(generator.integers(0, 6))
    latitude[:at_value], longitude[:at_value] = value.latitude[:at_value], value.longitude[:at_value]
    for kind in generator.choice(["place", "nearly", "moved", "identifier"], int(generator.integers(4, 13))):
        one, other = generator.choice(n, 2, replace=False)
        if kind in ("place", "nearly"):
            latitude[other] = latitude[one] + (0.001 if kind == "nearly" else 0.0)
            longitude[other] = longitude[one]
        else:
            number, days = names[one].partition("@")[0], ("@1950-01-01", "@1980-01-01") * (kind == "moved")
            names[one], names[other] = (number + day for day in days or ("", ""))
    stations = stations_at(latitude, longitude, names, generator.choice(n, int(generator.integers(0, 7)), False))
    stations = stations.isel(station=generator.permutation(n))
    return with_value_marked(stations) if generator.random() < 0.5 else stations


def splits(stations, n, seed):
    """Return by name what every splitter draws; one that refuses is missing."""
    region = Region("box", 46.0, 56.0, 5.0, 16.0)
    data = TemperatureData("local", False, region, None, stations, None, {}, "")
    ways = {
        "split": lambda: split_stations(data, n_held_out=n // 3, n_validation=n // 4, seed=seed),
        "nested": lambda: nested_stations(stations, n_stations=n, seed=seed),
    }
    for layout in LAYOUTS[1:]:
        ways[layout] = lambda layout=layout: layout_stations(
            stations, layout=layout, n_stations=n, seed=seed, n_clusters=2
        )
    found = {}
    for name, draw_split in ways.items():
        try:
            found[name] = draw_split()
        except InputError as error:
            assert "other places" in str(error) or "at most" in str(error) or "<=" in str(error)
    return found


def same(stations):
    """Return, without `families`, which two stations share an identifier or a place, (station, station)."""
    numbers = np.array([str(name).partition("@")[0] for name in stations["station"].values])
    places = station_points(stations)
    return (great_circle(places, places) <= SAME_PLACE) | (numbers[:, None] == numbers)


@pytest.mark.parametrize("seed", range(12))
def test_no_splitter_draws_the_silent_nor_divides_a_place(seed):
    generator = np.random.default_rng(seed)
    stations, n = random_network(generator), int(generator.integers(5, 13))
    found, related = splits(stations, n, seed), same(stations)
    assert len(found) == 4, "at most twelve of at least 24 stations"
    silent = np.flatnonzero(np.isnan(stations["temperature"].values).all(axis=0))
    for name, split in found.items():
        parts = list(vars(split).values())
        assert not np.isin(silent, np.concatenate(parts)).any(), name
        for one, other in itertools.combinations(parts, 2):
            assert not related[np.ix_(one, other)].any(), name
        if name != "split":
            assert (len(split.train), len(split.validation)) == (n - n // 5, n // 5), name


@pytest.mark.parametrize("seed", range(12, 20))
def test_smaller_nested_parts_are_subsets_whatever_the_network(seed):
    stations = random_network(np.random.default_rng(seed))
    small, large = (nested_stations(stations, n_stations=n, seed=seed) for n in (5, 8))
    for part in ("train", "validation"):
        assert set(getattr(small, part)) <= set(getattr(large, part))
    np.testing.assert_array_equal(small.held_out, large.held_out)


@pytest.mark.parametrize("n", [5, 6, 8, 9, 14, 30])
def test_all_stations_can_be_drawn(n):
    """Of n stations, none near a place of VALUE's, n are drawn: four in five to train on, rounded up."""
    stations = stations_at(np.linspace(30.0, 35.0, n), np.full(n, 9.0), [str(number) for number in range(n)])
    split = nested_stations(stations, n_stations=n, seed=0)
    assert (len(split.train), len(split.validation), len(split.held_out)) == (n - n // 5, n // 5, 0)


def test_a_moved_station_at_a_place_of_values_is_not_trained_on():
    bremen = station_points(value_stations())[:1]
    names = ["00691@1950-01-01", "00691@1980-01-01", *"abcdef"]
    latitude = np.concatenate([bremen.latitude + [0.0, 0.1], np.linspace(40.0, 42.0, 6)])
    stations = stations_at(latitude, np.full(8, bremen.longitude[0]), names)
    for layout in LAYOUTS:
        split = layout_stations(stations, layout=layout, n_stations=6, seed=0, n_clusters=2)
        assert split.held_out.tolist() == [0]
        assert sorted([*split.train, *split.validation]) == [2, 3, 4, 5, 6, 7]


def test_farthest_first_takes_each_station_once():
    assert farthest_first(Points([48, 48, 50], [9] * 3, [0] * 3), 3, 0).tolist() == [0, 2, 1]
    assert sorted(farthest_first(Points([48] * 5, [9] * 5, [0] * 5), 5, 2)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n, first", [(4, 0), (0, 0), (2, 3), (2, -1)])
def test_farthest_first_refuses(n, first):
    with pytest.raises(InputError, match="n: given|first: given"):
        farthest_first(Points([48, 48, 50], [9] * 3, [0] * 3), n, first)


def test_families_by_hand():
    """A moved station, a chain of near ones and, through it, both together; across the date line too."""
    names = ["1@1950-01-01", "1@1980-01-01", "2", "3", "4", "5", "6"]
    latitude = [48.0, 50.0, 50.002, 50.004, 10.0, 10.0, 50.1]
    longitude = [9.0, 9.0, 9.0, 9.0, 180.0, -179.999, 9.0]
    found = families(stations_at(latitude, longitude, names))
    assert [set(np.flatnonzero(found == number)) for number in np.unique(found)] == [{0, 1, 2, 3}, {4, 5}, {6}]


def test_what_is_odd_is_counted_aloud():
    latitude, names = [48.0, 48.0, 49.0, 50.0, 51.0], list("abcde")
    stations = stations_at(latitude, [9.0] * 5, names, silent=[4])
    assert describe_network(stations) == (
        "1 of 5 stations never report and are drawn for nothing: e. 2 stations lie within 250 m of another or are "
        "places of one that moved; no split puts such stations on both sides: a, b."
    )
    assert describe_network(stations.isel(station=[1, 2, 3])) == ""
    split = dataclasses.make_dataclass("Split", ["train", "validation", "held_out"])
    said = describe_split(stations, split(np.array([0]), np.array([2]), np.array([], int)))
    assert said == (
        "Stations: 1 train, 1 validation, 1 never report, "
        "1 in no part, for another part has a station of the same place or identifier, 1 not drawn."
    )


def test_a_network_without_a_reading_is_refused():
    stations = stations_at(np.linspace(48, 50, 8), np.full(8, 9.0), list("abcdefgh"), silent=range(8))
    assert reporting(stations).size == 0
    for layout in LAYOUTS:
        with pytest.raises(InputError, match="stations: given '8 without a reading'"):
            layout_stations(stations, layout=layout, n_stations=5, seed=0)
