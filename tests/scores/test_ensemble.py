import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.scores.ensemble import spatial_rmse, time_mean


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
