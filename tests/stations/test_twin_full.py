"""Seasons, moves and files of the twin at full size; the month that stored tables use stays what it was."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.stations.random_fields import MovingField
from sparseobs.stations.splits import PAPER_CYCLE, split_hours
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL, read_twin, save_twin
from sparseobs.stations.twin_settings import TwinSettings, Weather
from sparseobs.stations.twin_terrain import build_terrain
from sparseobs.stations.twin_weather import hours_of, nature_run

SMALL = dataclasses.replace(FULL, days=2, spacing=0.25 / 3, coarse=3, n_stations=40)
EXACT = {"obs_error_std": 0.0, "turbulence": 0.0, "missing_share": 0.0}


@pytest.fixture(scope="module")
def terrain():
    return build_terrain(SMALL, seed=0)


@pytest.fixture(scope="module")
def moving():
    """Four days in which most stations move."""
    return load_twin(dataclasses.replace(SMALL, days=4, move_rate=200.0, **EXACT))


def mean_over_land(settings, terrain):
    fields = [hour.temperature[terrain.land > 0.99] for hour in nature_run(settings, 0, terrain)]
    return np.mean(fields)


def test_summer_and_winter_differ_by_the_season_alone(terrain):
    """The weather of a seed is the same whatever the date, so that all that is left is the season."""
    still = dataclasses.replace(
        SMALL, winter_stillness=0.0, winter_inversion=0.0, lapse_rate_season=0.0, daily_season=0.0
    )
    july, january = (
        mean_over_land(dataclasses.replace(still, start=start), terrain) for start in ("2001-07-19", "2001-01-17")
    )
    assert july - january == pytest.approx(2 * SMALL.season, abs=0.05)


def test_the_sea_follows_later(terrain):
    sea = terrain.land < 0.01

    def mean(start):
        settings = dataclasses.replace(SMALL, start=start, days=1)
        return np.mean([hour.temperature[sea] for hour in nature_run(settings, 0, terrain)])

    assert mean("2001-08-24") - mean("2001-02-22") == pytest.approx(2 * SMALL.sea_season, abs=0.1)
    assert mean("2001-07-20") < mean("2001-08-24") - 0.5


def test_calm_winter_air_is_inverted_and_summer_air_steep(terrain):
    def lapse_rates(**change):
        settings = dataclasses.replace(SMALL, **change)
        return np.array([hour.lapse_rate for hour in nature_run(settings, 0, terrain)])

    winter, summer = {"start": "2001-12-20"}, {"start": "2001-06-20"}
    plain = {"winter_inversion": 0.0, "lapse_rate_season": 0.0}
    taken = lapse_rates(**winter, **plain) - lapse_rates(**winter, lapse_rate_season=0.0)
    assert (taken > 0).all() and taken.max() < SMALL.winter_inversion and np.ptp(taken) > 0.1
    added = lapse_rates(**summer) - lapse_rates(**summer, **plain)
    np.testing.assert_allclose(added, SMALL.lapse_rate_season, atol=0.01)


def test_stillness_lasts_through_winter_days_only(terrain):
    def noon(start):
        settings = dataclasses.replace(SMALL, start=start, days=1)
        return list(nature_run(settings, 0, terrain))[13].stillness.max()

    assert noon("2001-12-20") > 0.05 > 0.01 > noon("2001-06-20")


def test_a_shorter_run_is_the_beginning_of_a_longer_one():
    short, long = (load_twin(dataclasses.replace(SMALL, days=days)) for days in (1, 2))
    np.testing.assert_array_equal(short.reanalysis, long.reanalysis[:24])
    np.testing.assert_array_equal(short.stations["temperature"], long.stations["temperature"][:24])


def test_fields_are_drawn_in_order():
    axis = np.arange(0.0, 200.0, 20.0)
    field = MovingField(np.random.default_rng(0), Weather(1.0, 50.0, 5.0), np.zeros((5, 2)), axis, axis)
    third = field[3]
    np.testing.assert_array_equal(field[3], third)
    with pytest.raises(InputError, match="hour: given 2; expected 3 or later"):
        field[2]


def test_moved_stations_are_listed_at_their_last_place(moving):
    settled = load_twin(dataclasses.replace(SMALL, days=4, move_rate=0.0, **EXACT))
    moved = ~np.isnat(moving.stations["moved"].values)
    value = moving.stations["value"].values
    assert 0.5 < moved[~value].mean() < 1 and not moved[value].any()
    for name in ("latitude", "longitude", "height"):
        before, after = settled.stations[name].values, moving.stations[name].values
        np.testing.assert_array_equal(before[~moved], after[~moved])
        assert (before[moved] != after[moved]).mean() > 0.9
    assert moving.region.contains(moving.stations["latitude"], moving.stations["longitude"]).all()


def test_a_move_jumps_in_place_and_in_siting(moving):
    """Until it moves a station reads what it would have read had it stayed; from then on something else."""
    settled = load_twin(dataclasses.replace(SMALL, days=4, move_rate=0.0, **EXACT)).stations["temperature"]
    jump = (moving.stations["temperature"] - settled).values
    times, moved = moving.stations["time"].values, moving.stations["moved"].values
    for station in np.flatnonzero(~np.isnat(moved)):
        before = times < moved[station]
        assert (jump[before, station] == 0).all() and np.abs(jump[~before, station]).min() > 0
    assert (jump[:, np.isnat(moved)] == 0).all()
    steady = dataclasses.replace(SMALL, days=4, move_rate=0.0, height_scatter=0.0, **EXACT)
    same_place = load_twin(dataclasses.replace(steady, move_rate=200.0, move_distance=0.0))
    siting = (same_place.stations["temperature"] - load_twin(steady).stations["temperature"]).values[-1]
    at_end = ~np.isnat(same_place.stations["moved"].values)
    assert siting[at_end].std() == pytest.approx(2**0.5 * SMALL.siting, rel=0.4)


def test_full_size_is_what_the_published_split_asks_for():
    hours = split_hours(hours_of(FULL), PAPER_CYCLE)
    assert len(hours.train) >= 8000 and len(hours.test) >= 256 and len(hours.validation) >= 512
    assert FULL.n_stations >= 500
    assert FULL.coarse * FULL.spacing == pytest.approx(0.25)


def test_a_file_gives_the_same_twin(tmp_path, moving):
    save_twin(tmp_path / "twin.npz", moving)
    again = read_twin(tmp_path / "twin.npz")
    xr.testing.assert_identical(again.stations, moving.stations)
    xr.testing.assert_identical(again.reanalysis, moving.reanalysis)
    xr.testing.assert_identical(again.elevation, moving.elevation)
    assert (again.source, again.synthetic, again.notes) == (moving.source, moving.synthetic, moving.notes)


def test_a_broken_file_is_refused(tmp_path, moving):
    path = tmp_path / "twin.npz"
    save_twin(path, moving)
    path.write_bytes(path.read_bytes()[:-2000])
    for broken in (path, tmp_path / "none.npz"):
        with pytest.raises(InputError, match="twin: given"):
            read_twin(broken)


@pytest.mark.parametrize(
    "change", [{"season": -1.0}, {"move_rate": -1.0}, {"daily_season": 1.5}, {"winter_stillness": 2.0}]
)
def test_bad_settings(change):
    with pytest.raises(InputError, match=next(iter(change))):
        TwinSettings(**change)
