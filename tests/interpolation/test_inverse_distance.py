import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.interpolation.inverse_distance import inverse_distance, nearest_distance, nearest_station
from sparseobs.stations.geography import Points, great_circle

generator = np.random.default_rng(0)
CONTEXT = Points(generator.uniform(50, 55, 12), generator.uniform(6, 15, 12), np.zeros(12))
TARGETS = Points(generator.uniform(50, 55, 7), generator.uniform(6, 15, 7), np.zeros(7))
VALUES = generator.standard_normal((5, 12)) + 8


@pytest.mark.parametrize("power", [0.5, 1, 2, 4])
def test_exact_at_a_station(power):
    np.testing.assert_allclose(
        inverse_distance(CONTEXT, VALUES, CONTEXT, power), VALUES, atol=1e-4 if power < 1 else 1e-8
    )


@pytest.mark.parametrize("power", [1, 2, 3.5])
def test_the_formula_station_by_station(power):
    weights = great_circle(TARGETS, CONTEXT) ** -power
    expected = [[np.sum(w * hour) / np.sum(w) for w in weights] for hour in VALUES]
    np.testing.assert_allclose(inverse_distance(CONTEXT, VALUES, TARGETS, power), expected)


def test_missing_stations_are_as_good_as_absent():
    holed = VALUES.copy()
    holed[:, [2, 7]] = np.nan
    rest = np.delete(np.arange(12), [2, 7])
    for method in (inverse_distance, nearest_station, nearest_distance):
        expected = method(CONTEXT[rest], VALUES[:, rest], TARGETS)
        np.testing.assert_allclose(method(CONTEXT, holed, TARGETS), expected)
    # A target beside a silent station is filled from the others.
    assert np.isfinite(inverse_distance(CONTEXT, holed, CONTEXT[[2]])).all()


def test_a_silent_hour_gives_no_number():
    silent = VALUES.copy()
    silent[3] = np.nan
    for method in (inverse_distance, nearest_station, nearest_distance):
        answer = method(CONTEXT, silent, TARGETS)
        assert np.isnan(answer[3]).all() and np.isfinite(np.delete(answer, 3, axis=0)).all()


def test_constants_and_ranges_are_kept():
    assert inverse_distance(CONTEXT, np.full((1, 12), 4.2), TARGETS) == pytest.approx(4.2)
    answer = inverse_distance(CONTEXT, VALUES, TARGETS, 2)
    assert (answer <= VALUES.max(axis=1, keepdims=True)).all() and (answer >= VALUES.min(axis=1, keepdims=True)).all()


def test_a_great_power_is_the_nearest_station():
    np.testing.assert_allclose(
        inverse_distance(CONTEXT, VALUES, TARGETS, 100), nearest_station(CONTEXT, VALUES, TARGETS), atol=0.02
    )
    expected = great_circle(TARGETS, CONTEXT).min(axis=1)
    np.testing.assert_allclose(nearest_distance(CONTEXT, VALUES, TARGETS), np.tile(expected, (5, 1)))


@pytest.mark.parametrize("power", [0, -1, float("nan"), "two"])
def test_bad_power(power):
    with pytest.raises(InputError, match="power"):
        inverse_distance(CONTEXT, VALUES, TARGETS, power)


def test_shapes_that_do_not_fit():
    with pytest.raises(InputError, match=r"values: given 'shape \(5, 11\) at 12 points'"):
        inverse_distance(CONTEXT, VALUES[:, 1:], TARGETS)
    with pytest.raises(InputError, match="values"):
        inverse_distance(CONTEXT, VALUES[0], TARGETS)
    with pytest.raises(InputError, match="at 0 points"):
        nearest_station(CONTEXT[[]], VALUES[:, :0], TARGETS)


@pytest.mark.parametrize("power", [35.0, 1000.0])
def test_a_great_power_is_exact_at_the_stations_and_a_number_far_away(power):
    values = np.where(np.arange(12) == 4, np.nan, VALUES)
    far = Points([-60.0], [-150.0], [0.0])
    reporting = np.arange(12) != 4
    np.testing.assert_allclose(inverse_distance(CONTEXT, values, CONTEXT, power)[:, reporting], values[:, reporting])
    assert np.isfinite(inverse_distance(CONTEXT, values, far, power)).all()
    assert np.isnan(inverse_distance(CONTEXT, values * np.nan, far, power)).all()


def test_values_laid_the_other_way_round():
    with pytest.raises(InputError, match=r"values\.T"):
        inverse_distance(CONTEXT, np.zeros((12, 5)), TARGETS)
