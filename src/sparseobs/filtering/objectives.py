"""What the AmEnF can be taught by [mccabe2021, section 3.2 and figure 6].

Every objective is a mean over a cycle's coordinates in units of the noise variance. `forecast`, `analysis` and
`likelihood` read noisy observations alone; the supervised ones read the truth, which only a twin experiment has.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.amenf import AmEnF, Draws
from sparseobs.filtering.cycle import FilterState, predict
from sparseobs.filtering.methods import method_of


class Targets(NamedTuple):
    """What an ensemble is compared with.

    Attributes:
        values: (batch, variable, site), noisy observations.
        mask: (site,), true where observed, or (batch, 1, site) where the streams are not seen alike.
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
        kept: (batch,), false for streams that count as 0; None to keep all.
    """

    analysis: Tensor
    forecast: Tensor
    now: Targets
    later: Targets
    error_std: Tensor
    kept: Tensor | None = None

    def without_lost(self, largest_misfit: float) -> "Outcome":
        """Return the outcome without the streams whose forecasts miss the next observations by far.

        Args:
            largest_misfit: largest mean of squared differences, 1 where ensemble and noise are honest.
        """
        with torch.no_grad():
            variance = self.error_std.square() + self.forecast.var(1)
            squared = (self.forecast.mean(1) - self.later.values).square() / variance
            seen = self.later.mask.to(squared)
            count = seen.sum() if seen.ndim == 1 else seen.sum((-1, -2))
            misfit = (squared * seen).sum((-1, -2)) / (count * squared.shape[-2]).clamp(min=1)
            kept = misfit < largest_misfit  # false for NaN
        whole = kept[:, None, None, None]  # no gradient reaches what is not kept, not even NaN
        return self._replace(
            analysis=torch.where(whole, self.analysis, 0), forecast=torch.where(whole, self.forecast, 0), kept=kept
        )


def forecast_loss(outcome: Outcome) -> Tensor:
    """Return the self-supervised forecast loss [mccabe2021, equation 8]; a perfect forecast scores 1.

    Args:
        outcome: a cycle of the filter, and what it may be judged by.
    """
    squared = _misfit(outcome.forecast, outcome.later.values, outcome).square()
    return _over_observed(squared, outcome.later.mask, outcome)


def analysis_loss(outcome: Outcome) -> Tensor:
    """Return the self-supervised analysis loss: zero for a filter that repeats the observations it was given.

    Args:
        outcome: a cycle of the filter, and what it may be judged by.
    """
    squared = _misfit(outcome.analysis, outcome.now.values, outcome).square()
    return _over_observed(squared, outcome.now.mask, outcome)


def supervised_analysis_loss(outcome: Outcome) -> Tensor:
    """Return the squared error of the analysis mean, at every site.

    Args:
        outcome: a cycle of the filter, and what it may be judged by.
    """
    return _of_kept(_misfit(outcome.analysis, outcome.now.truth, outcome).square(), outcome).mean()


def supervised_forecast_loss(outcome: Outcome) -> Tensor:
    """Return the squared error of the forecast mean, at every site.

    Args:
        outcome: a cycle of the filter, and what it may be judged by.
    """
    return _of_kept(_misfit(outcome.forecast, outcome.later.truth, outcome).square(), outcome).mean()


def likelihood_loss(outcome: Outcome) -> Tensor:
    """Return minus twice the Gaussian log-likelihood of the next observations under the forecast ensemble.

    Like `forecast_loss` it reads observations alone, but it asks for an honest spread too: the variance of an
    observation about the mean of `m` members that the truth might be one of is `(1 + 1/m) spread^2 + error^2`.
    Constants are left out; a perfect forecast scores 1.

    Args:
        outcome: a cycle of the filter, and what it may be judged by.
    """
    members = outcome.forecast.shape[1]
    variance = 1 + (1 + 1 / members) * (outcome.forecast / outcome.error_std).var(1)
    squared = _misfit(outcome.forecast, outcome.later.values, outcome).square()
    return _over_observed(squared / variance + variance.log(), outcome.later.mask, outcome)


OBJECTIVES: dict[str, Callable[[Outcome], Tensor]] = {
    "forecast": forecast_loss,
    "analysis": analysis_loss,
    "likelihood": likelihood_loss,
    "supervised_analysis": supervised_analysis_loss,
    "supervised_forecast": supervised_forecast_loss,
}


def _misfit(ensemble: Tensor, target: Tensor, outcome: Outcome) -> Tensor:
    return (ensemble.mean(1) - target) / outcome.error_std


def _of_kept(squared: Tensor, outcome: Outcome) -> Tensor:
    return squared if outcome.kept is None else torch.where(outcome.kept[:, None, None], squared, 0)


def _over_observed(squared: Tensor, mask: Tensor, outcome: Outcome) -> Tensor:
    """Return the mean over observed coordinates, 0 where there are none; no shape depends on the mask."""
    alike = squared[..., 0].numel() if mask.ndim == 1 else squared.shape[-2]
    count = mask.to(squared).sum() * alike
    return torch.where(mask, _of_kept(squared, outcome), 0).sum() / count.clamp(min=1)


class Window(NamedTuple):
    """What the cycles of an unroll read and are judged by, one cycle more than they are.

    Attributes:
        values: (cycle, batch, variable, site), noisy observations.
        mask: (cycle, site), or (cycle, batch, site), true where observed.
        truth: (cycle, batch, variable, site), or None.
    """

    values: Tensor
    mask: Tensor
    truth: Tensor | None

    def at(self, cycle: int) -> Targets:
        """Return one cycle's targets."""
        mask = self.mask[cycle] if self.mask.ndim == 2 else self.mask[cycle][:, None]
        return Targets(self.values[cycle], mask, None if self.truth is None else self.truth[cycle])

    def analysis(
        self, network: AmEnF, system: System, schedule: Schedule, state: FilterState, cycle: int, draws: Draws
    ) -> FilterState:
        """Return one cycle's analysis; the other arguments are those of `Method.analyse`."""
        seen = self.values[cycle], self.mask[cycle]
        return method_of(network).analyse(network, system, schedule, state, *seen, draws)

    def n_judged(self, n_cycles: int) -> int:
        """Return how many of the first `n_cycles` cycles the objective is taken at."""
        return n_cycles

    def streams(self, chosen: slice) -> "Window":
        """Return the window of some streams of the batch."""
        truth = None if self.truth is None else self.truth[:, chosen]
        mask = self.mask if self.mask.ndim == 2 else self.mask[:, chosen]
        return Window(self.values[:, chosen], mask, truth)


