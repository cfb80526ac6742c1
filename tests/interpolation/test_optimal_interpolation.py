import dataclasses
import sys

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation import optimal_interpolation as oi
from sparseobs.interpolation.optimal_interpolation import (
    OptimalInterpolation,
    fit_optimal_interpolation,
    tune_optimal_interpolation,
)
from sparseobs.interpolation.tuning import Sample
from sparseobs.stations.geography import Points, great_circle
from sparseobs.stations.regions import Region
from sparseobs.stations.splits import HourSplit, StationSplit
from sparseobs.stations.temperature import TemperatureData, gridded, network

GRIDPP_RADIUS = 6378.137 / 6371.0  # of its Earth, over the book's
pytestmark = pytest.mark.skipif(not oi.available(), reason="gridpp is not installed")


def random_points(n, seed):
    generator = np.random.default_rng(seed)
    return Points(generator.uniform(50, 52, n), generator.uniform(8, 11, n), generator.uniform(0, 900, n))


CONTEXT, TARGETS = random_points(7, 0), random_points(4, 1)
GENERATOR = np.random.default_rng(2)
B_CONTEXT, B_TARGETS = 8 + GENERATOR.standard_normal((3, 7)), 8 + GENERATOR.standard_normal((3, 4))
VALUES = B_CONTEXT + 2 * GENERATOR.standard_normal((3, 7))
METHOD = OptimalInterpolation(length=60.0, vertical_length=350.0, ratio=0.4, background_std=1.7, bias=0.6)


def correlation(a, b, method):
    distance = GRIDPP_RADIUS * great_circle(a, b) / method.length
    vertical = (a.height[:, None] - b.height) / method.vertical_length
    near = distance < np.sqrt(-2 * np.log(0.0013))
    return np.where(near, np.exp(-0.5 * distance**2), 0.0) * np.exp(-0.5 * vertical**2)


def by_hand(method, context, values, targets, b_context, b_targets):
    """The equations of optimal interpolation for one hour with all stations reporting."""
    among = correlation(context, context, method)
    gain = correlation(targets, context, method) @ np.linalg.inv(among + method.ratio * np.eye(len(context)))
    mean = b_targets - method.bias + gain @ (values - (b_context - method.bias))
    analysis = 1 - np.sum(gain * correlation(targets, context, method), axis=1)
    return mean, method.background_std * np.sqrt(analysis + method.ratio)


def test_the_equations_solved_by_hand():
    wide = dataclasses.replace(METHOD, length=150.0)  # every station within reach of every other
    mean, std = wide.interpolate(CONTEXT, VALUES, TARGETS, B_CONTEXT, B_TARGETS)
    for hour in range(3):
        expected = by_hand(wide, CONTEXT, VALUES[hour], TARGETS, B_CONTEXT[hour], B_TARGETS[hour])
        np.testing.assert_allclose(mean[hour], expected[0], atol=1e-4)
        np.testing.assert_allclose(std[hour], expected[1], atol=1e-4)
    assert np.abs(mean - (B_TARGETS - wide.bias)).max() > 0.3


def test_only_stations_that_report_count_and_a_silent_hour_is_the_background():
    holed = VALUES.copy()
    holed[0, [1, 4]] = holed[2] = np.nan
    rest = np.delete(np.arange(7), [1, 4])
    mean, std = METHOD.interpolate(CONTEXT, holed, TARGETS, B_CONTEXT, B_TARGETS)
    alone = METHOD.interpolate(CONTEXT[rest], VALUES[:1, rest], TARGETS, B_CONTEXT[:1, rest], B_TARGETS[:1])
    np.testing.assert_allclose([mean[:1], std[:1]], alone, atol=1e-6)
    np.testing.assert_allclose(mean[2], B_TARGETS[2] - METHOD.bias)
    np.testing.assert_allclose(std[2], METHOD.background_std * np.sqrt(1 + METHOD.ratio))


