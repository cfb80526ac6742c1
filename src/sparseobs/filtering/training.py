"""Training a learned filter from noisy observations alone, through the simulator [mccabe2021, section 3.2].

By the protocol `no_truth` no true state is read: the first ensembles come from the model's climate, and each stream
of observations is followed from beginning to end, in short unrolls that hand their ensemble and memory on, so that
almost every cycle trains a filter that has already found the truth's neighbourhood. The authors' protocol, `paper`,
begins every unroll at the truth plus noise instead.
"""

import copy
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.checkpoints import fill_module, load_checkpoint, plain, save_checkpoint
from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.cycle import FilterState, predict
from sparseobs.filtering.fixed_lag import FixedLagState
from sparseobs.filtering.methods import method_of
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.filtering.training_config import TrainingConfig
from sparseobs.observing.twin_experiment import Observations
from sparseobs.randomness import torch_stream

N_CLIMATE_STATES = 256
PROGRESS_KIND = "amenf-training"
GUARDED_STEPS = 50  # whose mean loss says whether a guarded run is sound
LARGEST_RISE = 1.5  # of that mean over the one at the last good weights, before a guarded run goes back to them
LOWER_RATE = 0.7  # factor on the rate each time that it does


class Trainer:
    """A training run that can be stopped anywhere and taken up again bit for bit.

    Args:
        network: the filter to train, in place; it is moved to `device`.
        system: the model, differentiable.
        observations: (cycle, stream, variable, site), all that is known of the truth.
        config: how to train.
        schedule: step and steps between observations; the system's own by default.
        truth: the states behind the observations, for a config that `reads_truth`; never looked at by any other.
        device: where to train.
        compiled: whether to compile, an AmEnF's whole unroll or an AmEnS's cycle, into one graph; pays on a GPU and for
            long runs.
    """

    def __init__(
        self,
        network: AmEnF | AmEnS,
        system: System,
        observations: Observations,
        config: TrainingConfig,
        schedule: Schedule | None = None,
        *,
        truth: Tensor | None = None,
        device: str | torch.device = "cpu",
        compiled: bool = False,
    ):
        observations = replace(observations)  # looks through the values, which may have been changed in place
        _check(system, observations, config, truth)
        self.network, self.system, self.config = network.to(device), system, config
        self.schedule = schedule or system.schedule
        self.observations = observations.to(torch.float32)
        self.values, self.mask = self.observations.values.to(device), observations.mask.to(device)
        self.truth = truth.to(device, torch.float32) if config.reads_truth else None
        self.average = copy.deepcopy(network)
        self.method = method_of(network)
        learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.Adam(learned, lr=config.learning_rate, betas=(0.9, 0.99))
        self.generator = torch_stream(config.seed, "training", device)
        bank = attractor_states(system, N_CLIMATE_STATES, torch_stream(config.seed, "climate states"))
        self.bank = bank.to(device, torch.float32)
        self.losses: list[float] = []
        self.seconds = 0.0  # wall time, over all interruptions
        on_gpu = self.bank.is_cuda
        mode = "max-autotune" if on_gpu else None  # CUDA graphs
        self._loss = unrolled_loss
        if compiled and isinstance(network, AmEnS):
            network.smooth_at = torch.compile(network.smooth_at, fullgraph=True, dynamic=False, mode=mode)
        elif compiled:
            self._loss = torch.compile(unrolled_loss, fullgraph=True, mode=mode)
        self.parked: dict[int, Followed] = {}
        self.n_returns = 0
        self.returned_at = 0  # the iteration from which the present weights have been trained on
        self.good = self._weights_at(math.inf) if config.guarded else None
        self.ensemble_size = config.ensemble_size
        self._begin_pass()

    @property
    def iteration(self) -> int:
        """Optimiser steps done."""
        return len(self.losses)

    def _choose_streams(self) -> None:
        place = {"generator": self.generator, "device": self.bank.device}
        self.streams = torch.randperm(self.values.shape[1], **place)[: self.config.batch]

    def _fresh(self) -> FilterState | FixedLagState:
        shape = (self.config.batch, self.ensemble_size)
        return self.method.first_state(self.network, climatological_ensemble(self.bank, shape, self.generator))

    def _take_turn(self, ensemble_size: int) -> None:
        """Put the streams followed aside, and take up those of another ensemble size."""
        if ensemble_size != self.ensemble_size:
            self.parked[self.ensemble_size] = Followed(self.state, self.streams, self.cycle)
            self.ensemble_size = ensemble_size
            if ensemble_size in self.parked:
                self.state, self.streams, self.cycle = self.parked.pop(ensemble_size)
            else:
                self._begin_pass()

    def _begin_pass(self) -> None:
        """Choose the next streams and stand before their first observation, knowing only the climate."""
        self._choose_streams()
        self.state = predict(self.system, self.schedule, self._fresh())
        self.cycle = 0

    def _begin_at_the_truth(self, unroll: int) -> None:
        """Choose streams and a time, and stand there with an ensemble around the truth, as the authors do."""
        self._choose_streams()
        self.cycle = int(
            torch.randint(self.observations.n_cycles - unroll, (), generator=self.generator, device=self.bank.device)
        )
        truth = self.truth[self.cycle, self.streams, None].expand(-1, self.ensemble_size, -1, -1)
        noise = torch.empty_like(truth, memory_format=torch.contiguous_format).normal_(generator=self.generator)
        self.state = self.method.first_state(self.network, truth + self.network.obs_error_std * noise)

    def _restart_some(self) -> None:
        place = {"generator": self.generator, "device": self.bank.device}
        restarted = torch.rand(self.config.batch, **place) < self.config.restart_probability
        fresh = self._fresh()  # drawn at every step, so that a stream of random numbers does not depend on the states
        if self.config.guarded:
            restarted |= ~torch.isfinite(self.state.forecast).flatten(1).all(1)
        pairs = zip(fresh, self.state, strict=True)
        self.state = type(fresh)(
            *(torch.where(restarted.view(-1, *[1] * (old.ndim - 1)), new, old) for new, old in pairs)
        )

    def step(self) -> float:
        """Do one optimiser step and return its loss, in units of the observation variance.

        Raises:
            FloatingPointError: the loss or its gradient is not finite and the run is not guarded, which would only
                not take the step; the weights are those before it.
        """
        self._take_turn(self.config.sizes[self.iteration % len(self.config.sizes)])
        unroll = self.config.unroll(self.iteration)
        if self.config.protocol == "paper":
            self._begin_at_the_truth(unroll)
        else:
            if self.cycle + unroll >= self.observations.n_cycles:
                self._begin_pass()
            self._restart_some()
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.rate(self.iteration) * LOWER_RATE**self.n_returns
        self.optimiser.zero_grad()
        loss = self._differentiate(unroll)
        if self.config.guarded and self._is_astray(loss):
            self._go_back()
            self.losses.append(loss)
            return loss
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip_norm).item()
        if math.isfinite(loss) and math.isfinite(norm):
            self.optimiser.step()
            self._update_average()
        elif not self.config.guarded:
            raise FloatingPointError(
                f"the loss is {loss}, its gradient {norm}, at iteration {self.iteration}; the weights kept are those "
                f"before it. Try learning_rate={self.config.learning_rate / 3:.1e}"
            )
        elif not all(torch.isfinite(weights).all() for weights in self.network.parameters()):
            self._go_back()
        self.losses.append(loss)
        if self.config.guarded and self.iteration % GUARDED_STEPS == 0:
            self._remember()
        return loss

    def _is_astray(self, loss: float) -> bool:
        """Return whether the loss has left the numbers, or stands far above what it was at the last good weights."""
        if not math.isfinite(loss):
            return True
        if self.iteration < self.returned_at + 2 * GUARDED_STEPS:  # all streams have begun anew, far from the truth
            return False
        recent = [*self.losses[-GUARDED_STEPS + 1 :], loss]
        return sum(recent) / len(recent) > LARGEST_RISE * self.good.loss

    def _remember(self) -> None:
        """Keep weights and moments as good ones, unless the mean loss of late is a tenth above that of the last."""
        loss = sum(self.losses[-GUARDED_STEPS:]) / GUARDED_STEPS
        if loss < 1.1 * self.good.loss:
            self.good = self._weights_at(loss)

    def _weights_at(self, loss: float) -> "Good":
        parts = self.network.state_dict(), self.average.state_dict(), self.optimiser.state_dict()
        return Good(*copy.deepcopy(parts), loss)

    def _go_back(self) -> None:
        """Take up the last good weights, and all streams anew from the climate."""
        for module, weights in ((self.network, self.good.network), (self.average, self.good.average)):
            module.load_state_dict(weights)
        self.optimiser.load_state_dict(copy.deepcopy(self.good.optimiser))
        self.parked.clear()
        self.n_returns += 1
        self.returned_at = self.iteration
        self._begin_pass()

    def _differentiate(self, unroll: int) -> float:
        """Add the gradient of the loss over `unroll` cycles, move on by as many, and return the loss."""
        config, window = self.config, self._window(unroll)
        shape = (config.batch, self.ensemble_size)
        draws = self.method.draw(self.network.config, unroll, shape, self.bank, self.generator)
        total, states = 0.0, []
        for first in range(0, config.batch, config.micro_batch):
            some = slice(first, min(first + config.micro_batch, config.batch))
            cycles = [draws.cycle(index).streams(some) for index in range(unroll)]
            loss, state = self._loss(
                self.network,
                self.system,
                self.schedule,
                self.state.streams(some),
                window.streams(some),
                cycles,
                objective=config.objective,
                recompute=config.recompute,
                largest_misfit=config.largest_misfit,
            )
            share = (some.stop - some.start) / config.batch
            (share * loss).backward()
            total += share * loss.item()
            states.append(state.detach())
        self.state = type(self.state)(*(torch.cat(parts) for parts in zip(*states, strict=True)))
        self.cycle += unroll
        return total

    def _window(self, unroll: int) -> Window:
        """Return what the next `unroll` cycles and the one after may be compared with."""
        cycles = slice(self.cycle, self.cycle + unroll + 1)
        truth = None if self.truth is None else self.truth[cycles, self.streams]
        mask = self.mask[cycles] if self.mask.ndim == 2 else self.mask[cycles, self.streams]
        return Window(self.values[cycles, self.streams], mask, truth)

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

        Stopped by the user or by a loss that is not finite, it first writes where it stood to `progress`.

        Args:
            report: called every `every` iterations.
            progress: file that receives the whole state at the same times; if it exists, training takes up there.
            every: iterations between reports.
        """
        if progress is not None and progress.exists():
            self.resume(progress)
        start = time.perf_counter() - self.seconds
        while self.iteration < self.config.n_iterations:
            try:
                self.step()
            except FloatingPointError:
                if progress is not None:
                    self.save(progress.with_suffix(".stopped"))
                raise
            self.seconds = time.perf_counter() - start
            if self.iteration % every == 0 or self.iteration == self.config.n_iterations:
                if progress is not None:
                    self.save(progress)
                if report is not None:
                    report(self)
        return self.average

    def _identity(self) -> dict:
        parts = {"network": asdict(self.network.config), "training": asdict(self.config), "system": repr(self.system)}
        return json.loads(json.dumps(parts, default=plain))  # as a checkpoint gives it back

    def save(self, path: Path) -> None:
        """Write everything that the next iteration depends on to `path`, atomically."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        tensors |= _moments(self.optimiser.state_dict(), "adam.")
        followed = {self.ensemble_size: Followed(self.state, self.streams, self.cycle), **self.parked}
        for size, (state, streams, _) in followed.items():
            tensors |= {f"followed.{size}.{name}": value for name, value in state._asdict().items()}
            tensors[f"followed.{size}.streams"] = streams
        if self.good is not None:
            tensors |= {f"good.network.{name}": value for name, value in self.good.network.items()}
            tensors |= {f"good.average.{name}": value for name, value in self.good.average.items()}
            tensors |= _moments(self.good.optimiser, "good.adam.")
        tensors |= {
            "generator": self.generator.get_state(),
            "losses": torch.tensor(self.losses, dtype=torch.float64),
        }
        position = {
            "cycles": {str(size): one.cycle for size, one in followed.items()},
            "ensemble_size": self.ensemble_size,
            "seconds": self.seconds,
            "n_returns": self.n_returns,
            "returned_at": self.returned_at,
            "good_loss": None if self.good is None else self.good.loss,
        }
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
        self.optimiser.load_state_dict(_optimiser_state(self.optimiser, _under(tensors, "adam.")))
        device, kind = self.bank.device, type(self.state)
        for size, cycle in config["cycles"].items():
            parts = {name: value.to(device) for name, value in _under(tensors, f"followed.{size}.").items()}
            streams = parts.pop("streams")
            self.parked[int(size)] = Followed(kind(**parts), streams, cycle)
        self.ensemble_size = config["ensemble_size"]
        self.state, self.streams, self.cycle = self.parked.pop(self.ensemble_size)
        self.seconds, self.n_returns = config["seconds"], config["n_returns"]
        self.returned_at = config.get("returned_at", 0)
        if config["good_loss"] is not None:
            optimiser = _optimiser_state(self.optimiser, _under(tensors, "good.adam."))
            weights = (_under(tensors, f"good.{name}.") for name in ("network", "average"))
            self.good = Good(*weights, optimiser, config["good_loss"])
        self.generator.set_state(tensors["generator"])
        self.losses = tensors["losses"].tolist()


