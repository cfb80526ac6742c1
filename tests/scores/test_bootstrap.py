import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.scores.bootstrap import two_way_interval


def drawn(seed, station_std, day_std, noise=0.3, shape=(12, 4, 10)):
    """Scores (hour, station) of days of four hours, around 5, and their days."""
    rng = np.random.default_rng(seed)
    days, hours, stations = shape
    scores = 5 + day_std * rng.standard_normal((days, 1, 1)) + station_std * rng.standard_normal((1, 1, stations))
    scores = scores + noise * rng.standard_normal(shape)
    return scores.reshape(days * hours, stations), np.repeat(np.arange(days), hours)


def width(interval):
    return interval.high - interval.low


def test_intervals_hold_the_true_mean_about_as_often_as_they_say():
    inside = []
    for seed in range(150):
        found = two_way_interval(*drawn(seed, 1.0, 0.5), np.random.default_rng(seed), n_draws=300)
        inside.append(found.low < 5 < found.high)
    assert 0.86 < np.mean(inside) <= 1.0


def test_the_width_is_that_of_the_fewer_and_more_scattered_ones():
    alike = two_way_interval(*drawn(0, 0.0, 0.0), np.random.default_rng(0))
    stations = two_way_interval(*drawn(0, 1.0, 0.0), np.random.default_rng(0))
    days = two_way_interval(*drawn(0, 0.0, 1.0), np.random.default_rng(0))
    assert min(width(stations), width(days)) > 4 * width(alike)
    # Hours are no days: as if each were independent, the interval would be half as wide.
    scores, names = drawn(0, 0.0, 1.0)
    assert width(two_way_interval(scores, np.arange(len(names)), np.random.default_rng(0))) < 0.7 * width(days)


def test_the_mean_is_that_of_the_pairs_and_gaps_are_left_out():
    scores, days = drawn(1, 1.0, 1.0)
    scores[days == 3] = np.nan
    scores[:, 2] = np.nan
    scores[5, 4] = np.nan
    found = two_way_interval(scores, days, np.random.default_rng(0))
    assert found.mean == pytest.approx(np.nanmean(scores))
    assert found.n == 9
    kept = two_way_interval(np.delete(scores, 2, 1)[days != 3], days[days != 3], np.random.default_rng(0))
    assert found == kept


def test_equal_scores_have_no_width():
    assert width(two_way_interval(np.full((6, 3), 2.0), np.arange(6) // 2, np.random.default_rng(0))) == 0


@pytest.mark.parametrize(
    "scores, days, words",
    [
        (np.ones((4, 2)), np.arange(3), r"\(hour, station\)"),
        (np.ones(4), np.arange(4), r"\(hour, station\)"),
        (np.ones((4, 1)), np.arange(4), "two or more of each"),
        (np.ones((4, 2)), np.zeros(4), "two or more of each"),
        (np.full((4, 2), np.nan), np.arange(4), "two or more of each"),
    ],
)
def test_what_has_no_interval_is_refused(scores, days, words):
    with pytest.raises(InputError, match=words):
        two_way_interval(scores, days, np.random.default_rng(0))
    with pytest.raises(InputError, match="level"):
        two_way_interval(np.ones((4, 2)), np.arange(4), np.random.default_rng(0), level=1.0)


def test_an_infinite_score_is_no_missing_one():
    scores, days = drawn(0, 1.0, 0.5)
    scores[3, 2] = np.inf
    with pytest.raises(InputError, match="infinity"):
        two_way_interval(scores, days, np.random.default_rng(0))
