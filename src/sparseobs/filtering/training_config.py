"""How a learned filter is trained, as numbers; without torch, so that a command can list them in no time."""

import math
from dataclasses import dataclass

from sparseobs.errors import InputError, require_choice, require_number

OBJECTIVE_NAMES = ("forecast", "analysis", "likelihood", "supervised_analysis", "supervised_forecast")
SUPERVISED = ("supervised_analysis", "supervised_forecast")
PROTOCOLS = ("no_truth", "paper")


@dataclass(frozen=True)
class TrainingConfig:
    """How a learned filter is trained.

    Args:
        rounds: optimiser steps of each round; a round's learning rate falls along a cosine from a peak to
            nothing, and each peak is half the one before.
        batch: streams followed side by side.
        ensemble_size: members in training; any number at test.
        first_unroll: cycles that gradients flow through at the start.
        last_unroll: the same at the end of the first round and after it; it grows linearly in between.
        learning_rate: peak of Adam's rate in the first round, reached after `warm_up` steps.
        warm_up: steps of linear warm-up.
        clip_norm: largest norm of the gradient.
        averaging: decay of the running average of the weights, which is what is kept.
        restart_probability: chance that a stream starts again from the climate at a step, so that the
            filter does not forget how to find the truth.
        objective: what is minimised, of `sparseobs.filtering.objectives`.
        protocol: `no_truth`, or `paper`: every step begins at a random time with the truth plus noise.
        micro_batch: streams whose unroll is differentiated at a time, for the processor's cache and less memory; the
            step is the same but for rounding.
        recompute: whether an unroll keeps only the states between its cycles and computes the rest again on the way
            back (activation checkpointing): less memory, a third more work.
        other_sizes: ensemble sizes that are trained in turn with `ensemble_size`, each with streams of its own.
        largest_misfit: a stream whose squared innovations exceed this many times what ensemble and noise let expect
            counts as this much in the loss and gives no gradient; infinite to keep all.
        guarded: whether a run that goes astray goes back to its last good weights, at a lower rate, rather than ending.
        seed: decides weights, order, dropout and first ensembles.
    """

    rounds: tuple[int, ...] = (14_000, 4_000)
    batch: int = 16
    ensemble_size: int = 5
    first_unroll: int = 4
    last_unroll: int = 10
    learning_rate: float = 3e-3
    warm_up: int = 200
    clip_norm: float = 1.0
    averaging: float = 0.999
    restart_probability: float = 0.01
    objective: str = "forecast"
    protocol: str = "no_truth"
    micro_batch: int = 64
    recompute: bool = False
    other_sizes: tuple[int, ...] = ()
    largest_misfit: float = math.inf
    guarded: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        for steps in self.rounds:
            require_number("rounds", steps, least=1, whole=True)
        for name in ("batch", "first_unroll", "last_unroll", "warm_up", "micro_batch"):
            require_number(name, getattr(self, name), least=1, whole=True)
        for size in self.sizes:
            require_number("ensemble_size", size, least=2, whole=True)
        if math.isnan(self.largest_misfit) or self.largest_misfit <= 0:
            raise InputError("largest_misfit", self.largest_misfit, "above 0, or infinity", "largest_misfit=12")
        for name in ("learning_rate", "clip_norm"):
            require_number(name, getattr(self, name), above=0)
        require_number("averaging", self.averaging, least=0, most=0.99999)
        require_number("restart_probability", self.restart_probability, least=0, most=1)
        require_choice("objective", self.objective, OBJECTIVE_NAMES)
        require_choice("protocol", self.protocol, PROTOCOLS)
        require_number("seed", self.seed, least=0, whole=True)

    @property
    def reads_truth(self) -> bool:
        """Whether training needs true states, which only a twin experiment has."""
        return self.protocol == "paper" or self.objective in SUPERVISED

    @property
    def sizes(self) -> tuple[int, ...]:
        """Ensemble sizes trained in turn."""
        return (self.ensemble_size, *self.other_sizes)

    @property
    def n_iterations(self) -> int:
        """Optimiser steps in all."""
        return sum(self.rounds)

    def unroll(self, iteration: int) -> int:
        """Return how many cycles gradients flow through at `iteration`."""
        share = min(1.0, iteration / max(1, self.rounds[0] - 1))
        return round(self.first_unroll + share * (self.last_unroll - self.first_unroll))

    def rate(self, iteration: int) -> float:
        """Return Adam's learning rate at `iteration`."""
        warm_up = min(1.0, (iteration + 1) / self.warm_up)
        peak = self.learning_rate
        for steps in self.rounds:
            if iteration < steps:
                break
            iteration, peak = iteration - steps, peak / 2
        return peak * warm_up * 0.5 * (1 + math.cos(math.pi * iteration / steps))
