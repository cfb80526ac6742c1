"""The twin's wind: each mechanism by its closed form, other statistics than temperature, and bad input."""

import dataclasses

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.stations.temperature import measured
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import build_terrain
from sparseobs.stations.twin_weather import wind_of
from sparseobs.stations.twin_wind import (
    WindSettings,
    as_wind_speed,
    daily_factor,
    eddies,
    load_wind_twin,
    roughness_factor,
    wind_run,
)

SMALL = TwinSettings(days=3, spacing=0.25 / 3, coarse=3, n_stations=40)
FLAT = WindSettings(speed_up=0.0, shelter=0.0, daily_share=0.0, roughness=(0.1, 0.1, 0.1))
WIND = WindSettings()


@pytest.fixture(scope="module")
def terrain():
    return build_terrain(SMALL, seed=0)


@pytest.fixture(scope="module")
def wind():
    return load_wind_twin(SMALL)


def fields(terrain, settings, n_hours=72):
    run = wind_run(SMALL, 0, terrain, settings)
    return np.stack([next(run).temperature for _ in range(n_hours)])


def test_logarithmic_profiles():
    """Over grass of 0.03 m the wind at 10 m is ln(10 / 0.03) / ln(60 / 0.03) of that at 60 m."""
    settings = WindSettings(roughness=(2e-4, 0.03, 1.0))
    factor = roughness_factor(settings, np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    expected = [np.log(5e4) / np.log(3e5), np.log(10 / 0.03) / np.log(60 / 0.03), np.log(10) / np.log(60)]
    np.testing.assert_allclose(factor, expected)
    assert (np.diff(factor) < 0).all(), "the rougher the slower"


def test_eddies_have_the_spectrum_of_minus_five_thirds():
    """An octave of lengths holds a variance of length^(2/3): eight times as long, four times the variance."""
    large, small = eddies(WindSettings(lengths=(160.0, 20.0)))
    variances = [(weather.std / weather.length) ** 2 for weather in (large, small)]
    assert variances[0] / variances[1] == pytest.approx(4.0)
    assert large.memory / small.memory == pytest.approx(4.0)
    assert eddies(WIND)[0].std / eddies(WIND)[0].length == pytest.approx(WIND.strength)


def test_without_eddies_the_wind_far_above_is_all_there_is(terrain):
    calm = dataclasses.replace(FLAT, strength=1e-9)
    above, _ = wind_of(SMALL, 0)
    factor = np.log(10 / 0.1) / np.log(60 / 0.1)
    expected = np.broadcast_to(factor * above[:, None, None], (72, *terrain.land.shape))
    np.testing.assert_allclose(fields(terrain, calm), expected, rtol=1e-4)


def test_eddies_have_the_strength_asked_for(terrain):
    """With no mean flow, the mean square speed is twice a component's variance."""
    still = dataclasses.replace(SMALL, wind_mean=(0.0, 0.0), wind_std=0.0, days=40)
    one = dataclasses.replace(FLAT, lengths=(100.0,), strength=2.0, memory=2.0)
    squares = [np.square(hour.temperature).mean() for hour in list(wind_run(still, 1, terrain, one))[::4]]
    factor = np.log(10 / 0.1) / np.log(60 / 0.1)
    strength = 2.0 * (100 / 300) ** (1 / 3)
    assert np.mean(squares) == pytest.approx(2 * (factor * strength) ** 2, rel=0.1)


def test_the_sea_is_windier_and_so_are_summits(terrain):
    mean = fields(terrain, WIND).mean(axis=0)
    sea, land = terrain.land < 0.01, (terrain.land > 0.99) & (terrain.summit < 0.05) & (terrain.valley < 0.05)
    summit = terrain.summit > 0.5
    assert mean[sea].mean() > 1.1 * mean[land].mean()
    assert mean[summit].mean() > 1.3 * mean[land].mean()


def test_summits_and_plains_have_opposite_days(terrain):
    """At 14 local solar time the plain's wind is greatest, the summit's least; the sea has no day."""
    east = terrain.longitude.mean()
    noon, night = (daily_factor(WIND, terrain, hour - east / 15) for hour in (14, 2))
    column = np.abs(terrain.longitude - east).argmin()
    plain = np.flatnonzero((terrain.land[:, column] > 0.999) & (terrain.summit[:, column] == 0))[0]
    assert noon[plain, column] == pytest.approx(1 + WIND.daily_share, rel=1e-3)
    assert night[plain, column] == pytest.approx(1 - WIND.daily_share, rel=1e-3)
    top = np.unravel_index(terrain.summit.argmax(), terrain.summit.shape)
    assert terrain.summit[top] > 0.6 and noon[top] < 1 < night[top]
    np.testing.assert_allclose(noon[terrain.land == 0], 1.0)


def test_the_twin_of_the_same_seed_has_the_same_ground_and_places(wind):
    warm = load_twin(SMALL)
    assert wind.elevation.equals(warm.elevation)
    for name in ("station", "latitude", "longitude", "height"):
        np.testing.assert_array_equal(wind.stations[name], warm.stations[name])
    gaps = [np.isnan(measured(data.stations).values) for data in (wind, warm)]
    np.testing.assert_array_equal(*gaps)
    assert gaps[0].any()


def test_no_speed_is_negative_and_its_view_is_smoother(wind):
    readings = measured(wind.stations).values
    assert np.nanmin(readings) >= 0 and wind.reanalysis.values.min() >= 0
    assert 2 < np.nanmean(readings) < 8
    inland = wind.stations["height"].values > 100
    assert np.nanstd(readings[:, inland], axis=1).mean() > 1.1 * wind.reanalysis.std(["latitude", "longitude"]).mean()


def test_a_site_multiplies():
    exact = dataclasses.replace(WIND, turbulence=0.0, noise=0.0)
    short = dataclasses.replace(SMALL, days=1)
    sheltered, open_ = (load_wind_twin(short, dataclasses.replace(exact, siting=siting)) for siting in (0.2, 0.0))
    ratio = measured(sheltered.stations).values / measured(open_.stations).values
    assert np.nanmax(np.nanstd(ratio, axis=0)) < 1e-4
    assert 0.1 < np.nanstd(np.log(ratio[0])) < 0.3


def test_a_seed_is_a_world(wind):
    assert load_wind_twin(SMALL).reanalysis.equals(wind.reanalysis)
    other = load_wind_twin(dataclasses.replace(SMALL, days=1), seed=1)
    assert not np.allclose(other.reanalysis, wind.reanalysis[:24])


def test_names_and_units_are_those_of_a_wind_speed(wind):
    data = as_wind_speed(wind)
    assert list(data.stations.data_vars) == ["wind_speed"] and data.reanalysis.name == "si10"
    for field in (data.stations["wind_speed"], data.reanalysis):
        assert field.attrs["standard_name"] == "wind_speed" and field.attrs["units"] == "m s-1"
    assert data.synthetic and data.notes.startswith("Wind speed")
    assert wind.reanalysis.attrs["units"] == "degC", "the input is left as it was"


def test_experiments_find_what_is_measured(wind):
    renamed = as_wind_speed(wind).stations
    np.testing.assert_array_equal(measured(renamed), wind.stations["temperature"])
    both = renamed.assign(temperature=renamed["wind_speed"], gust=renamed["wind_speed"])
    assert measured(both).name == "temperature"
    with pytest.raises(InputError, match="a temperature, or one other variable"):
        measured(both.drop_vars("temperature"))


@pytest.mark.parametrize(
    "change",
    [{"strength": 0.0}, {"shelter": 1.5}, {"daily_share": -0.1}, {"lengths": (100.0, 0.0)}, {"siting": -1.0}]
    + [{"roughness": (2e-4, 10.0, 1.0)}, {"blending": float("nan")}],
)
def test_bad_input(change):
    with pytest.raises(InputError, match=next(iter(change))):
        WindSettings(**change)
