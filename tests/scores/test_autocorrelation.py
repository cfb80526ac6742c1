import math

import numpy as np
import pytest
from scipy.signal import lfilter

from sparseobs.errors import InputError
from sparseobs.scores.autocorrelation import effective_sample_size, integrated_autocorrelation_time
from sparseobs.scores.intervals import repeat_interval, time_mean_interval


def autoregressive(correlation, length, repeats, seed):
    """Series (repeat, time) of zero mean and unit variance, stationary from the first value."""
    noise = np.random.default_rng(seed).normal(size=(repeats, length)) * math.sqrt(1 - correlation**2)
    noise[:, 0] /= math.sqrt(1 - correlation**2)
    return lfilter([1.0], [1.0, -correlation], noise)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_an_autoregressive_series(correlation):
    """In closed form (1 + a) / (1 - a) for neighbours' correlation a."""
    exact = (1 + correlation) / (1 - correlation)
    found = [integrated_autocorrelation_time(series) for series in autoregressive(correlation, 20_000, 20, 1)]
    assert np.mean(found) == pytest.approx(exact, rel=0.05)
    assert np.std(found) < 0.2 * exact


def test_a_series_is_worth_its_length_over_that_time():
    (series,) = autoregressive(0.9, 50_000, 1, 2)
    assert effective_sample_size(series) == pytest.approx(50_000 / 19, rel=0.15)


def test_a_constant_series_and_an_alternating_one():
    assert integrated_autocorrelation_time(np.full(100, 0.1)) == 1
    assert integrated_autocorrelation_time(np.tile([1.0, -1.0], 50)) == 1


@pytest.mark.parametrize("correlation", [0.5, 0.9])
def test_the_interval_of_a_time_mean_covers_as_often_as_it_says(correlation):
    series = autoregressive(correlation, 2000, 1000, 3)
    intervals = [time_mean_interval(one) for one in series]
    coverage = np.mean([interval.low <= 0 <= interval.high for interval in intervals])
    assert 0.92 < coverage < 0.97
    blind = np.mean([interval.low <= 0 <= interval.high for interval in map(repeat_interval, series)])
    assert blind < 0.8, "times taken for independent repeats"


def test_independent_times_give_the_interval_of_repeats():
    series = np.random.default_rng(4).normal(size=4000)
    ours, expected = time_mean_interval(series), repeat_interval(series)
    assert ours.mean == pytest.approx(expected.mean)
    assert ours.high - ours.low == pytest.approx(expected.high - expected.low, rel=0.1)


@pytest.mark.parametrize("series", [[], [1.0, 2.0, 3.0], [1.0, 2.0, math.nan, 4.0], np.zeros((4, 4))])
def test_bad_series_give_no_number(series):
    with pytest.raises(InputError, match="at least four finite values"):
        time_mean_interval(series)


@pytest.mark.parametrize("series", [np.repeat([0.0, 1.0], 8), np.linspace(0, 2, 500)])
def test_too_few_independent_times_or_a_trend_have_a_mean_and_no_interval(series):
    interval = time_mean_interval(series)
    assert interval.mean == pytest.approx(series.mean())
    assert math.isnan(interval.low) and math.isnan(interval.high) and interval.n < 10
