import dataclasses

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.splits import GAP, nested_stations, split_hours, split_stations, value_matches
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings

MARCH = np.datetime64("2017-03-01") + np.arange(744) * np.timedelta64(1, "h")


@pytest.fixture(scope="module")
def data():
    return load_twin(TwinSettings(days=1, n_stations=30))


def parts(split):
    return {name: getattr(split, name) for name in split.__dataclass_fields__}


def test_every_station_has_one_part(data):
    split = split_stations(data, n_held_out=52, n_validation=6, seed=0)
    assert [len(part) for part in parts(split).values()] == [24, 6, 52]
    together = np.concatenate(list(parts(split).values()))
    assert sorted(together) == list(range(82))
    assert all((np.diff(part) > 0).all() for part in parts(split).values())


def test_value_stations_are_held_out_first(data):
    value = np.flatnonzero(data.stations["value"].values)
    assert set(split_stations(data, n_held_out=20, n_validation=5, seed=3).held_out) < set(value)
    assert set(split_stations(data, n_held_out=52, n_validation=5, seed=3).held_out) == set(value)
    assert set(split_stations(data, n_held_out=60, n_validation=5, seed=3).held_out) > set(value)


def test_seeds_differ_and_smaller_sets_are_nested(data):
    first, again, other = (split_stations(data, n_held_out=10, n_validation=5, seed=seed) for seed in (0, 0, 1))
    for name in parts(first):
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert set(first.held_out) != set(other.held_out)
    assert set(split_stations(data, n_held_out=5, n_validation=5, seed=0).held_out) < set(first.held_out)


@pytest.fixture(scope="module")
def moved(data):
    """Every second station is an earlier place of the one before it."""
    names = [f"{number // 2:05d}@{2000 + number % 2}-01-01" for number in range(data.stations.sizes["station"])]
    return dataclasses.replace(data, stations=data.stations.assign_coords(station=("station", names)))


@pytest.mark.parametrize("seed", range(5))
def test_no_part_knows_another_place_of_a_station_of_another_part(moved, seed):
    names = moved.stations["station"].values
    splits = [split_stations(moved, n_held_out=20, n_validation=6, seed=seed)]
    larger, smaller = (nested_stations(moved.stations, n_stations=n, seed=seed) for n in (20, 10))
    for split in (*splits, larger, smaller):
        found = [{names[position].partition("@")[0] for position in part} for part in parts(split).values()]
        assert all(found) and not (found[0] & found[1] or found[0] & found[2] or found[1] & found[2])
    for part in ("train", "validation"):
        assert set(getattr(smaller, part)) <= set(getattr(larger, part))


def test_nobody_left_to_train_on_but_other_places(moved):
    n_stations = moved.stations.sizes["station"]
    with pytest.raises(InputError, match="other places"):
        split_stations(moved, n_held_out=n_stations // 2 + 30, n_validation=2, seed=0)


def test_nobody_left_in_nested_parts_but_other_places(data):
    """All stations that are not held out are places of one."""
    held_out = value_matches(data.stations)
    names = [f"00000@{2000 + number}-01-01" for number in range(data.stations.sizes["station"])]
    for number in held_out:
        names[number] = f"{number + 1:05d}"
    with pytest.raises(InputError, match="n_stations: given '20 with 0 left to train on"):
        nested_stations(data.stations.assign_coords(station=names), n_stations=20, seed=0)


@pytest.mark.parametrize("held_out, validation", [(82, 0), (78, 3), (500, 0), (0, 81)])
def test_too_many_stations(data, held_out, validation):
    with pytest.raises(InputError, match=rf"n_held_out: given {held_out}; expected at most {80 - validation} \(82"):
        split_stations(data, n_held_out=held_out, n_validation=validation, seed=0)


@pytest.mark.parametrize("change", [{"n_held_out": -1}, {"n_validation": -1}, {"n_held_out": 2.0}, {"seed": -1}])
def test_bad_numbers(data, change):
    with pytest.raises(InputError, match=next(iter(change))):
        split_stations(data, **{"n_held_out": 5, "n_validation": 5, "seed": 0} | change)


def test_hours_of_different_parts_are_never_close():
    split = split_hours(MARCH)
    named = sorted((hour, name) for name, hours in parts(split).items() for hour in hours)
    assert len(named) == len({hour for hour, _ in named})
    changes = [MARCH[b] - MARCH[a] for (a, x), (b, y) in zip(named[:-1], named[1:], strict=True) if x != y]
    assert len(changes) == 11  # four cycles of three parts
    assert min(changes) > GAP == np.timedelta64(12, "h")


def test_shares_of_march_and_hours_of_the_day():
    split = split_hours(MARCH)
    assert [len(part) for part in parts(split).values()] == [384, 96, 120]
    for part in parts(split).values():  # every hour of the day is tested, none much more than another
        counts = np.bincount(part % 24, minlength=24)
        assert counts.min() >= 4 and counts.max() - counts.min() <= 2


def test_hours_with_holes_keep_their_place():
    kept = np.setdiff1d(np.arange(744), np.arange(100, 140))
    whole, holed = split_hours(MARCH), split_hours(MARCH[kept])
    for name, part in parts(holed).items():
        assert set(kept[part]) == set(getattr(whole, name)) & set(kept)


@pytest.mark.parametrize("n_hours", [0, 1, 96, 144])
def test_too_short(n_hours):
    with pytest.raises(InputError, match="times.*one whole cycle"):
        split_hours(MARCH[:n_hours])
