"""Training the AmEnF from noisy observations alone, through the simulator [mccabe2021, section 3.2].

The loss is the self-supervised forecast loss (equation 8): the ensemble-mean forecast against the *next* noisy
observations. No true state is read: the first ensembles come from the model's climate, and each stream of
observations is followed from beginning to end, in short unrolls that hand their ensemble and memory on, so that
almost every cycle trains a filter that has already found the truth's neighbourhood.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.integrate import System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import FilterState, analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations, Schedule
from sparseobs.randomness import torch_stream

N_CLIMATE_STATES = 256
PROGRESS_KIND = "amenf-training"


@dataclass(frozen=True)
class TrainingConfig:
    """How the AmEnF is trained.

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
    seed: int = 0

    def __post_init__(self) -> None:
        for steps in self.rounds:
            require_number("rounds", steps, least=1, whole=True)
        for name in ("batch", "first_unroll", "last_unroll", "warm_up"):
            require_number(name, getattr(self, name), least=1, whole=True)
        require_number("ensemble_size", self.ensemble_size, least=2, whole=True)
        for name in ("learning_rate", "clip_norm"):
            require_number(name, getattr(self, name), above=0)
        require_number("averaging", self.averaging, least=0, most=0.99999)
        require_number("restart_probability", self.restart_probability, least=0, most=1)
        require_number("seed", self.seed, least=0, whole=True)

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


