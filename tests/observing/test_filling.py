import pytest
import torch

from sparseobs.observing.filling import filled_with_forecasts, filled_with_zeros

MASK = torch.arange(8) % 4 == 1


def fields(members=5):
    generator = torch.Generator().manual_seed(0)
    forecast = torch.randn(3, members, 2, 8, generator=generator)
    values = torch.randn(3, 2, 8, generator=generator)
    return torch.where(MASK, values, torch.nan), forecast


def test_observed_sites_hold_the_observations_whatever_fills_the_others():
    values, forecast = fields()
    for filled in (
        filled_with_zeros(values, MASK, forecast),
        filled_with_forecasts(values, MASK, forecast, 1),
    ):
        assert filled.shape == forecast.shape and filled.isfinite().all()
        assert (filled[..., MASK] == values[:, None][..., MASK]).all()


def test_zeros():
    values, forecast = fields()
    assert (filled_with_zeros(values, MASK, forecast)[..., ~MASK] == 0).all()


@pytest.mark.parametrize("shift", [1, 2, 3, 4])
def test_every_member_is_shown_a_different_ones_forecast_and_each_is_used_once(shift):
    values, forecast = fields()
    filled = filled_with_forecasts(values, MASK, forecast, torch.tensor(shift))
    same = (filled[:, :, None] == forecast[:, None])[..., ~MASK].flatten(3).all(-1)  # (batch, shown to, whose)
    assert (same.sum(1) == 1).all() and (same.sum(2) == 1).all()
    assert not same.diagonal(dim1=1, dim2=2).any()


def test_what_is_filled_in_carries_no_gradient():
    values, forecast = fields()
    values = values.nan_to_num()
    forecast.requires_grad_()
    assert not filled_with_forecasts(values, MASK, forecast, 1).requires_grad


def test_nothing_observed_shows_forecasts_only():
    values, forecast = fields(members=1)
    filled = filled_with_forecasts(values, torch.zeros(8, dtype=torch.bool), forecast, torch.tensor(1))
    assert torch.equal(filled, forecast)