class Followed(NamedTuple):
    """Streams that are followed: the filter's state, which streams, and the next cycle of theirs."""

    state: FilterState | FixedLagState
    streams: Tensor
    cycle: int


class Good(NamedTuple):
    """Weights, their average and the optimiser's state at a time when the mean loss was `loss`."""

    network: dict[str, Tensor]
    average: dict[str, Tensor]
    optimiser: dict
    loss: float


def _moments(optimiser: dict, prefix: str) -> dict[str, Tensor]:
    return {
        f"{prefix}{index}.{name}": value
        for index, moments in optimiser["state"].items()
        for name, value in moments.items()
    }


def _optimiser_state(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> dict:
    moments: dict[int, dict] = {}
    for name, value in tensors.items():
        index, key = name.split(".")
        moments.setdefault(int(index), {})[key] = value
    return {**optimiser.state_dict(), "state": moments}


def _check(system: System, observations: Observations, config: TrainingConfig, truth: Tensor | None) -> None:
    n_cycles, n_streams, *of_state = observations.values.shape
    if of_state != [system.n_variables, system.n_sites]:
        expected = f"the system's {(system.n_variables, system.n_sites)}"
        raise InputError("variables and sites observed", tuple(of_state), expected, "observations of this system")
    if n_cycles <= config.last_unroll:
        raise InputError("last_unroll", config.last_unroll, f"fewer than the {n_cycles} cycles", "longer streams")
    if n_streams < config.batch:
        raise InputError("batch", config.batch, f"at most the {n_streams} streams", f"batch={n_streams}")
    if config.reads_truth and (truth is None or truth.shape != observations.values.shape):
        given = None if truth is None else tuple(truth.shape)
        why = f"the truth {tuple(observations.values.shape)} that {config.protocol}, {config.objective} reads"
        raise InputError("truth", given, why, "protocol='no_truth', objective='forecast'")
    if config.reads_truth and not torch.isfinite(truth).all():
        raise InputError("truth", "NaN or infinity", "finite states", "leaving out the streams that have none")


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