def test_worthless_readings_leave_the_background_and_perfect_ones_are_met():
    worthless = dataclasses.replace(METHOD, ratio=1e8)
    mean, _ = worthless.interpolate(CONTEXT, VALUES, TARGETS, B_CONTEXT, B_TARGETS)
    np.testing.assert_allclose(mean, B_TARGETS - METHOD.bias, atol=1e-5)
    perfect = dataclasses.replace(METHOD, ratio=1e-6)
    mean, std = perfect.interpolate(CONTEXT, VALUES, CONTEXT, B_CONTEXT, B_CONTEXT)
    np.testing.assert_allclose(mean, VALUES, atol=1e-3)
    assert (std < 0.01).all()


@pytest.mark.parametrize("north, up", [(5.0, 0.0), (0.0, 5000.0)], ids=["far away", "high above"])
def test_where_no_station_tells_anything_the_background_stays(north, up):
    there = Points(CONTEXT.latitude + north, CONTEXT.longitude, CONTEXT.height + up)
    mean, std = METHOD.interpolate(CONTEXT, VALUES, there, B_CONTEXT, B_CONTEXT)
    np.testing.assert_allclose(mean, B_CONTEXT - METHOD.bias, atol=1e-4)
    np.testing.assert_allclose(std, METHOD.background_std * np.sqrt(1 + METHOD.ratio), rtol=1e-5)


def test_lengths_are_kilometres_along_the_ground_and_metres_above_it():
    """One station, one target: the increment is what the correlation at their distance says."""
    here = Points([50.0], [8.0], [0.0])
    north = Points([50.0 + np.degrees(METHOD.length / 6378.137)], [8.0], [0.0])
    above = Points([50.0], [8.0], [METHOD.vertical_length])
    background = np.zeros((1, 1)) + METHOD.bias
    for target in (north, above):
        mean, _ = METHOD.interpolate(here, np.ones((1, 1)), target, background, background)
        assert mean.item() == pytest.approx(np.exp(-0.5) / (1 + METHOD.ratio), abs=1e-4)


def test_the_order_of_stations_does_not_matter_and_warmth_is_added():
    order = np.random.default_rng(5).permutation(7)
    mean, std = METHOD.interpolate(CONTEXT, VALUES, TARGETS, B_CONTEXT, B_TARGETS)
    other = METHOD.interpolate(CONTEXT[order], VALUES[:, order], TARGETS, B_CONTEXT[:, order], B_TARGETS)
    np.testing.assert_allclose([mean, std], other, atol=1e-5)
    warmer, same = METHOD.interpolate(CONTEXT, VALUES + 5, TARGETS, B_CONTEXT + 5, B_TARGETS + 5)
    np.testing.assert_allclose(warmer, mean + 5, atol=1e-5)
    np.testing.assert_allclose(same, std, atol=1e-6)


def test_two_stations_in_one_place_are_one_that_is_read_twice():
    twice = Points([50.0, 50.0], [8.0, 8.0], [0.0, 0.0])
    zero = np.zeros((1, 2)) + METHOD.bias
    mean, _ = METHOD.interpolate(twice, np.array([[1.0, 3.0]]), twice, zero, zero)
    np.testing.assert_allclose(mean, 2.0 / (1 + METHOD.ratio / 2), atol=1e-5)


def holed(background):
    background = background.copy()
    background[1, 2] = np.nan
    return background


@pytest.mark.parametrize(
    "values, b_context, b_targets, name",
    [
        (VALUES, holed(B_CONTEXT), B_TARGETS, "background_context: given '1 NaN"),
        (VALUES, B_CONTEXT, holed(B_TARGETS), "background_targets: given '1 NaN"),
        (VALUES, B_CONTEXT, B_TARGETS + np.inf, "12 infinite"),
        (VALUES, B_CONTEXT[:2], B_TARGETS, r"background_context.*\(3, 7\)"),
        (VALUES, B_CONTEXT, B_TARGETS[0], r"background_targets.*\(3, 4\)"),
        (VALUES[:, :5], B_CONTEXT, B_TARGETS, "values"),
        (VALUES[0], B_CONTEXT, B_TARGETS, "values"),
    ],
)
def test_bad_input_is_refused(values, b_context, b_targets, name):
    with pytest.raises(InputError, match=name):
        METHOD.interpolate(CONTEXT, values, TARGETS, b_context, b_targets)


