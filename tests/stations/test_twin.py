import dataclasses
import itertools
import os
from pathlib import Path

import numpy as np
import pytest
import shapely
import xarray as xr

from sparseobs.errors import InputError
from sparseobs.interpolation.lapse_rate import LapseRateIDW
from sparseobs.interpolation.reanalysis import reanalysis_errors, sample
from sparseobs.outlines import layer
from sparseobs.stations.geography import Points, great_circle, station_points
from sparseobs.stations.twin import load_twin, truth
from sparseobs.stations.twin_settings import TwinSettings
from sparseobs.stations.twin_terrain import build_terrain
from sparseobs.stations.twin_weather import nature_run

DATA = Path(os.environ.get("SPARSEOBS_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETTINGS = TwinSettings(days=8)


@pytest.fixture(scope="module")
def twin():
    return load_twin(SETTINGS, seed=1)


@pytest.fixture(scope="module")
def terrain():
    return build_terrain(SETTINGS, seed=1)


@pytest.fixture(scope="module")
def hours(terrain):
    """Every hour of the same run."""
    return list(nature_run(SETTINGS, 1, terrain))


def test_it_is_what_a_source_must_be(twin):
    assert twin.synthetic and twin.inputs == {} and twin.notes.startswith("Synthetic")
    assert twin.reanalysis.dims == ("time", "latitude", "longitude") and twin.reanalysis.shape == (192, 32, 38)
    assert np.diff(twin.reanalysis["latitude"]) == pytest.approx(0.25)
    assert twin.stations["temperature"].dims == ("time", "station")
    assert twin.stations["temperature"].dtype == twin.reanalysis.dtype == np.float32
    assert np.isfinite(twin.reanalysis).all()
    assert twin.elevation.shape == (156, 186)
    xr.testing.assert_equal(twin.stations["time"], twin.reanalysis["time"])


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(twin):
    again, other = load_twin(SETTINGS, seed=1), load_twin(SETTINGS, seed=2)
    xr.testing.assert_identical(again.stations, twin.stations)
    xr.testing.assert_identical(again.reanalysis, twin.reanalysis)
    assert not np.allclose(other.reanalysis, twin.reanalysis, atol=1.0)


def test_another_network_meets_the_same_weather(twin):
    fewer = load_twin(dataclasses.replace(SETTINGS, n_stations=40), seed=1)
    xr.testing.assert_identical(fewer.reanalysis, twin.reanalysis)
    assert fewer.stations.sizes["station"] == twin.stations.sizes["station"] - 140


def test_the_value_stations_alone_make_a_network():
    alone = load_twin(TwinSettings(days=1, n_stations=0)).stations
    assert alone["value"].all() and alone.sizes["station"] == 52


@pytest.mark.parametrize("std", [0.3, 2.0])
def test_thermometer_noise_is_what_was_asked_for(std):
    settings = TwinSettings(days=3)
    exact = load_twin(dataclasses.replace(settings, obs_error_std=0.0)).stations["temperature"]
    noise = load_twin(dataclasses.replace(settings, obs_error_std=std)).stations["temperature"] - exact
    assert float(noise.std()) == pytest.approx(std, rel=0.03)
    assert abs(float(noise.mean())) < 4 * std / np.sqrt(noise.size)
    first, later = noise.values[:-1], noise.values[1:]
    valid = np.isfinite(first) & np.isfinite(later)
    assert abs(np.corrcoef(first[valid], later[valid])[0, 1]) < 0.05  # white in time


def test_stations_without_errors_read_the_truth():
    settings = TwinSettings(
        days=1, obs_error_std=0.0, siting=0.0, turbulence=0.0, height_scatter=0.0, missing_share=0.0
    )
    twin, run = load_twin(settings, seed=4), truth([14], settings, seed=4)
    invented = twin.stations.isel(station=~twin.stations["value"].values)
    read = sample(run, station_points(invented))[0]
    np.testing.assert_allclose(invented["temperature"][14], read, atol=0.01)  # heights are rounded to 1 m


def test_temperature_falls_with_height_at_the_lapse_rate_of_the_day(terrain):
    """Regress afternoons, when nothing is left of the night, on height and place; summits warm as plains do here."""
    alike = dataclasses.replace(SETTINGS, summit_damping=0.0)
    inland = terrain.land > 0.99
    north, east = np.meshgrid(terrain.latitude - 51, terrain.longitude - 10, indexing="ij")
    columns = [terrain.elevation / 1000, *(north**i * east**j for i in range(5) for j in range(5 - i))]
    matrix = np.stack([column[inland] for column in columns], axis=1)
    slopes = []
    for hour in list(nature_run(alike, 1, terrain))[14::24]:
        slope = -np.linalg.lstsq(matrix, hour.temperature[inland], rcond=None)[0][0]
        assert slope == pytest.approx(hour.lapse_rate, abs=0.6)
        slopes.append(slope)
    assert np.mean(slopes) == pytest.approx(6.5, abs=0.8)


def test_valleys_are_colder_than_their_slopes_only_in_clear_calm_nights(hours, terrain):
    valley = (terrain.valley > 0.9) & (terrain.land > 0.99)
    slope = (terrain.valley < 0.1) & (terrain.summit < 0.1) & (terrain.land > 0.99)

    def reduced(hour, where):
        return (hour.temperature + hour.lapse_rate * 1e-3 * terrain.elevation)[where].mean()

    still = max(hours, key=lambda hour: hour.stillness.mean())
    noon = hours[12 + 24 * (still.number // 24)]
    night, day = (reduced(hour, valley) - reduced(hour, slope) for hour in (still, noon))
    assert night - day < -1.0
    assert noon.stillness.max() < 0.1


def test_the_land_has_a_daily_cycle_and_the_sea_hardly_any(hours, terrain):
    cycle = np.stack([hour.temperature for hour in hours]).reshape(-1, 24, *terrain.land.shape).mean(axis=0)
    land, sea = cycle[:, terrain.land > 0.99].mean(axis=1), cycle[:, terrain.land < 0.01].mean(axis=1)
    assert 13 <= land.argmax() <= 16
    assert np.ptp(land) > 4 and np.ptp(sea) < np.ptp(land) / 3


def test_the_coast_crosses_the_region(terrain):
    assert (terrain.elevation >= 0).all() and (terrain.elevation[terrain.land < 1e-3] == 0).all()
    assert 0.8 < terrain.land.mean() < 0.95
    row = np.abs(terrain.latitude - 54.0).argmin()
    assert terrain.land[row, np.abs(terrain.longitude - 6.5).argmin()] < 0.01  # German Bight
    assert terrain.land[row, np.abs(terrain.longitude - 10.0).argmin()] > 0.95  # Holstein
    south = terrain.latitude < 47.6
    assert terrain.elevation[south].max() > 2500 > 300 > terrain.elevation[terrain.latitude > 53].max()


def test_the_view_is_smoother_than_the_truth(twin):
    """Along rows, the share of power that the view keeps falls with wavenumber."""
    chosen = np.arange(6, 192, 12)
    view = twin.reanalysis.isel(time=chosen)
    fine = truth(chosen, SETTINGS, seed=1).sel(latitude=view["latitude"], longitude=view["longitude"], method="nearest")

    def power(field):
        field = field.values - field.values.mean(axis=2, keepdims=True)
        return (np.abs(np.fft.rfft(field * np.hanning(field.shape[2]))) ** 2).mean(axis=(0, 1))

    kept = power(view) / power(fine)
    large, middle, small = kept[1:3].mean(), kept[5:9].mean(), kept[13:].mean()
    assert large > middle > small
    assert large > 0.8 and small < 0.25


def test_the_view_is_too_warm_on_summits_because_its_ground_is_smooth(twin):
    """By day: in still nights a summit stands in the warmer air above the plain's."""
    points, day = station_points(twin.stations), np.isin(np.arange(192) % 24, range(12, 18))
    error = np.nanmean((sample(twin.reanalysis, points) - twin.stations["temperature"].values)[day], axis=0)
    model = sample(twin.elevation.expand_dims("time").rolling(latitude=7, longitude=7, min_periods=1).mean(), points)[0]
    lifted = (points.height - model) / 1000
    slope = np.polyfit(lifted, error, 1)[0]
    assert 4 < slope < 10  # K per km that a station stands above the view's ground
    assert error[points.height > 900].mean() > 1.0


def test_the_views_errors_are_those_of_a_reanalysis(twin):
    table = reanalysis_errors(twin).set_index("resolution")
    assert 1.0 < table.loc["hourly", "rmse"] < 2.0
    assert 0.6 < table.loc["daily", "rmse"] < table.loc["hourly", "rmse"]
    assert abs(table.loc["hourly", "bias"]) < 0.7
    assert table.loc["hourly", "n"] == int(np.isfinite(twin.stations["temperature"]).sum())


def test_the_network_is_german_and_spaced_and_holds_the_value_stations(twin):
    stations = twin.stations
    value = stations["value"].values
    assert value.sum() == 52 and (~value).sum() == 180
    assert "List/Sylt" not in stations["name"].values  # 55.01 N, outside the region
    assert twin.region.contains(stations["latitude"], stations["longitude"]).all()
    zugspitze = stations.isel(station=stations["height"].values.argmax())
    assert (str(zugspitze["name"].values), float(zugspitze["height"])) == ("Zugspitze", 2964)
    assert len(set(stations["station"].values)) == 232
    points = station_points(stations)
    distance = great_circle(points[~value], points) + np.where(np.eye(232)[~value], np.inf, 0)
    assert distance.min() > 11.9
    germany = layer("germany").buffer(0.01)
    assert shapely.contains_xy(germany, points.longitude[~value], points.latitude[~value]).all()
    missing = np.isnan(stations["temperature"].values)
    assert 0.01 < missing.mean() < 0.03
    both = (missing[:-1] & missing[1:]).sum() / missing[:-1].sum()
    assert both == pytest.approx(1 - 1 / SETTINGS.missing_spell, abs=0.05)  # gaps come in spells


def test_the_ground_meets_the_value_stations_heights(twin):
    points = station_points(twin.stations.isel(station=twin.stations["value"].values))
    ground = sample(twin.elevation.expand_dims("time"), points)[0]
    assert np.corrcoef(ground, points.height)[0, 1] > 0.99
    assert np.median(np.abs(ground - points.height)) < 25


@pytest.mark.skipif(not (DATA / "germany").is_dir(), reason="no folder SPARSEOBS_DATA with real data")
def test_stations_differ_with_distance_as_real_ones_do(twin):
    """Against 493 DWD stations on 2020-06-09 at 12 UTC, both reduced to sea level."""
    snapshot = np.loadtxt(DATA / "germany" / "temp_obs.txt")
    listed = DATA / "germany" / "dwd" / "TU_Stundenwerte_Beschreibung_Stationen.2021.txt"
    rows = [line.split() for line in listed.read_text("latin-1").splitlines()[2:]]
    heights = {int(row[0]): float(row[3]) for row in rows}
    dwd = Points(*snapshot[:, 1:3].T, [heights[int(number)] for number in snapshot[:, 0]])
    edges = (0, 40, 80, 160)  # km; beyond that a week of weather is too few cases

    def differences(points, values):
        reduced = values + LapseRateIDW(lapse_rate_std=3.0).estimate(points, values)[:, None] * 1e-3 * points.height
        distance = great_circle(points, points)
        pairs = [np.nonzero(np.triu((distance > a) & (distance <= b))) for a, b in itertools.pairwise(edges)]
        return np.array([np.sqrt(np.nanmean((reduced[:, i] - reduced[:, j]) ** 2) / 2) for i, j in pairs])

    real = differences(dwd, snapshot[None, :, 3])
    ours = differences(station_points(twin.stations), twin.stations["temperature"].values[12::24])
    np.testing.assert_allclose(ours, real, rtol=0.2)


@pytest.mark.parametrize(
    "change, name",
    [
        ({"obs_error_std": -0.1}, "obs_error_std"),
        ({"obs_error_std": float("nan")}, "obs_error_std"),
        ({"days": 0}, "days"),
        ({"days": 2.5}, "days"),
        ({"spacing": 1.0}, "spacing"),
        ({"n_stations": -1}, "n_stations"),
        ({"cloud_damping": 1.5}, "damping"),
    ],
)
def test_bad_settings(change, name):
    with pytest.raises(InputError, match=name):
        TwinSettings(**change)


def test_more_stations_than_fit():
    with pytest.raises(InputError, match="n_stations.*least_distance"):
        load_twin(TwinSettings(days=1, n_stations=60, least_distance=120.0))


@pytest.mark.parametrize("wanted", [[], [-1], [24]])
def test_hours_beyond_the_run(wanted):
    with pytest.raises(InputError, match="hours from 0 to 23"):
        truth(wanted, TwinSettings(days=1))
