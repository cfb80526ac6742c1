"""What stands where the instrument did not look, so that a network always reads a whole ring [mccabe2021, D.1]."""

import torch
from torch import Tensor


def filled_with_zeros(values: Tensor, mask: Tensor, forecast: Tensor) -> Tensor:
    """Return the observations as every member sees them, zero where there are none.

    Args:
        values: (batch, variable, site), ignored where `mask` is false, be they NaN.
        mask: (site,), true where observed.
        forecast: (batch, member, variable, site), for its shape.
    """
    return torch.where(mask, values[:, None], 0).expand_as(forecast)


def filled_with_forecasts(values: Tensor, mask: Tensor, forecast: Tensor, shift: Tensor | int) -> Tensor:
    """Return the observations as every member sees them, another member's forecast where there are none.

    What is filled in carries no gradient. Arguments as of `filled_with_zeros`, and:

    Args:
        values: as of `filled_with_zeros`.
        mask: likewise.
        forecast: likewise.
        shift: by how many members the forecasts are shifted; from 1 to members - 1, no member is shown its own.
    """
    members = forecast.shape[1]
    others = (torch.arange(members, device=forecast.device) - shift) % members
    return torch.where(mask, values[:, None], forecast.detach().index_select(1, others))
