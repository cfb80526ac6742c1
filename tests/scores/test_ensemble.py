import pytest
import scoringrules
import torch

from sparseobs.errors import InputError
from sparseobs.scores.ensemble import (
    diverged,
    ensemble_crps,
    ensemble_spread,
    spatial_rmse,
    spread_skill_ratio,
    time_mean,
)


def test_rmse_by_hand():
    truth = torch.zeros(2, 1, 1, 4)
    estimate = torch.tensor([[3.0, 4.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]).reshape(2, 1, 1, 4)
    torch.testing.assert_close(spatial_rmse(estimate, truth), torch.tensor([[2.5], [1.0]]))


def test_mean_of_roots_not_root_of_means():
    """As DAPPER's rmse.a: the root is taken at each time, then averaged."""
    series = spatial_rmse(torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1), torch.zeros(2, 1, 1, 1))
    assert time_mean(series, 0).item() == 2.0
    assert time_mean(series, 1).item() == 3.0


def test_a_diverged_run_stays_nan():
    estimate = torch.full((3, 1, 1, 2), torch.nan)
    assert torch.isnan(time_mean(spatial_rmse(estimate, torch.zeros_like(estimate)), 1)).all()


def test_shapes_and_burn_in_are_checked():
    with pytest.raises(InputError, match="shape"):
        spatial_rmse(torch.zeros(2, 1, 1, 4), torch.zeros(2, 1, 1, 5))
    with pytest.raises(InputError, match="burn_in"):
        time_mean(torch.zeros(3, 1), 3)


def members_of(count, spread=1.0, cycles=400, seed=0):
    """A truth and an ensemble drawn around one and the same unknown centre, the ensemble `spread` times as wide."""
    generator = torch.Generator().manual_seed(seed)
    centre = 5 * torch.randn(cycles, 1, 1, 40, generator=generator, dtype=torch.float64)
    truth = centre + torch.randn(centre.shape, generator=generator, dtype=torch.float64)
    draws = torch.randn(cycles, 1, count, 1, 40, generator=generator, dtype=torch.float64)
    return centre[:, :, None] + spread * draws, truth


def test_spread_is_the_root_of_the_averaged_variance():
    ensemble = torch.tensor([[0.0, 0.0], [2.0, 6.0]]).reshape(1, 2, 1, 2)
    assert ensemble_spread(ensemble).item() == pytest.approx(10**0.5)


@pytest.mark.parametrize("count", [3, 20])
@pytest.mark.parametrize("spread", [1.0, 0.5])
def test_spread_over_skill_is_one_if_calibrated_whatever_the_number_of_members(count, spread):
    """Error of the mean: 1 + s**2 / m; so the ratio is known for a spread s that is wrong, too."""
    ensemble, truth = members_of(count, spread)
    ratio = spread_skill_ratio(ensemble_spread(ensemble), spatial_rmse(ensemble.mean(2), truth), count)
    exact = (spread**2 * (1 + 1 / count) / (1 + spread**2 / count)) ** 0.5
    assert ratio.item() == pytest.approx(exact, rel=0.03)
    assert spread != 1 or exact == pytest.approx(1)


def test_crps_of_one_member_is_the_absolute_error():
    ensemble, truth = members_of(1)
    torch.testing.assert_close(ensemble_crps(ensemble, truth), (ensemble[:, :, 0] - truth).abs().mean((-1, -2)))


def test_crps_by_its_definition():
    """E|X - y| - E|X - X'| / 2, over all pairs, or for a fair score over pairs of different members."""
    ensemble, truth = members_of(7)
    error = (ensemble - truth[:, :, None]).abs().mean(2)
    apart = (ensemble[:, :, None] - ensemble[:, :, :, None]).abs().sum((2, 3))
    torch.testing.assert_close(ensemble_crps(ensemble, truth), (error - apart / 2 / 49).mean((-1, -2)))
    torch.testing.assert_close(ensemble_crps(ensemble, truth, fair=True), (error - apart / 2 / 42).mean((-1, -2)))


def test_fair_crps_does_not_depend_on_the_number_of_members():
    """A calibrated Gaussian's expected score is its standard deviation over the root of pi, in closed form."""
    for count in (2, 10, 50):
        ensemble, truth = members_of(count)
        assert ensemble_crps(ensemble, truth, fair=True).mean().item() == pytest.approx(torch.pi**-0.5, rel=0.02)
        if count == 10:  # the plain score is too large by a member's share of E|X - X'| / 2
            excess = (ensemble_crps(ensemble, truth) - ensemble_crps(ensemble, truth, fair=True)).mean().item()
            assert excess == pytest.approx(torch.pi**-0.5 / 10, rel=0.02)


def test_crps_of_many_members_is_the_gaussians_closed_form():
    generator = torch.Generator().manual_seed(3)
    ensemble = 2 + 3 * torch.randn(40_000, generator=generator, dtype=torch.float64)[:, None, None]
    truth = torch.tensor([[1.0, 2.0, 7.0]], dtype=torch.float64)
    exact = scoringrules.crps_normal(truth.numpy(), 2.0, 3.0).mean()
    assert ensemble_crps(ensemble.expand(-1, 1, 3), truth).item() == pytest.approx(exact, rel=0.02)


def test_diverged_runs_are_told():
    estimate = torch.zeros(4, 3, 1, 5)
    estimate[2:, 1, 0, 3] = torch.nan
    estimate[3, 2] = torch.inf
    assert diverged(estimate).tolist() == [False, True, True]
    assert torch.isnan(ensemble_crps(estimate[:, :, None], torch.zeros_like(estimate))).sum() >= 2


def test_ensemble_scores_refuse_what_does_not_fit():
    ensemble, truth = members_of(1, cycles=3)
    with pytest.raises(InputError, match="at least 2 members"):
        ensemble_spread(ensemble)
    with pytest.raises(InputError, match="fair=False"):
        ensemble_crps(ensemble, truth, fair=True)
    with pytest.raises(InputError, match="truth's shape"):
        ensemble_crps(ensemble, truth[:1])
    with pytest.raises(InputError, match="same run"):
        spread_skill_ratio(torch.ones(3), torch.ones(4), 10)
    with pytest.raises(InputError, match="ensemble_size"):
        spread_skill_ratio(torch.ones(3), torch.ones(3), 1)