@pytest.mark.parametrize(
    "name, value",
    [
        ("length", 0.0),
        ("vertical_length", -1.0),
        ("ratio", 0.0),
        ("background_std", 0.0),
        ("lapse_rate", 40.0),
        ("bias", np.nan),
    ],
)
def test_bad_parameters(name, value):
    with pytest.raises(InputError, match=name):
        OptimalInterpolation(**{name: value})


def test_without_gridpp_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gridpp", None)
    with pytest.raises(InputError, match=r"pip install .sparseobs\[operational\]"):
        METHOD.interpolate(CONTEXT, VALUES, TARGETS, B_CONTEXT, B_TARGETS)


# Tuning: errors of a background that are alike within a known length, seen with noise.
PLACES, N_HOURS = random_points(24, 7), 30
TRUTH = OptimalInterpolation(length=80.0, vertical_length=400.0, ratio=0.1, background_std=1.5, bias=-0.5)


def made_up_errors(places, seed):
    """Errors (hour, place) of a background, K, and readings' errors, both of `TRUTH`'s statistics."""
    generator = np.random.default_rng(seed)
    covariance = correlation(places, places, TRUTH)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0))
    smooth = TRUTH.background_std * generator.standard_normal((N_HOURS, len(places))) @ root.T
    noise = TRUTH.background_std * np.sqrt(TRUTH.ratio) * generator.standard_normal(smooth.shape)
    return smooth + TRUTH.bias, noise


@pytest.fixture(scope="module")
def sample():
    wrong, noise = made_up_errors(PLACES, 3)
    truth = 10 + 3 * np.random.default_rng(4).standard_normal((N_HOURS, 1)) - 6.5e-3 * PLACES.height
    values = truth + noise
    values[np.random.default_rng(5).random(values.shape) < 0.05] = np.nan
    return Sample(PLACES, values, truth + wrong)


@pytest.fixture(scope="module")
def tuned(sample):
    return fit_optimal_interpolation(sample, n_folds=4)


def test_tuning_finds_what_the_errors_were_made_with(tuned):
    assert tuned.length == pytest.approx(TRUTH.length, rel=0.51)
    assert tuned.vertical_length == pytest.approx(TRUTH.vertical_length, rel=1.01)
    assert tuned.ratio <= 0.3
    assert tuned.lapse_rate == 0.0, "the background is at the stations' height"
    assert tuned.bias == pytest.approx(TRUTH.bias, abs=0.25)
    prior, expected = (m.background_std * np.sqrt(1 + m.ratio) for m in (tuned, TRUTH))
    assert prior == pytest.approx(expected, rel=0.25)


def test_units_of_temperature_do_not_change_what_is_tuned(sample, tuned):
    """In kelvin the same method; twice the amplitude doubles bias and spread and leaves the lengths."""
    kelvin = sample._replace(values=sample.values + 273.15, background=sample.background + 273.15)
    for name, value in dataclasses.asdict(fit_optimal_interpolation(kelvin, n_folds=4)).items():
        assert value == pytest.approx(getattr(tuned, name), abs=1e-3), name
    double = fit_optimal_interpolation(
        sample._replace(values=2 * sample.values, background=2 * sample.background), n_folds=4
    )
    assert (double.length, double.ratio) == (tuned.length, tuned.ratio)
    assert double.background_std == pytest.approx(2 * tuned.background_std, rel=1e-3)
    assert double.bias == pytest.approx(2 * tuned.bias, rel=1e-6)


def test_a_background_on_other_ground_is_brought_to_the_stations_height(sample, tuned):
    above = np.random.default_rng(6).uniform(-300, 300, len(PLACES))
    found = fit_optimal_interpolation(sample._replace(background=sample.background + 6.5e-3 * above), above, 4)
    assert found.lapse_rate == pytest.approx(6.5, abs=0.51)
    assert found.bias == pytest.approx(tuned.bias, abs=0.1)