class Trainer:
    """A training run that can be stopped anywhere and taken up again bit for bit.

    Args:
        network: the AmEnF to train, in place.
        system: the model, differentiable.
        observations: (cycle, stream, variable, site), all that is known of the truth.
        config: how to train.
        schedule: step and steps between observations.
    """

    def __init__(
        self,
        network: AmEnF,
        system: System,
        observations: Observations,
        config: TrainingConfig,
        schedule: Schedule = Schedule(),
    ):
        if observations.n_cycles <= config.last_unroll:
            raise InputError(
                "last_unroll",
                config.last_unroll,
                f"fewer than the {observations.n_cycles} cycles",
                "longer streams",
            )
        if observations.values.shape[1] < config.batch:
            n_streams = observations.values.shape[1]
            raise InputError("batch", config.batch, f"at most the {n_streams} streams", f"batch={n_streams}")
        self.network, self.system, self.schedule, self.config = network, system, schedule, config
        self.observations = observations.to(torch.float32)
        self.average = copy.deepcopy(network)
        self.optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=(0.9, 0.99))
        self.generator = torch_stream(config.seed, "training")
        bank = attractor_states(system, N_CLIMATE_STATES, torch_stream(config.seed, "climate states"))
        self.bank = bank.float()
        self.losses: list[float] = []
        self.seconds = 0.0  # wall time, over all interruptions
        self._begin_pass()

    @property
    def iteration(self) -> int:
        """Optimiser steps done."""
        return len(self.losses)

    def _fresh(self) -> FilterState:
        shape = (self.config.batch, self.config.ensemble_size)
        return first_state(self.network, climatological_ensemble(self.bank, shape, self.generator))

    def _begin_pass(self) -> None:
        """Choose the next streams and stand before their first observation, knowing only the climate."""
        n_streams = self.observations.values.shape[1]
        self.streams = torch.randperm(n_streams, generator=self.generator)[: self.config.batch]
        self.state = predict(self.system, self.schedule, self._fresh())
        self.cycle = 0

    def _restart_some(self) -> None:
        restarted = torch.rand(self.config.batch, generator=self.generator) < self.config.restart_probability
        if restarted.any():
            chosen = restarted[:, None, None, None]
            pairs = zip(self._fresh(), self.state, strict=True)
            self.state = FilterState(*(torch.where(chosen, fresh, old) for fresh, old in pairs))

    def step(self) -> float:
        """Do one optimiser step and return its loss, in units of the observation variance.

        A perfect forecast scores 1, the noise of the observations themselves.

        Raises:
            FloatingPointError: the loss is not finite; the weights are still the last good ones.
        """
        unroll = self.config.unroll(self.iteration)
        if self.cycle + unroll >= self.observations.n_cycles:
            self._begin_pass()
        self._restart_some()
        loss = self._unrolled_loss(unroll)
        if not torch.isfinite(loss):
            raise FloatingPointError(
                f"the loss is {loss.item()} at iteration {self.iteration}; the weights kept are those before it. "
                f"Try learning_rate={self.config.learning_rate / 3:.1e}"
            )
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.rate(self.iteration)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_norm)
        self.optimiser.step()
        self._update_average()
        self.state = self.state.detach()
        self.losses.append(loss.item())
        return self.losses[-1]

    def _unrolled_loss(self, unroll: int) -> Tensor:
        total = self.bank.new_zeros(())
        for _ in range(unroll):
            values = self.observations.values[self.cycle, self.streams]
            mask = self.observations.mask[self.cycle]
            analysis = analyse(self.network, self.system, self.state, values, mask, self.generator)
            self.state = predict(self.system, self.schedule, analysis)
            self.cycle += 1
            misfit = self.state.forecast.mean(1) - self.observations.values[self.cycle, self.streams]
            total = total + misfit[..., self.observations.mask[self.cycle]].square().mean()
        return total / (unroll * self.observations.error_std**2)

    @torch.no_grad()
    def _update_average(self) -> None:
        # A short memory at first, so that the average does not drag the untrained weights along.
        decay = min(self.config.averaging, (1 + self.iteration) / (10 + self.iteration))
        pairs = zip(self.average.parameters(), self.network.parameters(), strict=True)
        for kept, current in pairs:
            kept.lerp_(current, 1 - decay)

    def train(
        self,
        *,
        report: Callable[["Trainer"], None] | None = None,
        progress: Path | None = None,
        every: int = 100,
    ) -> AmEnF:
        """Train to the end and return the network with averaged weights.

        Args:
            report: called every `every` iterations.
            progress: file that receives the whole state at the same times; if it exists, training takes up there.
            every: iterations between reports.
        """
        if progress is not None and progress.exists():
            self.resume(progress)
        start = time.perf_counter() - self.seconds
        while self.iteration < self.config.n_iterations:
            self.step()
            self.seconds = time.perf_counter() - start
            if self.iteration % every == 0 or self.iteration == self.config.n_iterations:
                if progress is not None:
                    self.save(progress)
                if report is not None:
                    report(self)
        return self.average

    def _identity(self) -> dict:
        training = asdict(self.config) | {"rounds": list(self.config.rounds)}  # as JSON gives it back
        return {"network": asdict(self.network.config), "training": training, "system": repr(self.system)}

    def save(self, path: Path) -> None:
        """Write everything that the next iteration depends on to `path`, atomically."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for index, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
        tensors |= {"forecast": self.state.forecast, "memory": self.state.memory, "streams": self.streams}
        tensors |= {
            "generator": self.generator.get_state(),
            "losses": torch.tensor(self.losses, dtype=torch.float64),
        }
        position = {"cycle": self.cycle, "seconds": self.seconds}
        save_checkpoint(path, PROGRESS_KIND, tensors, position | self._identity())

    def resume(self, path: Path) -> None:
        """Take up the run saved at `path`.

        Raises:
            InputError: the file belongs to a run with other settings.
        """
        tensors, config = load_checkpoint(path, PROGRESS_KIND)
        identity = {name: config[name] for name in self._identity()}
        if identity != self._identity():
            raise InputError("progress", str(path), "a run with these settings", "another file, or deleting it")
        fill_module(self.network, _under(tensors, "network."), path)
        fill_module(self.average, _under(tensors, "average."), path)
        moments: dict[int, dict] = {}
        for name, value in _under(tensors, "adam.").items():
            index, key = name.split(".")
            moments.setdefault(int(index), {})[key] = value
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": moments})
        self.state = FilterState(tensors["forecast"], tensors["memory"])
        self.streams, self.cycle, self.seconds = tensors["streams"], config["cycle"], config["seconds"]
        self.generator.set_state(tensors["generator"])
        self.losses = tensors["losses"].tolist()


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
