"""What the AmEnF can be taught by [mccabe2021, section 3.2 and figure 6].

Every objective is a mean over a cycle's coordinates in units of the noise variance. `forecast`, `analysis` and
`likelihood` read noisy observations alone; the supervised ones read the truth, which only a twin experiment has.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Targets(NamedTuple):
    """What an ensemble is compared with.

    Attributes:
        values: (batch, variable, site), noisy observations.
        mask: (site,), true where observed.
        truth: (batch, variable, site), or None.
    """

    values: Tensor
    mask: Tensor
    truth: Tensor | None


class Outcome(NamedTuple):
    """One cycle of a filter, and what it may be judged by.

    Attributes:
        analysis: (batch, member, variable, site), after the observations of `now`.
        forecast: the same from there, one cycle later.
        now: targets at the time of the analysis.
        later: targets at the time of the forecast.
        error_std: (variable, 1), standard deviation of the observation noise.
    """

    analysis: Tensor
    forecast: Tensor
    now: Targets
    later: Targets
    error_std: Tensor


def forecast_loss(outcome: Outcome) -> Tensor:
    """Return the self-supervised forecast loss [mccabe2021, equation 8]; a perfect forecast scores 1."""
    return _over_observed(_misfit(outcome.forecast, outcome.later.values, outcome).square(), outcome.later.mask)


def analysis_loss(outcome: Outcome) -> Tensor:
    """Return the self-supervised analysis loss: zero for a filter that repeats the observations it was given."""
    return _over_observed(_misfit(outcome.analysis, outcome.now.values, outcome).square(), outcome.now.mask)


def supervised_analysis_loss(outcome: Outcome) -> Tensor:
    """Return the squared error of the analysis mean, at every site."""
    return _misfit(outcome.analysis, outcome.now.truth, outcome).square().mean()


def supervised_forecast_loss(outcome: Outcome) -> Tensor:
    """Return the squared error of the forecast mean, at every site."""
    return _misfit(outcome.forecast, outcome.later.truth, outcome).square().mean()


def likelihood_loss(outcome: Outcome) -> Tensor:
    """Return minus twice the Gaussian log-likelihood of the next observations under the forecast ensemble.

    Like `forecast_loss` it reads observations alone, but it asks for an honest spread too: the variance of an
    observation about the mean of `m` members that the truth might be one of is `(1 + 1/m) spread^2 + error^2`.
    Constants are left out; a perfect forecast scores 1.
    """
    members = outcome.forecast.shape[1]
    variance = 1 + (1 + 1 / members) * (outcome.forecast / outcome.error_std).var(1)
    squared = _misfit(outcome.forecast, outcome.later.values, outcome).square()
    return _over_observed(squared / variance + variance.log(), outcome.later.mask)


OBJECTIVES: dict[str, Callable[[Outcome], Tensor]] = {
    "forecast": forecast_loss,
    "analysis": analysis_loss,
    "likelihood": likelihood_loss,
    "supervised_analysis": supervised_analysis_loss,
    "supervised_forecast": supervised_forecast_loss,
}


def _misfit(ensemble: Tensor, target: Tensor, outcome: Outcome) -> Tensor:
    return (ensemble.mean(1) - target) / outcome.error_std


def _over_observed(squared: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over observed coordinates, 0 where there are none; no shape depends on the mask."""
    seen = mask.to(squared)
    count = seen.sum() * squared[..., 0].numel()
    return torch.where(mask, squared, 0).sum() / count.clamp(min=1)
