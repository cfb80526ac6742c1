import dataclasses

import numpy as np
import pytest
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.reanalysis import BilinearReanalysis, covers, tune_reanalysis
from sparseobs.stations.regions import Region
from sparseobs.stations.splits import HourSplit, StationSplit
from sparseobs.stations.temperature import TemperatureData, gridded, network

LATITUDE, LONGITUDE = np.arange(50, 52.01, 0.25), np.arange(-2, 1.01, 0.25)
TIMES = np.datetime64("2019-03-01", "ns") + np.arange(60) * np.timedelta64(1, "h")
STATIONS = StationSplit(np.arange(12), np.arange(12, 16), np.arange(16, 20))
HOURS = HourSplit(np.arange(30), np.arange(32, 40), np.arange(45, 60))


def made_up(lapse_rate, bias, noise):
    """A reanalysis on sloping ground, and stations above and below it that read what physics says."""
    rng = np.random.default_rng(0)
    level = 8 + rng.standard_normal(60)

    def ground(latitude, longitude):
        return 100 * (latitude - 50) + 60 * (longitude + 2)

    field = level[:, None, None] - lapse_rate * 1e-3 * ground(LATITUDE[:, None], LONGITUDE[None])
    fine = {"latitude": np.arange(49.875, 52.13, 0.05), "longitude": np.arange(-2.125, 1.13, 0.05)}
    elevation = xr.DataArray(ground(fine["latitude"][:, None], fine["longitude"][None]), fine, tuple(fine))
    places = {"latitude": rng.uniform(50.2, 51.8, 20), "longitude": rng.uniform(-1.8, 0.8, 20)}
    heights = rng.uniform(0, 900, 20)
    readings = level[:, None] - lapse_rate * 1e-3 * heights - bias + noise * rng.standard_normal((60, 20))
    readings[:, ::5] = np.where(rng.random((60, 4)) < 0.2, np.nan, readings[:, ::5])
    names = np.arange(20).astype(str)
    stations = network(readings, TIMES, {"station": names, "name": names, **places, "height": heights})
    reanalysis = gridded(field, TIMES, LATITUDE, LONGITUDE)
    return TemperatureData("made up", True, Region("box", 50, 52, -2, 1), reanalysis, stations, elevation, {}, "")


def test_lapse_rate_bias_and_spread_are_found():
    data = made_up(lapse_rate=7.0, bias=-0.8, noise=0.4)
    tuned = tune_reanalysis(data, STATIONS, HOURS)
    assert tuned.lapse_rate == 7.0
    assert tuned.bias == pytest.approx(-0.8, abs=0.1)
    assert tuned.std == pytest.approx(0.4, abs=0.08)
    mean, std = tuned.predict(data, None, STATIONS.held_out, HOURS.test)
    error = mean - data.stations["temperature"].values[np.ix_(HOURS.test, STATIONS.held_out)]
    assert np.abs(np.nanmean(error)) < 0.15 and np.nanstd(error) == pytest.approx(0.4, abs=0.1)
    assert (std == tuned.std).all()


def test_tuning_never_looks_at_held_out_stations_or_test_hours():
    data = made_up(6.0, 0.3, 0.2)
    hidden = data.stations["temperature"].values.copy()
    hidden[:, STATIONS.held_out] = hidden[HOURS.test] = 1e5
    blind = dataclasses.replace(data, stations=data.stations.assign(temperature=(("time", "station"), hidden)))
    assert tune_reanalysis(blind, STATIONS, HOURS) == tune_reanalysis(data, STATIONS, HOURS)


def test_another_year_is_refused():
    data = made_up(6.0, 0.3, 0.2)
    later = data.reanalysis.assign_coords(time=data.reanalysis["time"] + np.timedelta64(730, "D"))
    apart = dataclasses.replace(data, reanalysis=later)
    assert covers(data) and not covers(apart)
    assert covers(dataclasses.replace(data, reanalysis=data.reanalysis[:30]), HOURS.train)
    for call in (
        lambda: tune_reanalysis(apart, STATIONS, HOURS),
        lambda: BilinearReanalysis().predict(apart, None, STATIONS.held_out, HOURS.test),
    ):
        with pytest.raises(InputError, match="expected a reanalysis of the same hours"):
            call()


@pytest.mark.parametrize("name, value", [("lapse_rate", 30.0), ("bias", float("nan")), ("std", 0.0)])
def test_bad_parameters(name, value):
    with pytest.raises(InputError, match=name):
        BilinearReanalysis(**{name: value})
