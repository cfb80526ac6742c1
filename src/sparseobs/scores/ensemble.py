"""Scores of an ensemble's mean and spread, as DAPPER defines them."""

from torch import Tensor

from sparseobs.errors import InputError


def spatial_rmse(estimate: Tensor, truth: Tensor) -> Tensor:
    """Return the root-mean-square error over variables and sites, (cycle, batch).

    Args:
        estimate: (cycle, batch, variable, site).
        truth: the same shape.

    Notes: a NaN in the estimate (a filter that diverged) stays a NaN.
    """
    if estimate.shape != truth.shape:
        raise InputError("estimate", tuple(estimate.shape), f"the truth's shape {tuple(truth.shape)}", "the same run")
    return (estimate - truth).square().mean((-1, -2)).sqrt()


def time_mean(series: Tensor, burn_in: int) -> Tensor:
    """Return the mean over cycles after `burn_in`, (batch,): DAPPER's `rmse.a` when given `spatial_rmse`."""
    if not 0 <= burn_in < series.shape[0]:
        raise InputError("burn_in", burn_in, f"fewer than the {series.shape[0]} cycles", "a longer run")
    return series[burn_in:].mean(0)
