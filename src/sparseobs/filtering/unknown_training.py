"""Training two filters that take turns, when only one of them reads an instrument that is known [mccabe2021, D.2]."""

from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import Draws
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.objectives import Targets, Window
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.filtering.unknown_instrument import TwoInstrumentFilter, analyse_channels
from sparseobs.observing.twin_experiment import Observations


class TwoInstrumentWindow(NamedTuple):
    """What the cycles of an unroll read, one cycle more than they are, as a `Window`.

    No loss is taken at the channels, and none of their network's outputs is compared with anything at their time: its
    gradient comes from the known observations after it, through the simulator.

    Attributes:
        known: observations; a cycle of the unknown instrument has an empty mask.
        channels: (cycle, batch, channel).
        has_channels: which cycles read them; the others read known observations.
    """

    known: Window
    channels: Tensor
    has_channels: tuple[bool, ...]

    def at(self, cycle: int) -> Targets:
        """Return one cycle's targets: none where the channels come."""
        return self.known.at(cycle)

    def analysis(
        self,
        network: TwoInstrumentFilter,
        system: System,
        schedule: Schedule,
        state: FilterState,
        cycle: int,
        draws: Draws,
    ) -> FilterState:
        """Return one cycle's analysis, by the network whose turn it is."""
        if self.has_channels[cycle]:
            return analyse_channels(network.unknown, system, state, self.channels[cycle], draws)
        return self.known.analysis(network.known, system, schedule, state, cycle, draws)

    def n_judged(self, n_cycles: int) -> int:
        """Return how many of the first `n_cycles` cycles are followed by known observations, at least 1."""
        return max(1, n_cycles - sum(self.has_channels[1 : n_cycles + 1]))

    def streams(self, chosen: slice) -> "TwoInstrumentWindow":
        """Return the window of some streams of the batch."""
        return self._replace(known=self.known.streams(chosen), channels=self.channels[:, chosen])


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
        if config.objective not in ("forecast", "likelihood"):
            raise InputError("objective", config.objective, "forecast or likelihood", "objective='forecast'")
        super().__init__(network, system, observations, config, **options)
        self.channels = channels.to(self.values)
        self.has_channels = tuple((~observations.mask.flatten(1).any(1)).tolist())
        if not torch.isfinite(channels[list(self.has_channels)]).all():
            raise InputError("channels", "NaN or infinity", "finite values where they are read", "cycles without any")

    def _window(self, unroll: int) -> TwoInstrumentWindow:
        cycles = slice(self.cycle, self.cycle + unroll + 1)
        return TwoInstrumentWindow(
            super()._window(unroll), self.channels[cycles, self.streams], self.has_channels[cycles]
        )
