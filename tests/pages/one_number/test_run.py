"""The three curves of Bayes' rule, held against a product on a grid and known limits."""

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs_book.one_number.run import PRESETS, OneNumber, curves


def moments(x, density):
    step = x[1] - x[0]
    mean = (density * x).sum() * step
    return density.sum() * step, mean, (density * (x - mean) ** 2).sum() * step


@pytest.mark.parametrize("numbers", [(12, 4, 15, 1), (-3.0, 0.5, 2.0, 6.0), (5, 1, 5, 1)])
def test_the_posterior_is_the_product_of_the_other_two_over_its_area(numbers):
    x, prior, likelihood, posterior = curves(*numbers, np.linspace(-40, 60, 20_001))
    product = prior * likelihood
    np.testing.assert_allclose(posterior, product / (product.sum() * (x[1] - x[0])), rtol=1e-9, atol=1e-12)


def test_every_curve_is_a_density_with_the_moments_it_was_given():
    x, *densities = curves(12, 4, 15, 1, np.linspace(-10, 40, 20_001))
    found = [moments(x, density) for density in densities]
    np.testing.assert_allclose(found, [(1, 12, 4), (1, 15, 1), (1, 14.4, 0.8)], rtol=1e-6)


def test_a_useless_reading_leaves_the_prior_and_a_perfect_one_is_believed():
    places = np.linspace(0, 30, 301)
    useless = curves(12, 4, 15, 1e9, places)
    np.testing.assert_allclose(useless.posterior, useless.prior, rtol=1e-6)
    perfect = curves(12, 4, 15, 1e-3, places)
    assert places[perfect.posterior.argmax()] == pytest.approx(15)


def test_places_that_are_chosen_hold_all_three_curves():
    x, *densities = curves(-20, 9, 30, 0.25)
    assert x.shape == (400,) and all(density.max() < 100 * max(density) for density in densities)
    assert max(density[[0, -1]].max() / density.max() for density in densities) < 1e-3


@pytest.mark.parametrize("bad", [(12, 0, 15, 1), (12, 4, 15, -1), (np.nan, 4, 15, 1), (12, 4, np.inf, 1)])
def test_curves_refuse_what_is_no_gaussian(bad):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        curves(*bad)


@pytest.mark.parametrize(
    "number",
    [{"memory": 1.0}, {"memory": -0.1}, {"reading_variance": 0.0}, {"forecast_mean": 61.0}, {"n_cycles": 1}],
)
def test_the_page_refuses_bad_numbers(number):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        OneNumber(**number)


def test_presets_differ_in_size_alone():
    sizes = {"n_long", "n_particles"}
    rest = [{k: v for k, v in vars(one).items() if k not in sizes} for one in PRESETS.values()]
    assert rest[0] == rest[1] == rest[2]
