import dataclasses

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.inverse_distance import inverse_distance
from sparseobs.interpolation.lapse_rate import (
    LIMITS,
    LapseRateIDW,
    NearestStation,
    fit_idw,
    fit_lapse_rate_idw,
    fit_nearest,
)
from sparseobs.interpolation.methods import tune
from sparseobs.stations.geography import Points
from sparseobs.stations.splits import split_hours, split_stations
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings


def random_points(n, seed, top=1500.0):
    generator = np.random.default_rng(seed)
    return Points(generator.uniform(48, 52, n), generator.uniform(8, 12, n), generator.uniform(0, top, n))


CONTEXT, TARGETS = random_points(60, 0), random_points(9, 1, top=3000.0)


def test_a_field_that_is_linear_in_height_is_recovered_exactly():
    values = 12 - 6.5e-3 * CONTEXT.height[None, :]
    for lapse_rate_std in (0.0, 3.0):
        mean, _ = LapseRateIDW(lapse_rate_std=lapse_rate_std).interpolate(CONTEXT, values, TARGETS)
        np.testing.assert_allclose(mean[0], 12 - 6.5e-3 * TARGETS.height, atol=1e-6)


@pytest.mark.parametrize("lapse_rate", [-3.0, 2.0, 9.5])
def test_another_lapse_rate_is_found_from_the_stations(lapse_rate):
    """An inversion, a stable and a well-mixed hour, with a gradient across the region that is no lapse rate."""
    noise = 0.3 * np.random.default_rng(2).standard_normal((1, 60))
    values = 12 - lapse_rate * 1e-3 * CONTEXT.height + 1.2 * (CONTEXT.latitude - 50) + noise
    method = LapseRateIDW(lapse_rate_std=3.0)
    assert method.estimate(CONTEXT, values)[0] == pytest.approx(lapse_rate, abs=0.6)
    fixed = LapseRateIDW(lapse_rate_std=0.0)
    truth = 12 - lapse_rate * 1e-3 * TARGETS.height + 1.2 * (TARGETS.latitude - 50)
    errors = [np.abs(each.interpolate(CONTEXT, values, TARGETS)[0] - truth).mean() for each in (method, fixed)]
    assert errors[0] < 0.5 * errors[1]


def test_where_heights_hardly_vary_the_prior_stands():
    flat = Points(CONTEXT.latitude, CONTEXT.longitude, 50 + 0.02 * CONTEXT.height)  # 50 to 80 m
    values = 8 + np.random.default_rng(3).standard_normal((20, 60))
    assert LapseRateIDW(lapse_rate_std=2.0).estimate(flat, values) == pytest.approx(6.5, abs=1.0)
    one = CONTEXT[[0]]
    assert LapseRateIDW().estimate(one, np.array([[5.0]])) == pytest.approx(6.5)


def test_the_estimate_stays_within_reason():
    values = 12 - 40e-3 * CONTEXT.height[None, :]
    assert LapseRateIDW(lapse_rate_std=50.0).estimate(CONTEXT, values) == pytest.approx(LIMITS[1])
    assert LapseRateIDW(lapse_rate_std=50.0).estimate(CONTEXT, -values) == pytest.approx(LIMITS[0])


def test_the_estimate_is_the_ridge_regression_hour_by_hour():
    """Each hour separately, with gaps, by ordinary least squares with the prior as extra rows."""
    generator = np.random.default_rng(4)
    values = 8 + 3 * generator.standard_normal((4, 60))
    values[generator.random(values.shape) < 0.4] = np.nan
    method = LapseRateIDW(lapse_rate=5.0, lapse_rate_std=1.5)
    estimates = method.estimate(CONTEXT, values)
    degree = np.pi * 6371 / 180
    east = (CONTEXT.longitude - CONTEXT.longitude.mean()) * degree * np.cos(np.radians(CONTEXT.latitude.mean()))
    north = (CONTEXT.latitude - CONTEXT.latitude.mean()) * degree
    above = (CONTEXT.height - CONTEXT.height.mean()) / 1000
    columns = np.column_stack([np.ones(60), north, east, -above])
    for hour, estimate in zip(values, estimates, strict=True):
        seen = np.isfinite(hour)
        extra = 1.2 / np.array([1e4, 0.01, 0.01, 1.5])
        matrix = np.vstack([columns[seen], np.diag(extra)])
        right = np.concatenate([hour[seen] - hour[seen].mean(), extra * np.array([0, 0, 0, 5.0])])
        assert estimate == pytest.approx(np.linalg.lstsq(matrix, right, rcond=None)[0][3], abs=1e-6)


