"""The analysis of two numbers, held against sums on a grid, a regression, and known limits."""

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs_book.two_numbers.run import PRESETS, TwoNumbers, analysis, covariance_of


def by_sums(mean, covariance, reading, H, R):
    """Return the moments of prior times likelihood on a fine grid."""
    places = np.linspace(-8, 8, 801)
    x = np.stack(np.meshgrid(mean[0] + 2 * places, mean[1] + places, indexing="ij"), axis=-1)
    away, misfit = x - mean, reading - x @ np.asarray(H).T
    exponent = np.einsum("...i,ij,...j", away, np.linalg.inv(covariance), away)
    exponent += np.einsum("...i,ij,...j", misfit, np.linalg.inv(R), misfit)
    density = np.exp(-exponent / 2)
    density /= density.sum()
    found = np.einsum("ab,abi->i", density, x)
    return found, np.einsum("ab,abi,abj->ij", density, x - found, x - found)


@pytest.mark.parametrize(
    "H, R, reading",
    [
        ([[1, 0]], [[1]], [23]),
        ([[0, 1]], [[0.5]], [0]),
        ([[1, -0.5]], [[2]], [19]),
        ([[1, 0], [1, 1]], [[1, 0.3], [0.3, 2]], [23, 21]),
    ],
)
def test_the_analysis_is_the_product_of_prior_and_likelihood(H, R, reading):
    mean, covariance = np.array([20.0, 1.0]), covariance_of((4, 1), 0.8)
    for found, right in zip(
        analysis(mean, covariance, reading, H, R), by_sums(mean, covariance, reading, H, R), strict=True
    ):
        np.testing.assert_allclose(found, right, rtol=1e-7, atol=1e-7)


def test_a_perfect_reading_is_believed_and_the_other_number_follows_the_regression():
    covariance = covariance_of((4, 1), 0.8)
    mean, left = analysis([20, 1], covariance, [23], [[1, 0]], [[0.0]])
    np.testing.assert_allclose(mean, [23, 1 + 0.4 * 3])
    np.testing.assert_allclose(left, [[0, 0], [0, 1 - 0.8**2]], atol=1e-12)


def test_without_a_correlation_the_other_number_is_left_alone():
    mean, left = analysis([20, 1], covariance_of((4, 1), 0), [23], [[1, 0]], [[1]])
    np.testing.assert_allclose(mean, [22.4, 1])
    np.testing.assert_allclose(left, np.diag([0.8, 1]), atol=1e-12)


def test_two_readings_at_once_are_two_in_turn_in_any_order():
    covariance, H, y = covariance_of((4, 1), -0.5), np.array([[1.0, 0.0], [0.3, 2.0]]), np.array([22.0, 9.0])
    at_once = analysis([20, 1], covariance, y, H, np.diag([1.0, 3.0]))
    for order in ((0, 1), (1, 0)):
        state = np.array([20.0, 1.0]), covariance
        for one in order:
            state = analysis(*state, y[[one]], H[[one]], np.diag([1.0, 3.0])[[one], one][:, None])
        for found, right in zip(state, at_once, strict=True):
            np.testing.assert_allclose(found, right)


def test_a_covariance_has_the_variances_and_the_correlation_it_was_given():
    found = covariance_of((4, 9), -0.3)
    np.testing.assert_allclose(np.diag(found), [4, 9])
    assert found[0, 1] == found[1, 0] == pytest.approx(-0.3 * 6)


@pytest.mark.parametrize(
    "bad", [((4, 0), 0.5), ((4, -1), 0.5), ((4, 1, 1), 0.5), ((4, 1), 1.0), ((4, 1), float("nan"))]
)
def test_no_covariance_of_what_is_none(bad):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        covariance_of(*bad)


@pytest.mark.parametrize(
    "number", [{"memory": 1.0}, {"correlation": 1.0}, {"reading_variance": 0.0}, {"reading": 31.0}, {"n_hours": 7}]
)
def test_the_page_refuses_bad_numbers(number):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        TwoNumbers(**number)


def test_presets_differ_in_size_alone():
    rest = [{k: v for k, v in vars(one).items() if k != "n_long"} for one in PRESETS.values()]
    assert rest[0] == rest[1] == rest[2]
