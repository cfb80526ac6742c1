"""The page's data are the twin's, and what it computes beforehand has known answers."""

import dataclasses

import gstools
import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle
from sparseobs.stations.twin import truth
from sparseobs_book.kriging import run as kriging

PAGE = dataclasses.replace(kriging.PRESETS["smoke"], n_stations=30, days=1, hour=3)


@pytest.fixture(scope="module")
def world():
    return kriging.winter(PAGE)


def places(n=40):
    rng = np.random.default_rng(0)
    return Points(rng.uniform(48, 54, n), rng.uniform(7, 14, n), rng.uniform(0, 1200, n))


def test_stations_are_shown_or_judged_on_and_never_both(world):
    assert len(world.shown) == 30
    both = np.concatenate([world.shown, world.others])
    assert np.array_equal(np.sort(both), np.arange(world.data.stations.sizes["station"]))


def test_the_truth_is_the_nature_run_at_the_hour_that_is_mapped(world):
    expected = truth([3], PAGE.twin, seed=PAGE.seed).isel(time=0)
    np.testing.assert_array_equal(world.truth, expected)
    assert world.truth["time"] == world.data.stations["time"][3] and len(world.lapse_rates) == 24


def test_a_background_is_brought_to_the_height_of_the_station(world):
    lifted = world.data.stations.assign_coords(height=world.data.stations["height"] + 1000)
    higher = kriging.network_of(dataclasses.replace(world.data, stations=lifted), world.shown)
    lower = kriging.network_of(world.data, world.shown)
    np.testing.assert_allclose(lower.background - higher.background, kriging.FIXED)


def test_a_map_puts_values_back_on_land(world):
    grid = kriging.map_of(world, PAGE.every)
    field = grid.field(grid.places.latitude)
    assert 0.5 < np.isfinite(field).mean() < 1
    np.testing.assert_allclose(
        field.mean("longitude").dropna("latitude"), field["latitude"][np.isfinite(field).any("longitude")]
    )


def test_the_line_in_height_is_found_and_taken_away_whatever_is_missing():
    values = np.array([[12.0], [3.0]]) - 1e-3 * np.array([[7.5], [-2.0]]) * places().height
    values[0, 3:9] = np.nan
    assert kriging.line_rates(places(), values) == pytest.approx([7.5, -2.0])
    rest = kriging.off_the_line(places(), values)
    assert (np.isfinite(rest) == np.isfinite(values)).all() and np.nanmax(np.abs(rest)) < 1e-9


def test_semivariances_are_half_the_mean_square_of_pairs():
    values = np.random.default_rng(1).normal(size=(3, 40))
    values[1, 4:7] = np.nan
    distance, half, pairs = kriging.semivariances(places(), values)
    apart = great_circle(places(), places())
    low, high = kriging.EDGES[4:6]
    i, j = np.nonzero(np.triu((apart >= low) & (apart < high), 1))
    found = np.flatnonzero((distance > low) & (distance < high))[0]
    assert pairs[found] == len(i) and distance[found] == pytest.approx(apart[i, j].mean())
    assert half[found] == pytest.approx(0.5 * np.nanmean((values[:, i] - values[:, j]) ** 2))


def test_a_fit_returns_the_variogram_that_made_the_bins():
    made = gstools.Exponential(latlon=True, geo_scale=EARTH_RADIUS, var=2.0, nugget=0.5, len_scale=120.0)
    distance = np.linspace(20, 400, 10)
    found = kriging.fitted(distance, made.vario_yadrenko(distance), np.arange(10, 110, 10))
    assert (found.nugget, found.var, found.len_scale) == pytest.approx((0.5, 2.0, 120.0), rel=1e-3)
    by_package = kriging.by_package(found, "drift")
    assert by_package.sill * by_package.nugget_share == pytest.approx(found.nugget)


def test_places_on_a_line_are_as_far_apart_as_said():
    km = [0.0, 40.0, 140.0]
    line = kriging.on_a_line(km)
    assert great_circle(line, line)[0] == pytest.approx(km, rel=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [{"n_stations": 9}, {"n_stations": 151}, {"hour": 240}, {"hour": -1}, {"obs_error_std": -0.1}, {"seed": -1}],
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        dataclasses.replace(kriging.PRESETS["lesson"], **wrong)


def test_more_stations_contain_fewer_and_all_are_what_the_page_shows(world):
    grid, here = kriging.map_of(world, 12), kriging.network_of(world.data, world.shown)
    there, tuned = kriging.network_of(world.data, world.others), kriging.first_look(here)
    few, most = (kriging.kriged_from(PAGE, world, grid, tuned, n) for n in (5, 30))
    assert set(few.stations) < set(most.stations) and np.array_equal(most.stations, world.shown)
    mean, std = tuned.interpolate(here.places, here.readings[[PAGE.hour]], grid.places)
    np.testing.assert_allclose(np.stack([most.mean, most.std]), np.concatenate([mean, std]))
    judged, _ = tuned.interpolate(here.places, here.readings[[PAGE.hour]], there.places)
    off = (judged - there.readings[[PAGE.hour]])[np.isfinite(there.readings[[PAGE.hour]])]
    assert most.rmse == pytest.approx(np.sqrt(np.mean(off**2))) and few.said > most.said
    for wrong in (1, 31, 2.5):
        with pytest.raises(InputError, match="n_stations"):
            kriging.kriged_from(PAGE, world, grid, tuned, wrong)


def test_the_numbers_to_choose_from_end_with_the_pages_own():
    shown = [kriging.numbers_shown(kriging.KrigingPage(n_stations=n)) for n in (10, 40, 150)]
    assert shown == [[5, 10], [5, 10, 20, 40], [5, 10, 20, 40, 150]]