@pytest.mark.parametrize("background", [None, np.zeros((2, 2)), "holed"])
def test_tuning_needs_a_whole_background(sample, background):
    given = holed(sample.background) if isinstance(background, str) else background
    with pytest.raises(InputError, match="sample.background"):
        fit_optimal_interpolation(sample._replace(background=given))


STATIONS = StationSplit(np.arange(10), np.arange(10, 16), np.arange(16, 24))
HOURS = HourSplit(np.arange(12), np.arange(12, 18), np.arange(18, 30))


@pytest.fixture(scope="module")
def data():
    """A reanalysis that is level and without ground, and stations whose departures from it are alike nearby."""
    wrong, noise = made_up_errors(PLACES, 3)
    times = np.datetime64("2019-03-01", "ns") + np.arange(N_HOURS) * np.timedelta64(1, "h")
    latitude, longitude = np.arange(49.75, 52.26, 0.25), np.arange(7.75, 11.26, 0.25)
    level = 10 + 3 * np.random.default_rng(4).standard_normal(N_HOURS)
    field = np.broadcast_to(level[:, None, None], (N_HOURS, latitude.size, longitude.size))
    readings = level[:, None] - 6.5e-3 * PLACES.height - wrong + noise
    names = np.arange(24).astype(str)
    places = {name: getattr(PLACES, name) for name in ("latitude", "longitude", "height")}
    stations = network(readings, times, {"station": names, "name": names, **places})
    reanalysis = gridded(field, times, latitude, longitude)
    return TemperatureData("made up", True, Region("box", 50, 52, 8, 11), reanalysis, stations, None, {}, "")


@pytest.fixture(scope="module")
def tuned_on_data(data):
    return tune_optimal_interpolation(data, STATIONS, HOURS)


def test_held_out_stations_are_predicted_better_than_by_the_background_and_as_surely_as_said(data, tuned_on_data):
    assert tuned_on_data.lapse_rate == pytest.approx(6.5, abs=1.01)
    shown = np.arange(16)
    mean, std = tuned_on_data.predict(data, shown, STATIONS.held_out, HOURS.test)
    observed = data.stations["temperature"].values[np.ix_(HOURS.test, STATIONS.held_out)]
    background = tuned_on_data.predict(
        dataclasses.replace(data, stations=data.stations.where(False)), shown, STATIONS.held_out, HOURS.test
    )[0]
    error = np.abs(mean - observed)
    assert error.mean() < 0.8 * np.abs(background - observed).mean()
    assert np.mean(np.square((mean - observed) / std)) == pytest.approx(1.0, abs=0.35)


def test_tuning_never_looks_at_held_out_stations_or_test_hours(data, tuned_on_data):
    hidden = data.stations["temperature"].values.copy()
    hidden[:, STATIONS.held_out] = hidden[HOURS.test] = 1e5
    blind = dataclasses.replace(data, stations=data.stations.assign(temperature=(("time", "station"), hidden)))
    assert tune_optimal_interpolation(blind, STATIONS, HOURS) == tuned_on_data


def test_a_prediction_never_reads_its_target(data, tuned_on_data):
    changed = data.stations["temperature"].values.copy()
    changed[:, STATIONS.held_out] += 50
    other = dataclasses.replace(data, stations=data.stations.assign(temperature=(("time", "station"), changed)))
    found = [tuned_on_data.predict(each, np.arange(16), STATIONS.held_out, HOURS.test) for each in (data, other)]
    np.testing.assert_array_equal(*found)


def test_another_year_is_refused(data):
    later = data.reanalysis.assign_coords(time=data.reanalysis["time"] + np.timedelta64(730, "D"))
    apart = dataclasses.replace(data, reanalysis=later)
    for call in (
        lambda: tune_optimal_interpolation(apart, STATIONS, HOURS),
        lambda: METHOD.predict(apart, np.arange(16), STATIONS.held_out, HOURS.test),
    ):
        with pytest.raises(InputError, match="expected a reanalysis of the same hours"):
            call()
