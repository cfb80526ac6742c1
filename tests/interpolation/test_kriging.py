import dataclasses
from functools import partial

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import HEIGHTS, Kriging, fit_kriging
from sparseobs.interpolation.lapse_rate import fit_idw, fit_lapse_rate_idw
from sparseobs.interpolation.methods import FITS, tune
from sparseobs.interpolation.tuning import Sample
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.stations.geography import EARTH_RADIUS, Points, great_circle
from sparseobs.stations.splits import split_hours, split_stations
from sparseobs.stations.twin import load_twin
from sparseobs.stations.twin_settings import TwinSettings


def random_points(n, seed, top=1500.0):
    generator = np.random.default_rng(seed)
    return Points(generator.uniform(48, 52, n), generator.uniform(8, 12, n), generator.uniform(0, top, n))


CONTEXT, TARGETS = random_points(25, 0), random_points(6, 1)
VALUES = 8 + 2 * np.random.default_rng(2).standard_normal((3, 25))


def fields(places, n_hours, *, sill, length, noise, seed=3):
    """Independent Gaussian fields of exponential covariance, seen with noise."""
    covariance = sill * np.exp(-great_circle(places, places) / length)
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(places)))
    generator = np.random.default_rng(seed)
    smooth = generator.standard_normal((n_hours, len(places))) @ root.T
    return smooth + noise * generator.standard_normal(smooth.shape)


@pytest.mark.parametrize("heights", HEIGHTS)
def test_exact_at_stations_without_a_nugget(heights):
    mean, std = Kriging(nugget_share=0.0, heights=heights).interpolate(CONTEXT, VALUES, CONTEXT)
    np.testing.assert_allclose(mean, VALUES, atol=1e-6)
    assert (std < 0.011).all()


@pytest.mark.parametrize("heights", ["ignored", "drift"])
def test_the_kriging_system_solved_by_hand(heights):
    """Weights and variance from the covariances between stations and the conditions that no drift may bias them."""
    sill, share, length = 3.0, 0.2, 120.0

    def covariance(a, b):
        chord = 2 * EARTH_RADIUS * np.sin(great_circle(a, b) / (2 * EARTH_RADIUS))
        return sill * (1 - share) * np.exp(-chord / length)

    def drifts(points):
        return np.array([np.ones(len(points)), points.height][: 2 if heights == "drift" else 1])

    n, k = len(CONTEXT), len(drifts(CONTEXT))
    matrix = np.zeros((n + k, n + k))
    matrix[:n, :n] = covariance(CONTEXT, CONTEXT) + sill * share * np.eye(n)
    matrix[n:, :n], matrix[:n, n:] = drifts(CONTEXT), drifts(CONTEXT).T
    right = np.vstack([covariance(CONTEXT, TARGETS), drifts(TARGETS)])
    solved = np.linalg.solve(matrix, right)
    method = Kriging("exponential", length, sill, share, heights)
    mean, std = method.interpolate(CONTEXT, VALUES, TARGETS)
    np.testing.assert_allclose(mean, VALUES @ solved[:n], rtol=1e-6)
    expected = sill - np.sum(solved * right, axis=0)
    np.testing.assert_allclose(std, np.tile(np.sqrt(expected), (3, 1)), rtol=1e-6)


@pytest.mark.parametrize("lapse_rate", [-3.0, 2.0, 9.5])
def test_a_drift_recovers_any_lapse_rate(lapse_rate):
    values = 12 - lapse_rate * 1e-3 * CONTEXT.height[None, :]
    truth = 12 - lapse_rate * 1e-3 * TARGETS.height
    mean, _ = Kriging(heights="drift").interpolate(CONTEXT, values, TARGETS)
    np.testing.assert_allclose(mean[0], truth, atol=1e-6)
    blind, _ = Kriging().interpolate(CONTEXT, values, TARGETS)
    assert np.abs(blind[0] - truth).mean() > 0.3


@pytest.mark.parametrize("heights", HEIGHTS)
def test_warmer_readings_give_warmer_predictions_as_sure_as_before(heights):
    method = Kriging(heights=heights)
    (mean, std), (warmer, same) = (method.interpolate(CONTEXT, VALUES + shift, TARGETS) for shift in (0.0, 5.0))
    np.testing.assert_allclose(warmer, mean + 5)
    np.testing.assert_allclose(same, std)