def test_without_a_lapse_rate_it_is_plain_inverse_distance():
    values = np.random.default_rng(5).standard_normal((3, 60))
    mean, _ = LapseRateIDW(power=3.0, lapse_rate=0.0, lapse_rate_std=0.0).interpolate(CONTEXT, values, TARGETS)
    np.testing.assert_allclose(mean, inverse_distance(CONTEXT, values, TARGETS, 3.0))


def test_uncertainty_grows_with_distance_and_gaps():
    method = LapseRateIDW(std_near=0.5, std_per_100_km=2.0)
    context = Points([50.0, 51.0], [10.0, 10.0], [0, 0])
    both, one, none = [5.0, 6.0], [np.nan, 6.0], [np.nan, np.nan]
    mean, std = method.interpolate(context, np.array([both, one, none]), Points([50.0], [10.0], [0]))
    assert std[0, 0] == pytest.approx(0.5)
    assert std[1, 0] == pytest.approx(0.5 + 2.0 * 1.112, abs=1e-3)
    assert np.isnan(mean[2, 0]) and np.isnan(std[2, 0])


@pytest.mark.parametrize(
    "name, value",
    [("power", 0), ("lapse_rate", 30), ("lapse_rate_std", -1), ("std_near", 0), ("std_per_100_km", -0.1)],
)
def test_bad_parameters(name, value):
    with pytest.raises(InputError, match=name):
        LapseRateIDW(**{name: value})


@pytest.fixture(scope="module")
def twin():
    data = load_twin(TwinSettings(days=9, n_stations=60))
    stations = split_stations(data, n_held_out=30, n_validation=10, seed=0)
    return data, stations, split_hours(data.stations["time"].values)


def test_tuned_on_stations_it_sees_and_judged_on_others(twin):
    data, stations, hours = twin
    context = np.concatenate([stations.train, stations.validation])
    truth = data.stations["temperature"].values[hours.test][:, stations.held_out]
    scores = {}
    for name, tuned in (("lapse", tune(fit_lapse_rate_idw, *twin)), ("plain", tune(fit_idw, *twin))):
        mean, std = tuned.predict(data, context, stations.held_out, hours.test)
        assert mean.shape == std.shape == (len(hours.test), 30)
        scores[name] = np.nanmean(np.abs(mean - truth))
        spread = np.nanmean(np.abs((mean - truth) / std) < 1)
        assert 0.5 < spread < 0.85  # 0.68 if the predictive distribution were exact
    assert scores["lapse"] < 0.75 * scores["plain"]


def test_tuning_never_looks_at_held_out_stations_or_test_hours(twin):
    data, stations, hours = twin
    hidden = data.stations["temperature"].values.copy()
    hidden[:, stations.held_out] = 1e6
    hidden[hours.test] = -1e6
    blind = dataclasses.replace(data, stations=data.stations.assign(temperature=(("time", "station"), hidden)))
    blinded, seeing = (tune(fit_lapse_rate_idw, part, stations, hours) for part in (blind, data))
    assert blinded == seeing


def test_the_nearest_station_is_tuned_to_how_sure_it_may_be(twin):
    data, stations, hours = twin
    tuned = tune(fit_nearest, *twin)
    context = np.concatenate([stations.train, stations.validation])
    mean, std = tuned.predict(data, context, stations.held_out, hours.test)
    truth = data.stations["temperature"].values[hours.test][:, stations.held_out]
    assert np.isin(mean, data.stations["temperature"].values[hours.test]).all()
    assert 0.5 < np.nanmean(np.abs((mean - truth) / std) < 1) < 0.85
    with pytest.raises(InputError, match="std_near"):
        NearestStation(std_near=0)


def test_nothing_to_tune_on(twin):
    data, stations, hours = twin
    lonely = dataclasses.replace(stations, train=stations.train[:1], validation=stations.validation[:0])
    with pytest.raises(InputError, match="fewer held-out stations"):
        tune(fit_idw, data, lonely, hours)
