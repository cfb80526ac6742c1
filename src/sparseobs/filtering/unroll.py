"""The loss over an unroll of assimilation cycles: a pure function of weights, state, observations and draws."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor
from torch.utils.checkpoint import checkpoint

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.amenf import AmEnF, Draws
from sparseobs.filtering.cycle import FilterState, analyse, predict
from sparseobs.filtering.objectives import OBJECTIVES, Outcome, Targets


class Window(NamedTuple):
    """What the cycles of an unroll read and are judged by, one cycle more than they are.

    Attributes:
        values: (cycle, batch, variable, site), noisy observations.
        mask: (cycle, site), true where observed.
        truth: (cycle, batch, variable, site), or None.
    """

    values: Tensor
    mask: Tensor
    truth: Tensor | None

    def at(self, cycle: int) -> Targets:
        """Return one cycle's targets."""
        return Targets(self.values[cycle], self.mask[cycle], None if self.truth is None else self.truth[cycle])

    def streams(self, chosen: slice) -> "Window":
        """Return the window of some streams of the batch."""
        truth = None if self.truth is None else self.truth[:, chosen]
        return Window(self.values[:, chosen], self.mask, truth)


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
) -> tuple[Tensor, FilterState]:
    """Return the objective's mean over an unroll, and the state after it.

    Args:
        network: the AmEnF.
        system: the model, which gradients flow through.
        schedule: step and steps between observations.
        state: the forecast that the first cycle analyses, and the memory.
        window: observations of the unroll's cycles and of the one after.
        draws: each cycle's random numbers, as many as there are cycles.
        objective: of `sparseobs.filtering.objectives`.
        recompute: whether to keep only the states between cycles (activation checkpointing).
    """

    def one_cycle(forecast: Tensor, memory: Tensor, cycle: int) -> tuple[Tensor, FilterState]:
        before, now = FilterState(forecast, memory), window.at(cycle)
        analysis = analyse(network, system, before, now.values, now.mask, draws[cycle])
        after = predict(system, schedule, analysis)
        outcome = Outcome(analysis.forecast, after.forecast, now, window.at(cycle + 1), network.obs_error_std)
        return OBJECTIVES[objective](outcome), after

    total = state.forecast.new_zeros(())
    for cycle in range(len(draws)):
        if recompute:  # every random number is an argument, so the second time computes the same
            arguments = {"use_reentrant": False, "preserve_rng_state": False}
            loss, state = checkpoint(one_cycle, *state, cycle, **arguments)
        else:
            loss, state = one_cycle(*state, cycle)
        total = total + loss
    return total / len(draws), state