def test_missing_stations_are_as_good_as_absent_and_a_silent_hour_gives_no_number():
    holed = VALUES.copy()
    holed[0, [2, 7]] = holed[2] = np.nan
    rest = np.delete(np.arange(25), [2, 7])
    for heights in HEIGHTS:
        method = Kriging(heights=heights)
        mean, std = method.interpolate(CONTEXT, holed, TARGETS)
        alone = method.interpolate(CONTEXT[rest], VALUES[:1, rest], TARGETS)
        np.testing.assert_allclose([mean[:1], std[:1]], alone)
        np.testing.assert_allclose(mean[1:2], method.interpolate(CONTEXT, VALUES[1:2], TARGETS)[0])
        assert np.isnan(mean[2]).all() and np.isnan(std[2]).all()


@pytest.mark.parametrize("n_stations", [1, 2, 3])
def test_a_handful_of_stations_is_enough_for_a_number(n_stations):
    few = np.arange(n_stations)
    for heights in HEIGHTS:
        mean, std = Kriging(heights=heights).interpolate(CONTEXT[few], VALUES[:, few], TARGETS)
        assert np.isfinite(mean).all() and (std > 0.3).all()


def test_two_stations_in_one_place_count_as_two_readings():
    twice = CONTEXT[[0, 0, 3]]
    mean, _ = Kriging(nugget_share=0.3).interpolate(twice, np.array([[4.0, 6.0, 5.0]]), CONTEXT[[0]])
    assert mean[0, 0] == pytest.approx(5.0, abs=1e-6)


def test_certainty_goes_with_distance():
    near, far = Points([CONTEXT.latitude[0] + 0.01], [CONTEXT.longitude[0]], [0]), Points([60.0], [30.0], [0])
    method = Kriging(sill=4.0, length=50.0, nugget_share=0.1)
    stds = [method.interpolate(CONTEXT, VALUES, place)[1][0, 0] for place in (near, far)]
    assert stds[0] < 1.3 and 2.0 <= stds[1] < 2.2


def test_the_variogram_is_found_from_many_hours():
    places = random_points(40, 5)
    values = fields(places, 200, sill=2.0, length=100.0, noise=0.5)
    values[::7, ::3] = np.nan
    length, sill, share = fit_variogram("exponential", places, values)
    assert length == pytest.approx(100, rel=0.35)
    assert sill == pytest.approx(2.25, rel=0.2)
    assert share == pytest.approx(0.25 / 2.25, abs=0.08)


def test_tuned_kriging_beats_tuned_distance_weights_on_fields_that_it_is_best_for():
    places = random_points(40, 6)
    values = fields(places, 60, sill=2.0, length=200.0, noise=0.2, seed=7)
    seen, hidden = np.arange(25), np.arange(25, 40)
    sample = Sample(places[seen], values[:30, seen])
    errors = {}
    for name, method in (("kriging", fit_kriging(sample, "ignored", 5)), ("IDW", fit_idw(sample, 5))):
        mean, std = method.interpolate(places[seen], values[30:, seen], places[hidden])
        errors[name] = np.abs(mean - values[30:, hidden]).mean()
        spread = np.square((mean - values[30:, hidden]) / std).mean()
        assert spread == pytest.approx(1, abs=0.25)
    assert errors["kriging"] < errors["IDW"]


def test_a_drift_is_worth_it_where_heights_matter():
    places = random_points(30, 8)
    values = fields(places, 30, sill=0.5, length=200.0, noise=0.2, seed=9) - 8e-3 * places.height
    seen, hidden = np.arange(22), np.arange(22, 30)
    sample = Sample(places[seen], values[:, seen])
    errors = {}
    for heights in HEIGHTS:
        mean, _ = fit_kriging(sample, heights, 4).interpolate(places[seen], values[:, seen], places[hidden])
        errors[heights] = np.abs(mean - values[:, hidden]).mean()
    mean, _ = fit_lapse_rate_idw(sample, 4).interpolate(places[seen], values[:, seen], places[hidden])
    assert max(errors["drift"], errors["reduced"]) < 0.5 * errors["ignored"]
    assert errors["drift"] < np.abs(mean - values[:, hidden]).mean()