def unrolled_loss(
    network: AmEnF,
    system: System,
    schedule: Schedule,
    state: FilterState,
    window: Window,
    draws: Sequence[Draws],
    *,
    objective: str = "forecast",
    recompute: bool = False,
    largest_misfit: float = math.inf,
) -> tuple[Tensor, FilterState]:
    """Return the objective's mean over an unroll, and the state after it.

    Args:
        network: the AmEnF.
        system: the model, which gradients flow through.
        schedule: step and steps between observations.
        state: the forecast that the first cycle analyses, and the memory.
        window: observations of the unroll's cycles and of the one after.
        draws: each cycle's random numbers, as many as there are cycles.
        objective: of `OBJECTIVES`.
        recompute: whether to keep only the states between cycles (activation checkpointing).
        largest_misfit: a stream that misses the next observations by more, see `Outcome.without_lost`, counts as this
            much and gives no gradient; infinite to keep all.
    """
    kind = type(state)

    def one_cycle(cycle: int, *parts: Tensor) -> tuple[Tensor, FilterState]:
        analysis = window.analysis(network, system, schedule, kind(*parts), cycle, draws[cycle])
        after, targets = predict(system, schedule, analysis), (window.at(cycle), window.at(cycle + 1))
        outcome = Outcome(analysis.forecast, after.forecast, *targets, network.obs_error_std)
        if largest_misfit == math.inf:
            return OBJECTIVES[objective](outcome), after
        outcome = outcome.without_lost(largest_misfit)
        # Were the lost left out of the mean, a filter that has lost everything would score best.
        share_lost = 1 - outcome.kept.to(outcome.forecast).mean()
        return OBJECTIVES[objective](outcome) + largest_misfit * share_lost, after

    total = state.forecast.new_zeros(())
    for cycle in range(len(draws)):
        if recompute:  # every random number is an argument, so the second time computes the same
            arguments = {"use_reentrant": False, "preserve_rng_state": False}
            loss, state = checkpoint(one_cycle, cycle, *state, **arguments)
        else:
            loss, state = one_cycle(cycle, *state)
        total = total + loss
    return total / window.n_judged(len(draws)), state
