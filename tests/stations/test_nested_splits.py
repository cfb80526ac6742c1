"""The published split: what may be learnt from never touches what is judged, and less is always part of more."""

import itertools

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.geography import great_circle, station_points
from sparseobs.stations.splits import (
    PAPER_CYCLE,
    cycle_numbers,
    nested_hours,
    nested_stations,
    split_hash,
    split_hours,
    value_matches,
)
from sparseobs.stations.temperature import network
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import value_stations

TIMES = np.datetime64(FULL.start) + np.arange(24 * FULL.days) * np.timedelta64(1, "h")
SIZES = (16, 80, 400, 2000, 10000)


@pytest.fixture(scope="module")
def stations():
    """Every VALUE station moved by about 1 km and 600 others, on one hour."""
    places, generator = station_points(value_stations()), np.random.default_rng(0)
    latitude = np.concatenate([places.latitude + 0.009, generator.uniform(47.5, 54.5, 600)])
    longitude = np.concatenate([places.longitude, generator.uniform(7.0, 14.0, 600)])
    names = np.arange(len(latitude)).astype(str)
    columns = {"station": names, "name": names, "latitude": latitude, "longitude": longitude, "height": 0 * latitude}
    return network(np.zeros((1, len(names))), TIMES[:1], columns)


def parts(split):
    return {name: set(positions.tolist()) for name, positions in vars(split).items()}


def test_stations_at_values_places_are_held_out_by_distance_on_the_sphere(stations):
    matched = value_matches(stations)
    distance = great_circle(station_points(value_stations()), station_points(stations))
    assert (distance[:, matched].min(axis=1) < 1.01).all()
    assert set(matched) <= set(np.flatnonzero((distance <= 5).any(axis=0)))
    assert len(matched) <= 53


def test_degrees_of_longitude_are_shorter_than_those_of_latitude():
    """A station 0.03 degrees east is nearer than one 0.025 degrees north, which a plane of degrees would take."""
    place = station_points(value_stations())[:1]
    columns = {
        "station": ["east", "north"],
        "name": ["east", "north"],
        "latitude": np.array([place.latitude[0], place.latitude[0] + 0.025]),
        "longitude": np.array([place.longitude[0] + 0.03, place.longitude[0]]),
        "height": np.zeros(2),
    }
    assert value_matches(network(np.zeros((1, 2)), TIMES[:1], columns)).tolist() == [0]


def test_a_value_station_without_a_station_near_holds_nothing_out(stations):
    far = stations.assign_coords(latitude=stations["latitude"] + 20.0)
    assert len(value_matches(far)) == 0
    assert len(value_matches(stations, most_km=0.5)) < 53 == len(value_matches(stations.isel(station=slice(53))))


@pytest.mark.parametrize("seed", [0, 1])
def test_no_station_has_two_parts_and_subsets_are_nested(stations, seed):
    found = [parts(nested_stations(stations, n_stations=n, seed=seed)) for n in (20, 100, 500)]
    for split, sizes in zip(found, ((16, 4), (80, 20), (400, 100)), strict=True):
        assert (len(split["train"]), len(split["validation"])) == sizes
        for one, other in itertools.combinations(split.values(), 2):
            assert not one & other
    for small, large in itertools.pairwise(found):
        assert small["train"] < large["train"] and small["validation"] < large["validation"]
        assert small["held_out"] == large["held_out"]
    assert not found[0]["train"] & found[2]["validation"], "what one run learns from no other chooses on"


@pytest.mark.parametrize("seed", [0, 1])
def test_no_hour_has_two_parts_and_subsets_are_nested(seed):
    found = [parts(nested_hours(TIMES, n_times=n, seed=seed)) for n in SIZES]
    sizes = [(len(split["train"]), len(split["validation"])) for split in found]
    assert sizes == [(13, 3), (64, 16), (320, 80), (1600, 400), (8000, 512)]
    for split in found:
        assert len(split["test"]) == 256
        for one, other in itertools.combinations(split.values(), 2):
            assert not one & other
    for small, large in itertools.pairwise(found):
        assert small["train"] < large["train"] and small["validation"] < large["validation"]
        assert small["test"] == large["test"]


def test_hours_of_two_parts_are_two_days_apart():
    whole = split_hours(TIMES, PAPER_CYCLE)
    label = np.full(TIMES.size, -1)
    for number, positions in enumerate(vars(whole).values()):
        label[positions] = number
    used = np.flatnonzero(label >= 0)
    changes = np.flatnonzero(np.diff(label[used]))
    assert len(changes) == 18 * 3 - 1
    assert (used[changes + 1] - used[changes]).min() > 48
    assert [len(part) for part in vars(whole).values()] == [18 * 19 * 24, 18 * 48, 18 * 60]
    for name, positions in vars(nested_hours(TIMES, n_times=10000, seed=0)).items():
        assert set(positions) <= set(getattr(whole, name))


def test_cycles_are_counted():
    numbers = cycle_numbers(TIMES)
    assert numbers.min() == 0 and numbers.max() == 17
    assert (np.bincount(numbers) == 29.5 * 24).all()


def test_too_few_hours_are_refused_and_not_silently_fewer():
    with pytest.raises(InputError, match="8000 train hours.*at most the 7752"):
        nested_hours(TIMES[: 24 * 500], n_times=10000, seed=0)
    with pytest.raises(InputError, match="5000 test hours"):
        nested_hours(TIMES, n_times=16, seed=0, n_test=5000)


@pytest.mark.parametrize("change", [{"n_stations": 4}, {"n_stations": 501}, {"n_stations": 20.0}])
def test_bad_numbers_of_stations(stations, change):
    with pytest.raises(InputError, match="n_stations"):
        nested_stations(stations, **change, seed=0)


def test_more_stations_than_there_are(stations):
    few = stations.isel(station=slice(100))
    with pytest.raises(InputError, match="n_stations: given 100; expected at most"):
        nested_stations(few, n_stations=100, seed=0)


def test_the_hash_names_the_split():
    data = load_twin(TwinSettings(days=31, n_stations=30, spacing=0.1, coarse=3))
    times = data.stations["time"].values

    def digest(seed=0, n_times=16, n_stations=20):
        stations = nested_stations(data.stations, n_stations=n_stations, seed=seed)
        return split_hash(data, stations, nested_hours(times, n_times=n_times, seed=seed, n_test=20))

    assert digest() == digest()
    assert len({digest(), digest(seed=1), digest(n_times=20), digest(n_stations=25)}) == 4