def test_tuning_never_looks_at_held_out_stations_or_test_hours():
    data = load_twin(TwinSettings(days=9, n_stations=60))
    stations = split_stations(data, n_held_out=35, n_validation=6, seed=0)
    hours = split_hours(data.stations["time"].values)
    hidden = data.stations["temperature"].values.copy()
    hidden[:, stations.held_out] = 1e6
    hidden[hours.test] = -1e6
    blind = dataclasses.replace(data, stations=data.stations.assign(temperature=(("time", "station"), hidden)))
    fit = partial(fit_kriging, heights="drift", n_folds=3)
    tuned = tune(fit, data, stations, hours)
    assert tune(fit, blind, stations, hours) == tuned
    mean, std = tuned.predict(data, np.concatenate([stations.train, stations.validation]), stations.held_out, [5, 6])
    assert mean.shape == std.shape == (2, 35) and np.isfinite(mean).all()


@pytest.mark.parametrize(
    "name, value", [("model", "linear"), ("heights", "up"), ("length", 0), ("sill", -1), ("nugget_share", 1.5)]
)
def test_bad_parameters(name, value):
    with pytest.raises(InputError, match=name):
        Kriging(**{name: value})


def test_values_that_do_not_fit_and_nothing_to_tune_on():
    with pytest.raises(InputError, match="values"):
        Kriging().interpolate(CONTEXT, VALUES[:, 1:], TARGETS)
    with pytest.raises(InputError, match="fewer held-out stations"):
        fit_kriging(Sample(CONTEXT[[0]], VALUES[:, :1]), "drift")
    with pytest.raises(InputError, match="heights"):
        fit_kriging(Sample(CONTEXT, VALUES), "sideways")


HOURS = np.random.default_rng(3).normal(10, 2, (24, 8))
EIGHT = random_points(8, 4)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@pytest.mark.parametrize(
    "places, values",
    [
        (EIGHT[[0]], HOURS[:, :1]),
        (EIGHT, HOURS * np.nan),
        (EIGHT, np.where(np.arange(8) == 3, HOURS, np.nan)),
    ],
    ids=["one station", "no reading", "one station reports"],
)
def test_what_no_interpolation_can_be_tuned_on_is_refused_in_words(fit, places, values):
    with pytest.raises(InputError, match="expected"):
        fit(Sample(places, values))


@pytest.mark.parametrize("fit", [FITS[name] for name in FITS if "krig" in name or "learned" in name])
@pytest.mark.parametrize("places, values", [(EIGHT[[0, 1]], HOURS[:, :2]), (EIGHT, 0 * HOURS)], ids=["two", "flat"])
def test_two_stations_or_one_value_have_no_variogram(fit, places, values):
    with pytest.raises(InputError, match="expected"):
        fit(Sample(places, values))


def test_stations_at_one_spot_have_no_variogram():
    with pytest.raises(InputError, match="different distances"):
        fit_kriging(Sample(Points([50] * 8, [9] * 8, [0] * 8), HOURS), "ignored")


def test_two_stations_at_one_place_need_a_nugget():
    places, readings = Points([48, 48, 50], [9] * 3, [0] * 3), np.array([[1.0, 3.0, 5.0]])
    with pytest.raises(InputError, match="nugget_share"):
        Kriging(nugget_share=0.0).interpolate(places, readings, places)
    mean, _ = Kriging(nugget_share=0.01).interpolate(places, readings, places[[0]])
    assert mean == pytest.approx(2, abs=0.2)


def test_stations_on_a_plain_say_nothing_of_a_mountain():
    """Heights of 1 to 4 m drew a drift of hundreds of degrees at 800 m."""
    plain = Points(np.linspace(48, 49, 5), [9] * 5, [1, 2, 3, 4, 2])
    readings, summit = np.array([[10.0, 11, 9, 12, 10]]), Points([48.5], [9.1], [800])
    mean, std = Kriging(heights="drift").interpolate(plain, readings, summit)
    assert abs(mean[0, 0] - (10.4 - 0.8 * 6.5)) < 2 and std[0, 0] < 2
