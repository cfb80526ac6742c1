"""The twin's clear calm nights, and a view that errs by them; the distance to real ones, which are facts of a file."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from sparseobs.errors import InputError
from sparseobs.stations.temperature import cell_heights, on_orography
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_full import FULL, read_twin, save_twin
from sparseobs.stations.twin_settings import Weather
from sparseobs.stations.twin_terrain import build_terrain
from sparseobs.stations.twin_weather import calm_of, nature_run, night_ground, settled_of, wind_of
from sparseobs_book.the_twin import networks

# February, as the real nights were, at 5.6 km northward.
SMALL = dataclasses.replace(FULL, start="2001-02-14", days=5, spacing=0.05, coarse=5, n_stations=150, move_rate=0.0)
SMALL = dataclasses.replace(SMALL, least_distance=14.0)
CALM = dataclasses.replace(SMALL, settled_share=0.98)
NOTHING = Weather(std=0.0, length=100.0, memory=1.0)
FAULTLESS = {"view_bias": NOTHING, "view_error": NOTHING, "view_night_bias": 0.0}


@pytest.fixture(scope="module")
def terrain():
    return build_terrain(SMALL, seed=0)


@pytest.fixture(scope="module")
def calm():
    """Every hour of five calm days."""
    return list(nature_run(CALM, 0, build_terrain(CALM, seed=0)))


@pytest.fixture(scope="module")
def described():
    """What networks say of the settled hours of four worlds in which these are frequent, on average."""
    tables, settings = [], dataclasses.replace(SMALL, settled_share=0.8, days=6)
    for seed in range(4):
        settled = np.flatnonzero(settled_of(settings, seed) > 0.5)
        stations = networks.lowland(load_twin(settings, seed=seed).stations.isel(time=settled))
        points, values = networks.station_points(stations), stations["temperature"].values.astype(float)
        tables.append(networks.describe(stations, networks.left_out_errors(points, values, 800.0, 0.05)))
    return pd.concat(tables).groupby(["quantity", "x"])["value"].mean()


@pytest.fixture(scope="module")
def facts():
    return pd.read_csv(networks.FACTS).set_index(["quantity", "x"])["value"]


def high_pass(field):
    return field - gaussian_filter(field, 3, mode="nearest")


def test_settled_weather_has_its_share_and_lasts():
    years = dataclasses.replace(SMALL, days=20000)
    settled = settled_of(years, 0) > 0.5
    assert settled.mean() == pytest.approx(SMALL.settled_share, abs=0.02)
    changes = np.count_nonzero(np.diff(settled))
    assert settled.sum() / (changes / 2) > 24  # hours, the mean length of a spell
    np.testing.assert_array_equal(settled_of(SMALL, 0), settled_of(dataclasses.replace(SMALL, days=9), 0)[:120])


def test_air_is_calm_where_winds_are_light_or_weather_settled():
    speed = np.array([0.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0])
    ordinary, settled = (calm_of(SMALL, speed, np.full(8, value)) for value in (0.0, 1.0))
    assert ordinary[0] == 1 and ordinary[-1] == pytest.approx(np.exp(-1))  # at the wind that `calm` names
    assert (np.diff(ordinary[:7]) < 0).all(), "the hours before count"
    assert settled[-1] == pytest.approx(np.exp(-(0.15**2)))


def test_the_spread_of_a_night_grows_with_its_stillness(calm, terrain):
    """In proportion: from half a kelvin on a winter's day to more than two kelvins below 600 m in a still night."""
    low = (terrain.land > 0.99) & (terrain.elevation < 600)
    still = np.array([hour.stillness[low].mean() for hour in calm])
    spread = np.array([hour.nocturnal[low].std() for hour in calm])
    assert np.corrcoef(still, spread)[0, 1] > 0.98
    assert spread[12::24].max() < 0.8 and 2.0 < spread[3::24].mean() < 3.5


def test_a_night_is_no_stationary_field(terrain):
    """Hills have far more of it than the northern plain, hollows are cold and slopes warm: the ground decides."""
    ground = night_ground(SMALL, terrain)
    inland = terrain.land > 0.99
    plain, hills = inland & (terrain.latitude > 52.6)[:, None], inland & (terrain.latitude < 50)[:, None]
    assert ground[hills].std() > 1.4 * ground[plain].std()
    hollow, crest = inland & (terrain.hollow > 0.7), inland & (terrain.hollow < -0.7)
    assert ground[crest].mean() - ground[hollow].mean() > 3.0
    assert np.corrcoef(ground[hills], terrain.elevation[hills])[0, 1] > 0.2


def test_windy_nights_stay_as_even_as_days():
    stormy = dataclasses.replace(SMALL, settled_share=1e-6, wind_mean=(12.0, 0.0), days=1)
    assert wind_of(stormy, 0)[0].min() > 5
    hours = list(nature_run(stormy, 0, build_terrain(stormy, seed=0)))
    assert max(hour.nocturnal.std() for hour in hours) < 0.3


