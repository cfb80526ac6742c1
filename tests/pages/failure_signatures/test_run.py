import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sparseobs.errors import InputError
from sparseobs.scores.calibration import widened
from sparseobs_book.failure_signatures import run as failures
from sparseobs_book.temperature.experiment import prepare

THERMOMETER = 0.5


def points(echo, spread, n=40_000, seed=0):
    """Maps that repeat a share of the station's error and add one of their own, of standard deviation 0.3 K."""
    rng = np.random.default_rng(seed)
    station = rng.normal(0, 1, n)
    moved = echo * station
    error = moved + rng.normal(0, 0.3, n)
    columns = {"distance": rng.uniform(0, 45, n), "error": error, "moved": moved}
    return pd.DataFrame(columns | {"std": np.full(n, spread), "station": station})


def test_rings_find_the_echo_the_error_and_the_spread_needed():
    table = failures.rings(points(0.4, 0.6), THERMOMETER)
    assert list(table["low_km"]) == list(failures.EDGES[:-1])  # what is farther is left out
    np.testing.assert_allclose(table["echo"], 0.4)
    np.testing.assert_allclose(table["rmse"], 0.5, rtol=0.05)
    np.testing.assert_allclose(table["needed"], np.hypot(0.5, THERMOMETER), rtol=0.05)
    np.testing.assert_allclose(table["spread"], 0.6)


def test_coverage_is_that_of_thermometers_nobody_had_to_set_up():
    """The spread that is needed covers 90 %; half of it what half of a Gaussian's quantile does."""
    needed = np.hypot(0.5, THERMOMETER)
    for factor in (1.0, 0.5):
        table = failures.rings(points(0.4, factor * needed), THERMOMETER)
        expected = 2 * norm.cdf(factor * failures.CENTRAL) - 1
        np.testing.assert_allclose(table["coverage"], expected, atol=0.02)


def test_widening_touches_the_spread_alone():
    values = points(0.2, 0.3)
    plain = failures.rings(values, THERMOMETER)
    wide = failures.rings(values.assign(std=widened(values["std"], 0.16)), THERMOMETER)
    np.testing.assert_allclose(wide["spread"], 0.5)
    pd.testing.assert_frame_equal(plain[["rmse", "echo"]], wide[["rmse", "echo"]])
    assert (wide["coverage"] > plain["coverage"]).all()


def test_an_error_of_the_weather_that_resembles_the_stations_is_no_echo():
    values = points(0.4, 0.6)
    alike = values.assign(error=values["error"] + 0.5 * values["station"])
    np.testing.assert_allclose(failures.rings(alike, THERMOMETER)["echo"], 0.4)


def test_errors_are_taken_out_of_the_readings_of_their_hours_alone(data, settings):
    network, kelvin = prepare(settings, data).network, 2.0
    errors = np.full((2, network.values.shape[1]), 0.5)
    errors[0, 3] = np.nan
    exact = failures.without_errors(network, kelvin, np.array([4, 7]), errors)
    moved = (network.values - exact.values).numpy()
    read = np.isfinite(network.values.numpy())
    assert np.isnan(moved[4, 3])
    np.testing.assert_allclose(moved[7][read[7]], 0.25, rtol=1e-5)
    assert not np.delete(np.nan_to_num(moved), [4, 7], axis=0).any()


def test_only_a_twin_knows_the_truth(data, settings):
    with pytest.raises(InputError, match="truth is known"):
        failures.known_truth(prepare(settings, data), np.array([0]))


def test_an_interval_of_a_coverage_stays_a_share():
    table = pd.DataFrame({"method": "real-only", "low_km": 0.0, "high_km": 4.0, "coverage": [0.9, 0.99, 0.999]})
    table[["rmse", "spread", "needed", "echo"]] = 1.0
    rows = failures.ring_intervals(table).set_index("score")
    assert 0 < rows.loc["coverage", "low"] < 0.99 < rows.loc["coverage", "high"] < 1
    assert rows.loc["coverage", "mean"] == pytest.approx(0.99, abs=1e-3)
