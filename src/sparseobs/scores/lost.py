"""Whether a filter lost the truth: the one rule by which every page and table counts it, whatever the method."""

import torch
from torch import Tensor

from sparseobs.errors import InputError, require_number


def lost_truths(error: Tensor, climatology: float, cycles: int = 50) -> Tensor:
    """Return which truths a filter lost, (truth,) of booleans.

    A truth is lost if the error is beyond half of climatology's for `cycles` in a row, in a shorter run at every cycle.
    A run that ceased to be finite does not come back, so its truth is lost at once. A method whose states are bounded
    never ceases to be finite, hence the first rule.

    Args:
        error: (cycle, truth), analysis RMSE as of `spatial_rmse`, without the burn-in; NaN or infinite where the filter
            diverged.
        climatology: RMSE of the climate's mean, in the same units, above 0.
        cycles: 1 or more.
    """
    if error.ndim != 2 or not error.shape[0]:
        raise InputError("error", f"shape {tuple(error.shape)}", "(cycle, truth), one cycle or more", "spatial_rmse")
    require_number("climatology", climatology, above=0)
    require_number("cycles", cycles, least=1, whole=True)
    near = error <= climatology / 2  # false for NaN
    in_a_row = (~near).unfold(0, min(cycles, len(error)), 1)
    return in_a_row.all(-1).any(0) | ~torch.isfinite(error).all(0)