def test_the_view_lacks_a_share_of_the_daily_range_and_of_the_nights():
    """What it sees less of is just these shares of two parts of the temperature: the rest is linear."""
    day = dataclasses.replace(SMALL, days=1, n_stations=0, **FAULTLESS)
    whole = dataclasses.replace(day, view_range_loss=0.0, view_night_loss=0.0)
    less_range, less_night, all_of_it = (
        load_twin(settings).reanalysis.values
        for settings in (
            dataclasses.replace(whole, view_range_loss=0.15),
            dataclasses.replace(whole, view_night_loss=0.5),
            whole,
        )
    )
    nothing = dataclasses.replace(whole, daily_amplitude=0.0, night_cooling=0.0)
    daily = all_of_it - load_twin(nothing).reanalysis.values
    still = dict.fromkeys(("hollow_cold", "slope_warmth", "cold_pool", "soil_night", "city_night_warmth"), 0.0)
    nocturnal = all_of_it - load_twin(dataclasses.replace(whole, night_patches=NOTHING, **still)).reanalysis.values
    np.testing.assert_allclose(all_of_it - less_range, 0.15 * daily, atol=0.02)
    np.testing.assert_allclose(all_of_it - less_night, 0.5 * nocturnal, atol=0.02)


def test_the_views_bias_depends_on_stillness_and_season():
    def bias(start, **change):
        settings = dataclasses.replace(CALM, start=start, days=1, n_stations=0, **change)
        without = dataclasses.replace(settings, view_night_bias=0.0)
        return load_twin(settings).reanalysis.values - load_twin(without).reanalysis.values

    winter, summer = bias("2001-12-20"), bias("2001-06-20")
    assert winter[3].mean() > 0.3 and abs(summer[13]).max() < 0.1 and winter[3].mean() > 1.5 * summer[1].mean()


def test_the_view_stands_on_its_own_ground():
    """What a lapse rate does to the view is gone when it is reduced by its own heights, and not by the ground's."""
    day = dataclasses.replace(SMALL, start="2001-06-01", days=1, n_stations=0)
    data, level = load_twin(day), load_twin(dataclasses.replace(day, lapse_rate=0.0))
    ground = dataclasses.replace(data, reanalysis=data.reanalysis.drop_vars("orography"))
    inland = cell_heights(data) > 100
    by_height = (data.reanalysis - level.reanalysis).values.mean(axis=0)
    terrain = high_pass(cell_heights(ground))[inland]
    left = {}
    for name, source in (("own", data), ("ground", ground)):
        left[name] = high_pass(by_height + 6.5e-3 * cell_heights(source))[inland]
    assert left["own"].std() < 0.02 and abs(left["own"]).max() < 0.2, "at the coast the air is partly the sea's"
    assert left["ground"].std() > 0.4 and np.corrcoef(left["ground"], terrain)[0, 1] > 0.6
    assert np.corrcoef(high_pass(cell_heights(data))[inland], terrain)[0, 1] > 0.5, "smoother, but the same ranges"


def test_a_file_keeps_the_views_ground_and_an_old_file_has_none(tmp_path):
    data = load_twin(dataclasses.replace(SMALL, days=1, n_stations=0))
    save_twin(tmp_path / "twin.npz", data)
    np.testing.assert_array_equal(cell_heights(read_twin(tmp_path / "twin.npz")), cell_heights(data))
    with np.load(tmp_path / "twin.npz") as file:
        np.savez(tmp_path / "old.npz", **{name: file[name] for name in file if name != "orography"})
    old = read_twin(tmp_path / "old.npz")
    assert "orography" not in old.reanalysis.coords and np.isfinite(cell_heights(old)).all()


@pytest.mark.parametrize("heights", [np.zeros((2, 2)), np.full((32, 38), np.nan)])
def test_an_orography_that_does_not_fit(heights):
    field = load_twin(dataclasses.replace(SMALL, days=1, n_stations=0)).reanalysis
    with pytest.raises(InputError, match="orography"):
        on_orography(field, heights)


@pytest.mark.parametrize("change", [{"settled_share": 0.0}, {"view_night_loss": 1.5}, {"settled_calming": -0.1}])
def test_bad_settings(change):
    with pytest.raises(InputError, match=next(iter(change))):
        dataclasses.replace(SMALL, **change)


def test_stations_left_out_are_missed_by_as_much_as_real_ones(described, facts):
    """Within a quarter, by night and in the afternoon; mornings and evenings pass more quickly in the twin."""
    ours, real = described[networks.LEFT_OUT], facts[networks.LEFT_OUT]
    for hours in (range(7), range(12, 18)):
        assert ours.loc[list(hours)].mean() == pytest.approx(real.loc[list(hours)].mean(), rel=0.25)
    assert ours.loc[[0, 1, 2]].mean() > 1.5 * ours.loc[[13, 14, 15]].mean()


@pytest.mark.parametrize("quantity, tolerance", [(networks.NIGHT, 0.25), (networks.DAY, 0.35)])
def test_stations_differ_with_distance_as_real_ones_do(described, facts, quantity, tolerance):
    """Up to 320 km: beyond, four days are too few cases."""
    ours, real = (table[quantity].loc[:240] for table in (described, facts))
    np.testing.assert_allclose(ours, real, rtol=tolerance)


def test_the_real_view_lacks_an_eighth_of_the_daily_range(facts):
    assert facts[networks.ERA5_RANGE, 0] / facts[networks.MIDAS_RANGE, 0] == pytest.approx(0.88, abs=0.005)
