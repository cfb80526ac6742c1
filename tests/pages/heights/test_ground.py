"""What a predictor loses that believes other heights or another lapse rate than the air has."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sparseobs.stations.regions import Region
from sparseobs.stations.splits import StationSplit
from sparseobs.stations.temperature import TemperatureData, gridded, network, on_orography
from sparseobs_book.heights import ground

BOX = Region("hills", 48.0, 50.0, 8.0, 10.0)
RATES = np.where(np.arange(40) % 2, 9e-3, 3e-3)  # K/m, of the air's hours
SPLIT = StationSplit(np.arange(20), np.arange(20, 25), np.arange(25, 40))


@pytest.fixture(scope="module")
def data():
    """Forty hours of air whose temperature falls with height alone, each at its rate; hills and a smooth ground."""
    generator = np.random.default_rng(0)
    times = np.datetime64("2019-01-01", "ns") + np.arange(40) * np.timedelta64(37, "h")
    fine = {"latitude": np.arange(47.9, 50.1, 0.05), "longitude": np.arange(7.9, 10.1, 0.05)}
    hills = 600 + 300 * np.sin(15 * fine["latitude"])[:, None] * np.cos(11 * fine["longitude"])
    elevation = xr.DataArray(hills, fine, ("latitude", "longitude"), "elevation")
    coarse = np.arange(48.0, 50.01, 0.25), np.arange(8.0, 10.01, 0.25)
    orography = 600 + 40 * np.sin(coarse[0])[:, None] * np.cos(coarse[1])
    reanalysis = on_orography(gridded(np.zeros((40, 9, 9)), times, *coarse), orography)
    places = {"latitude": generator.uniform(48, 50, 40), "longitude": generator.uniform(8, 10, 40)}
    at = {name: xr.DataArray(values, dims="station") for name, values in places.items()}
    height = elevation.interp(at).values
    values = 15 - RATES[:, None] * height + generator.normal(0, 0.05, (40, 40))
    values[generator.random(values.shape) < 0.03] = np.nan
    names = [f"s{number}" for number in range(40)]
    stations = network(values, times, {"station": names, "name": names, **places, "height": height})
    return TemperatureData("twin", True, BOX, reanalysis, stations, elevation, {}, "made up")


@pytest.fixture(scope="module")
def magnitudes(data):
    """Mean absolute errors (hour,) by what is believed."""
    height = data.stations["height"].values
    cases = {"nothing": (0 * height, 0.0), "fixed": (height, 6e-3), "hour's": (height, None)}
    return {name: np.nanmean(np.abs(ground.errors_knowing(data, SPLIT, *case)), axis=1) for name, case in cases.items()}


def test_who_knows_height_and_rate_of_the_hour_errs_as_the_thermometers_do(magnitudes):
    assert magnitudes["hour's"].mean() < 0.1
    assert magnitudes["hour's"].mean() < 0.5 * magnitudes["fixed"].mean() < 0.5 * magnitudes["nothing"].mean()


def test_a_fixed_rate_is_wrong_by_what_the_hour_differs_from_it(data, magnitudes):
    """Hours at 3 and at 9 K/km are as far from 6, so what kriging makes of the rest is the same but for the sign."""
    assert magnitudes["fixed"][RATES < 6e-3].mean() == pytest.approx(magnitudes["fixed"][RATES > 6e-3].mean(), rel=0.1)
    height = data.stations["height"].values
    right = np.abs(ground.errors_knowing(data, SPLIT, height, 9e-3))[RATES > 6e-3]
    assert np.nanmean(right) < 0.15 < magnitudes["fixed"][RATES > 6e-3].mean()


def test_held_out_stations_are_not_read(data):
    other = data.stations["temperature"].values.copy()
    other[:, SPLIT.held_out] += 30
    warmer = TemperatureData(
        **{**vars(data), "stations": data.stations.assign(temperature=(("time", "station"), other))}
    )
    for rate in (6e-3, None):
        before, after = (
            ground.errors_knowing(one, SPLIT, one.stations["height"].values, rate) for one in (data, warmer)
        )
        np.testing.assert_allclose(before - after, np.where(np.isfinite(before), 30, np.nan), atol=1e-4)


def test_what_a_step_is_worth_is_paired_and_has_its_sign(data):
    worse = np.random.default_rng(1).normal(0, 1, (40, 15))
    errors = {"worse": worse + 0.5 * np.sign(worse), "better": worse}
    places = {"first": np.arange(15) < 7, "rest": np.arange(15) >= 7}
    steps = {"up": ("worse", "better"), "down": ("better", "worse")}
    won = ground.worth(errors, steps, places, data.stations["time"].values, seed=0)
    assert won.index.tolist() == [(step, kind) for step in steps for kind in places]
    np.testing.assert_allclose(won, np.repeat([[0.5], [-0.5]], 2, axis=0) * np.ones(3))


def test_the_reanalysis_stands_on_its_own_ground_at_a_cell_and_beyond_the_last(data):
    cells = data.reanalysis["orography"]
    at = {name: xr.DataArray([float(cells[name][3]), 50.1], dims="station") for name in ("latitude", "longitude")}
    at["longitude"] = xr.DataArray([float(cells["longitude"][5]), 9.0], dims="station")
    found = ground.own_ground(data, at["latitude"], at["longitude"])
    assert found[0] == pytest.approx(float(cells[3, 5])) and np.isfinite(found[1])


def test_a_section_is_the_nearest_row_of_the_terrain(data):
    cut = ground.section(data, 49.02)
    row = data.elevation.sel(latitude=49.0, method="nearest").sel(longitude=slice(8.0, 10.0))
    np.testing.assert_array_equal(cut.true, row.values)
    assert cut.longitude.shape == cut.true.shape == cut.seen.shape and np.isfinite(cut.seen).all()
    assert cut.seen[5] == pytest.approx(float(data.reanalysis["orography"][4, 1]), abs=0.1)


def test_every_nth_hour_and_rates_by_the_clock(data):
    some = ground.every_nth(data, 3)
    np.testing.assert_array_equal(some.stations["time"].values, data.stations["time"].values[::3])
    times = np.array(["2019-01-01T02", "2019-01-02T02", "2019-01-01T14"], dtype="datetime64[ns]")
    table = ground.by_clock(times, np.array([1.0, 3.0, 8.0]), np.array([0.1, 0.3, 0.8]))
    assert table.loc[2].tolist() == pytest.approx([2, 1, 3, 0.2]) and table.loc[14].tolist() == [8, 8, 8, 0.8]
    assert isinstance(table, pd.DataFrame) and table.index.tolist() == [2, 14]


def test_a_line_in_height_is_that_of_least_squares_without_the_gaps(data):
    height, readings = data.stations["height"].values * 1e-3, data.stations["temperature"].values.astype(float)
    seen = np.isfinite(readings[3])
    rate = -np.polyfit(height[seen], readings[3][seen], 1)[0]
    assert ground.lines_in_height(height, readings)[3] == pytest.approx(rate)
    np.testing.assert_allclose(ground.lines_in_height(height, readings), 1e3 * RATES, atol=0.5)


def test_few_stations_know_the_rate_of_such_air_better_than_a_fixed_one_and_all_of_them_best(data):
    few = ground.lines_of_few(data, SPLIT, SPLIT.held_out, n_few=6, draws=3, fixed_rate=6.0, seed=0)
    off, error = few["rate off by (K per km)"], few["MAE (K)"]
    assert off["all stations'"] == 0 < off["their own line"] < off["fixed"] == pytest.approx(3.0, abs=0.1)
    assert error["all stations'"] < error["fixed"] and few.index[0] == "fixed"
    assert off["drawn to the fixed"] < off["fixed"]
