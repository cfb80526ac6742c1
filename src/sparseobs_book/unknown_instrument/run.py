"""An instrument nobody calibrated, on Lorenz-96: the experiment, and the training of the filter that reads it.

Known observations of every fourth site come at every other cycle; in between come the channels of an instrument whose
weights no learned filter is told.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.checkpoints import fill_module, load_checkpoint, save_checkpoint
from sparseobs.dynamics.integrate import Schedule
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.filtering.unknown_instrument import InstrumentConfig, InstrumentNetwork, TwoInstrumentFilter
from sparseobs.filtering.unknown_training import TwoInstrumentTrainer
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Observations, simulate
from sparseobs.observing.unknown import EveryOtherCycle, RandomProjection
from sparseobs.randomness import seeded_weights
from sparseobs.runs.shared import content_address, make_once
from sparseobs_book.trained_filters.lorenz96 import SYSTEM
from sparseobs_book.trained_filters.stored import stored_filter

STRIDE = 4
CHECKPOINT = CHECKPOINTS / "unknown_instrument.safetensors"
CHECKPOINT_KIND = "two-instrument-filter"
ALONE_KIND = "amenf-without-the-instrument"
COMMAND = "python -m sparseobs unknown-instrument train"
CODE = (
    "sparseobs/dynamics/*.py",
    "sparseobs/observing/*.py",
    "sparseobs/filtering/*.py",
    "sparseobs/randomness.py",
    "sparseobs_book/unknown_instrument/run.py",
)
# Known observations come every other cycle: for a filter that has nothing else, a cycle is twice as long.
SLOW = Schedule(SYSTEM.schedule.step, 2 * SYSTEM.schedule.steps_per_cycle)


@dataclass(frozen=True)
class UnknownInstrument:
    """One instrument, one training, one test.

    Args:
        seed: decides the instrument's weights, truths, noise, first weights and ensembles.
        obs_error_std: noise of a known observation, state units; 1 or 2.5, for which a filter is stored to begin with.
        n_channels: numbers that the unknown instrument returns.
        channel_error_std: noise of a channel, state units; a channel of a state with unit variance has unit variance.
        ensemble_size: members of the learned filters at test.
        n_training_steps: optimiser steps, of the filter with the instrument and of the one without it.
        n_cycles: cycles scored, half of them at the time of known observations.
        burn_in: cycles before them.
        n_truths: independent test trajectories.
        n_streams: trajectories recorded for training.
        n_recorded_cycles: cycles on each of them.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    n_channels: int = 10
    channel_error_std: float = 0.3
    ensemble_size: int = 10
    n_training_steps: int = 200
    n_cycles: int = 400
    burn_in: int = 100
    n_truths: int = 4
    n_streams: int = 16
    n_recorded_cycles: int = 1000

    def __post_init__(self) -> None:
        for name in ("obs_error_std", "channel_error_std"):
            require_number(name, getattr(self, name), above=0)
        least = {"seed": 0, "n_channels": 1, "ensemble_size": 2, "n_training_steps": 1, "n_cycles": 2, "burn_in": 2}
        require_whole_numbers(self, **least, n_truths=1, n_streams=16, n_recorded_cycles=8)

    @property
    def instrument(self) -> RandomProjection:
        """The instrument, for who simulates it or bounds what it can give; no learned filter is handed it."""
        return RandomProjection(self.n_channels, self.seed)

    @property
    def training(self) -> TrainingConfig:
        """How the filter with the instrument is trained; an unroll is two known observations and two of channels."""
        return TrainingConfig(
            rounds=(self.n_training_steps,),
            ensemble_size=2,
            first_unroll=4,
            last_unroll=4,
            learning_rate=2e-3,
            warm_up=min(30, self.n_training_steps),
            seed=self.seed,
        )


PRESETS = {
    "smoke": UnknownInstrument(n_training_steps=2, n_cycles=8, burn_in=4, n_truths=2, n_recorded_cycles=24),
    "lesson": UnknownInstrument(),
    "paper": UnknownInstrument(
        n_training_steps=10_000, n_cycles=10_000, n_truths=10, n_streams=80, n_recorded_cycles=3000
    ),
}


class Recording(NamedTuple):
    """Truths, known observations at every other cycle, and the channels (cycle, batch, channel) of all cycles."""

    truth: Tensor
    observations: Observations
    channels: Tensor


def recorded(settings: UnknownInstrument, *, n_cycles: int, batch: int, stream: int) -> Recording:
    """Return truths and what both instruments show of them; `stream` is added to the seed."""
    pattern, seed = EveryOtherCycle(EveryKth(STRIDE)), stream + settings.seed
    noise = settings.obs_error_std
    experiment = simulate(SYSTEM, pattern, n_cycles=n_cycles, batch=batch, obs_error_std=noise, seed=seed)
    channels = settings.instrument.observe(experiment.truth, settings.channel_error_std, seed)
    return Recording(experiment.truth, experiment.observations, channels)


