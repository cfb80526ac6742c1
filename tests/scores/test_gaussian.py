import numpy as np
import pytest
from scipy import integrate, stats

from sparseobs.errors import InputError
from sparseobs.scores.gaussian import score_gaussian


def test_scores_equal_their_definitions():
    mean, std, observed = np.array([[1.0, 2.0]]), np.array([[0.5, 2.0]]), np.array([[1.4, -1.0]])

    def crps(m, s, y):
        below, _ = integrate.quad(lambda x: stats.norm.cdf(x, m, s) ** 2, m - 12 * s, y)
        above, _ = integrate.quad(lambda x: stats.norm.sf(x, m, s) ** 2, y, m + 12 * s)
        return below + above

    scores = score_gaussian(mean, std, observed)
    assert scores.mae == pytest.approx((0.4 + 3.0) / 2)
    assert scores.rmse == pytest.approx(np.sqrt((0.4**2 + 3.0**2) / 2))
    assert scores.bias == pytest.approx((-0.4 + 3.0) / 2), "too warm is positive"
    squares = (observed - mean) ** 2 / std**2
    assert scores.nll == pytest.approx(np.mean(0.5 * np.log(2 * np.pi * std**2) + 0.5 * squares))
    expected = np.mean([crps(*pair) for pair in zip(mean[0], std[0], observed[0], strict=True)])
    assert scores.crps == pytest.approx(expected, rel=1e-6)
    assert scores.n == 2


def test_being_far_too_sure_costs_much_and_not_everything():
    expected = 0.5 * np.log(2 * np.pi * 0.01**2) + 0.5 * 100**2
    assert score_gaussian([0.0], [0.01], [1.0]).nll == pytest.approx(expected)


def test_a_change_of_units_scales_errors_and_shifts_the_likelihood():
    rng = np.random.default_rng(0)
    mean, observed = rng.normal(size=(2, 50))
    std = rng.uniform(0.5, 2, 50)
    one, ten = (score_gaussian(k * mean, k * std, k * observed) for k in (1, 10))
    for name in ("mae", "rmse", "bias"):
        assert getattr(ten, name) == pytest.approx(10 * getattr(one, name))
    assert ten.crps == pytest.approx(10 * one.crps)
    assert ten.nll == pytest.approx(one.nll + np.log(10))
    assert ten.coverage == one.coverage


def test_right_predictions_cover_nine_in_ten():
    rng = np.random.default_rng(1)
    std = rng.uniform(0.5, 2, 20_000)
    assert score_gaussian(np.zeros(20_000), std, std * rng.normal(size=20_000)).coverage == pytest.approx(0.9, abs=0.01)


def test_missing_observations_are_left_out():
    whole = score_gaussian([1.0, 2.0], [1.0, 1.0], [0.0, 2.5])
    assert score_gaussian([1.0, 2.0, 9.0], [1.0, 1.0, 1.0], [0.0, 2.5, np.nan]) == whole


@pytest.mark.parametrize(
    "mean, std, observed, words",
    [
        ([0.0], [1.0], [np.nan], "at least one observation"),
        ([0.0], [0.0], [1.0], "a Gaussian a pair"),
        ([0.0], [-1.0], [1.0], "a Gaussian a pair"),
        ([np.nan], [1.0], [1.0], "a Gaussian a pair"),
        ([0.0, 1.0], [1.0], [1.0], "one shape"),
    ],
)
def test_what_cannot_be_scored_is_refused(mean, std, observed, words):
    with pytest.raises(InputError, match=words):
        score_gaussian(mean, std, observed)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf])
def test_an_infinite_observation_is_no_missing_one(wrong):
    with pytest.raises(InputError, match="infinity"):
        score_gaussian([0.0, 0.0], [1.0, 1.0], [0.5, wrong])
