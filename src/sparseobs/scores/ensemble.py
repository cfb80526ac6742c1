"""Scores of ensembles: errors of the mean as DAPPER defines them, spread, CRPS and diverged runs.

States are (..., variable, site), ensembles (..., member, variable, site); every score is a mean over variables and
sites. A NaN (a filter that diverged) stays a NaN.
"""

import scoringrules
import torch
from torch import Tensor

from sparseobs.errors import InputError, require_number


def spatial_rmse(estimate: Tensor, truth: Tensor) -> Tensor:
    """Return the root-mean-square error over variables and sites, (cycle, batch).

    Args:
        estimate: (cycle, batch, variable, site), such as the ensemble means of the analyses or of the forecasts.
        truth: the same shape.
    """
    if estimate.shape != truth.shape:
        raise InputError("estimate", tuple(estimate.shape), f"the truth's shape {tuple(truth.shape)}", "the same run")
    return (estimate - truth).square().mean((-1, -2)).sqrt()


def time_mean(series: Tensor, burn_in: int) -> Tensor:
    """Return the mean over cycles after `burn_in`, (batch,): DAPPER's `rmse.a` when given `spatial_rmse`.

    Args:
        series: (cycle, batch).
        burn_in: first cycles that do not count, fewer than there are.
    """
    if not 0 <= burn_in < series.shape[0]:
        raise InputError("burn_in", burn_in, f"fewer than the {series.shape[0]} cycles", "a longer run")
    return series[burn_in:].mean(0)


def ensemble_spread(ensemble: Tensor) -> Tensor:
    """Return the root of the members' variance averaged over variables and sites, (...).

    Args:
        ensemble: (..., member, variable, site), at least two members.
    """
    if ensemble.shape[-3] < 2:
        raise InputError("ensemble", f"{ensemble.shape[-3]} member", "at least 2 members", "an ensemble of 10")
    return ensemble.var(-3).mean((-1, -2)).sqrt()


def spread_skill_ratio(spread: Tensor, rmse: Tensor, ensemble_size: int) -> Tensor:
    """Return how the spread compares with the error of the mean: 1 if calibrated, below 1 if overconfident.

    Both are averaged as squares; a perfect ensemble's mean errs by (m + 1) / m times its variance, hence the factor.

    Args:
        spread: (cycle, ...), as of `ensemble_spread`.
        rmse: the same shape, as of `spatial_rmse`.
        ensemble_size: members m, at least 2.

    References: [fortin2014].
    """
    require_number("ensemble_size", ensemble_size, least=2, whole=True)
    if spread.shape != rmse.shape:
        raise InputError("spread", tuple(spread.shape), f"the errors' shape {tuple(rmse.shape)}", "the same run")
    return (spread.square().mean(0) / rmse.square().mean(0) * (1 + 1 / ensemble_size)).sqrt()


def ensemble_crps(ensemble: Tensor, truth: Tensor, *, fair: bool = False) -> Tensor:
    """Return the continuous ranked probability score of an ensemble, averaged over variables and sites, (...).

    Args:
        ensemble: (..., member, variable, site).
        truth: (..., variable, site).
        fair: score the distribution that the members are independent draws of, whatever their number; otherwise
            the members themselves, which favours large ensembles. Needs two members.

    References: [gneiting2007]; [ferro2014] for `fair`.
    """
    if ensemble.ndim < 3 or ensemble.select(-3, 0).shape != truth.shape:
        expected = f"members of the truth's shape {tuple(truth.shape)}"
        raise InputError("ensemble", tuple(ensemble.shape), expected, "(..., member, variable, site)")
    if fair and ensemble.shape[-3] < 2:
        raise InputError("ensemble", "1 member", "at least 2 members for a fair score", "fair=False")
    # Of the estimators that give these values, the ones that sort: cost and memory grow with m, not with its square.
    estimator = "pwm" if fair else "qd"
    members = ensemble.movedim(-3, -1)
    return scoringrules.crps_ensemble(truth, members, estimator=estimator, backend="torch").mean((-1, -2))


def diverged(estimate: Tensor) -> Tensor:
    """Return which runs of (cycle, batch, variable, site) ceased to be finite at any cycle, (batch,) of booleans.

    Args:
        estimate: (cycle, batch, variable, site).
    """
    return ~torch.isfinite(estimate).all(-1).all(-1).all(0)