def trainer_without(settings: UnknownInstrument) -> Trainer:
    """Return a training run on known observations alone, from the stored filter, one analysis every other cycle."""
    seen = training_record(settings).observations
    slow = Observations(seen.values[::2], seen.mask[::2], seen.error_std)
    halved = {name: getattr(settings.training, name) // 2 for name in ("first_unroll", "last_unroll")}
    config = TrainingConfig(**asdict(settings.training) | halved)
    return Trainer(_stored(settings), SYSTEM, slow, config, SLOW)


def new_trainer(settings: UnknownInstrument) -> TwoInstrumentTrainer:
    """Return a training run with the unknown instrument, from the same stored filter and as many steps.

    Both networks begin with the stored filter's weights; the two maps between channels and sites begin with nothing.
    """
    record = training_record(settings)
    network = two_networks(settings, record.channels)
    return TwoInstrumentTrainer(network, SYSTEM, record.observations, record.channels, settings.training)


def two_networks(settings: UnknownInstrument, channels: Tensor) -> TwoInstrumentFilter:
    """Return both networks before training."""
    known = _stored(settings)
    config = InstrumentConfig(**asdict(known.config), n_channels=settings.n_channels, n_sites=SYSTEM.n_sites)
    with seeded_weights(settings.seed):
        unknown = InstrumentNetwork(config, channels)
    unknown.load_state_dict(known.state_dict(), strict=False)
    return TwoInstrumentFilter(known, unknown)


def training_record(settings: UnknownInstrument) -> Recording:
    """Return what a filter may learn from, with the truths that it may not."""
    return recorded(settings, n_cycles=settings.n_recorded_cycles, batch=settings.n_streams, stream=0)


def _stored(settings: UnknownInstrument) -> AmEnF:
    return stored_filter("lorenz96", settings.obs_error_std).network


class TrainedPair(NamedTuple):
    """The filter with the instrument, the one without it, and how they were trained.

    Attributes:
        both: reads known observations and the channels.
        alone: reads known observations, trained as long.
        settings: of the experiment.
        minutes: processor time of both trainings, where it is known.
    """

    both: TwoInstrumentFilter
    alone: AmEnF
    settings: UnknownInstrument
    minutes: float | None = None


def save_pair(path: Path, trained: TrainedPair, seconds: float) -> None:
    """Write both filters and how they were made, which took `seconds` of processor time."""
    tensors = {f"both.{name}": value for name, value in trained.both.state_dict().items()}
    tensors |= {f"alone.{name}": value for name, value in trained.alone.state_dict().items()}
    made = {"seconds": round(seconds), "date": time.strftime("%Y-%m-%d", time.gmtime())}
    save_checkpoint(path, CHECKPOINT_KIND, tensors, {"settings": asdict(trained.settings), **made})


def load_pair(path: Path = CHECKPOINT) -> TrainedPair:
    """Return the two filters stored at `path`; loading executes no code and needs no instrument."""
    tensors, config = load_checkpoint(path, CHECKPOINT_KIND)
    settings = UnknownInstrument(**config["settings"])
    placeholder = torch.zeros(2, settings.n_channels)
    both, alone = two_networks(settings, placeholder), _stored(settings)
    for name, module in {"both.": both, "alone.": alone}.items():
        own = {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}
        fill_module(module, own, path)
    return TrainedPair(both, alone, settings, config["seconds"] / 60)


def train_pair(
    settings: UnknownInstrument,
    progress: Callable[[str], Path | None] = lambda name: None,
    report: Callable[[Trainer], None] | None = None,
    folder: Path | None = None,
) -> TrainedPair:
    """Train the filter with the instrument and the one without it, equally long, and return them.

    Args:
        settings: the experiment.
        progress: gives the file by which each training, named, is taken up again.
        report: called every hundred steps.
        folder: where filters without the instrument are shared by all that differ in the instrument alone.
    """
    both = new_trainer(settings).train(report=report, progress=progress("both.safetensors"))
    if folder is None:
        alone = trainer_without(settings).train(report=report, progress=progress("alone.safetensors"))
        return TrainedPair(both, alone, settings)
    identity = [asdict(settings.training), settings.obs_error_std, settings.n_streams, settings.n_recorded_cycles]
    path = folder / f"{content_address('alone', identity, CODE)}.safetensors"

    def make(path: Path, unfinished: Path) -> None:
        network = trainer_without(settings).train(report=report, progress=unfinished)
        save_checkpoint(path, ALONE_KIND, network.state_dict(), {})

    alone = _stored(settings)
    fill_module(alone, load_checkpoint(make_once(path, make), ALONE_KIND)[0], path)
    return TrainedPair(both, alone, settings)
