import numpy as np
import pytest
from scipy import stats

from sparseobs.errors import InputError
from sparseobs.scores.calibration import pit, pit_shares, variance_offset, widened
from sparseobs.scores.gaussian import score_gaussian


def drawn(true_std, n=40_000, seed=0):
    return true_std * np.random.default_rng(seed).standard_normal(n)


def test_a_missing_variance_is_found():
    rng = np.random.default_rng(1)
    std = rng.uniform(0.3, 1.5, 40_000)
    observed = np.sqrt(std**2 + 0.8) * rng.standard_normal(40_000)
    assert variance_offset(np.zeros(40_000), std, observed) == pytest.approx(0.8, rel=0.05)


def test_with_one_width_for_all_the_offset_is_the_mean_squared_error_less_the_variance():
    observed = np.array([0.5, -1.5, 2.0, np.nan])
    found = variance_offset(np.zeros(4), np.full(4, 0.4), observed)
    assert found == pytest.approx(np.nanmean(observed**2) - 0.16, rel=1e-4)


def test_nothing_is_added_to_what_is_wide_enough_and_it_never_does_harm_where_it_is_fitted():
    assert variance_offset(np.zeros(40_000), np.full(40_000, 1.1), drawn(1.0)) == 0
    assert variance_offset([1.0], [0.5], [1.0]) == 0
    rng = np.random.default_rng(2)
    for seed in range(5):
        std, observed = rng.uniform(0.2, 2, 50), drawn(1.0, 50, seed)
        offset = variance_offset(np.zeros(50), std, observed)
        assert (
            score_gaussian(np.zeros(50), widened(std, offset), observed).nll
            <= score_gaussian(np.zeros(50), std, observed).nll
        )


def test_widening_adds_variances():
    np.testing.assert_allclose(widened([3.0, 0.0], 16.0), [5.0, 4.0])
    with pytest.raises(InputError, match="offset"):
        widened([1.0], -0.1)


def test_the_transform_of_right_predictions_is_uniform_and_of_overconfident_ones_is_not():
    std = np.random.default_rng(3).uniform(0.5, 2, 20_000)
    observed = std * np.random.default_rng(4).standard_normal(20_000)
    right, narrow = (pit(np.zeros(20_000), factor * std, observed) for factor in (1.0, 0.5))
    assert stats.kstest(right, "uniform").pvalue > 0.01
    np.testing.assert_allclose(pit_shares(right), 0.1, atol=0.01)
    assert pit_shares(narrow)[[0, -1]].min() > 0.2
    assert pit([2.0, 0.0], [3.0, 1.0], [2.0, np.nan]).tolist() == [0.5]


def test_what_is_no_probability_is_refused():
    for values in ([], [0.2, 1.2], [np.nan]):
        with pytest.raises(InputError, match="probabilities"):
            pit_shares(values)
    with pytest.raises(InputError, match="a Gaussian a pair"):
        variance_offset([0.0], [0.0], [1.0])
