"""Training two filters that take turns, when only one of them reads an instrument that is known [mccabe2021, D.2]."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import Draws
from sparseobs.filtering.cycle import FilterState, analyse, predict
from sparseobs.filtering.objectives import OBJECTIVES, Outcome
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.filtering.unknown_instrument import TwoInstrumentFilter, analyse_channels
from sparseobs.filtering.unroll import Window
from sparseobs.observing.twin_experiment import Observations


class TwoInstrumentWindow(NamedTuple):
    """What the cycles of an unroll read, one cycle more than they are.

    Attributes:
        known: observations; a cycle of the unknown instrument has an empty mask.
        channels: (cycle, batch, channel).
        has_channels: which cycles read them; the others read known observations.
    """

    known: Window
    channels: Tensor
    has_channels: tuple[bool, ...]

    def streams(self, chosen: slice) -> "TwoInstrumentWindow":
        """Return the window of some streams of the batch."""
        return self._replace(known=self.known.streams(chosen), channels=self.channels[:, chosen])


def two_instrument_loss(
    network: TwoInstrumentFilter,
    system: System,
    schedule: Schedule,
    state: FilterState,
    window: TwoInstrumentWindow,
    draws: Sequence[Draws],
    *,
    objective: str = "forecast",
    recompute: bool = False,
) -> tuple[Tensor, FilterState]:
    """Return the forecast loss at known observations alone, averaged over them, and the state after the unroll.

    No loss is taken at the channels, and none of their network's outputs is compared with anything at their time: its
    gradient comes from the known observations after it, through the simulator. Arguments as of
    `sparseobs.filtering.unroll.unrolled_loss`.
    """
    if recompute or objective not in ("forecast", "likelihood"):
        given = f"{objective}, recompute={recompute}"
        raise InputError("objective", given, "forecast or likelihood, recompute=False", "objective='forecast'")
    total, targets = state.forecast.new_zeros(()), 0
    for cycle, cycle_draws in enumerate(draws):
        now, later = window.known.at(cycle), window.known.at(cycle + 1)
        if window.has_channels[cycle]:
            analysis = analyse_channels(network.unknown, system, state, window.channels[cycle], cycle_draws)
        else:
            analysis = analyse(network.known, system, state, now.values, now.mask, cycle_draws)
        state = predict(system, schedule, analysis)
        if not window.has_channels[cycle + 1]:
            outcome = Outcome(analysis.forecast, state.forecast, now, later, network.obs_error_std)
            total, targets = total + OBJECTIVES[objective](outcome), targets + 1
    return total / max(targets, 1), state


class TwoInstrumentTrainer(Trainer):
    """A training run of both networks, as safe and resumable as `Trainer`.

    Args:
        network: both networks.
        system: the model, differentiable.
        observations: the known ones; cycles at which nobody sees a site are the unknown instrument's.
        channels: (cycle, stream, channel), what that one returned; those of other cycles are ignored.
        config: how to train.
        options: of `Trainer`.
    """

    def __init__(
        self,
        network: TwoInstrumentFilter,
        system: System,
        observations: Observations,
        channels: Tensor,
        config: TrainingConfig,
        **options: object,
    ):
        expected = (*observations.values.shape[:2], network.config.n_channels)
        if channels.shape != expected:
            raise InputError("channels", tuple(channels.shape), expected, "channels of the same cycles and streams")
        super().__init__(network, system, observations, config, **options)
        self.channels = channels.to(self.values)
        self.has_channels = tuple((~observations.mask.any(1)).tolist())
        self._loss = two_instrument_loss

    def _window(self, unroll: int) -> TwoInstrumentWindow:
        cycles = slice(self.cycle, self.cycle + unroll + 1)
        return TwoInstrumentWindow(
            super()._window(unroll), self.channels[cycles, self.streams], self.has_channels[cycles]
        )
