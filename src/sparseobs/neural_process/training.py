"""Training by gradient descent with early stopping: the weights kept are those of the best validation loss."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import NamedTuple

import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.files import replacing
from sparseobs.neural_process.conv_cnp import ConvCNP, negative_log_likelihood
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.randomness import torch_stream


@dataclass(frozen=True)
class TrainingSettings:
    """How a ConvCNP is trained.

    Attributes:
        learning_rate: Adam's, dimensionless; the peak if the schedule is one-cycle.
        max_epochs: epochs at most; 0 leaves the weights as they are.
        batches_per_epoch: between two looks at the validation tasks.
        batch_size: tasks.
        schedule: `plateau` divides the rate by 3 after `plateau_patience` epochs without a better validation
            loss; `one-cycle` rises over the first 15 % and falls to nothing by `max_epochs`.
        plateau_patience: epochs.
        patience: epochs without a better validation loss before training stops.
        largest_gradient: norm that a step's gradient is cut to, all parameters together; None cuts nothing. A density
            that is too sure of one reading has a gradient a hundred times the usual one.
    """

    learning_rate: float
    max_epochs: int
    batches_per_epoch: int
    batch_size: int = 16
    schedule: str = "plateau"
    plateau_patience: int = 10
    patience: int = 30
    largest_gradient: float | None = None

    def __post_init__(self):
        require_number("learning_rate", self.learning_rate, above=0)
        require_number("max_epochs", self.max_epochs, least=0, whole=True)
        for name in ("batches_per_epoch", "batch_size", "plateau_patience", "patience"):
            require_number(name, getattr(self, name), least=1, whole=True)
        require_choice("schedule", self.schedule, ("plateau", "one-cycle"))
        if self.largest_gradient is not None:
            require_number("largest_gradient", self.largest_gradient, above=0)

    def __str__(self) -> str:
        length = f"{self.max_epochs} x {self.batches_per_epoch} batches of {self.batch_size} tasks"
        cut = "" if self.largest_gradient is None else f", gradients of at most {self.largest_gradient:g}"
        return f"{length}, rate {self.learning_rate:g} ({self.schedule}){cut}"


class Goal(NamedTuple):
    """What is trained for.

    Attributes:
        sample: draws a batch of training tasks with the generator given.
        validation: the batches that early stopping looks at, the same in every epoch.
    """

    sample: Callable[[torch.Generator], TaskBatch]
    validation: list[TaskBatch]


class Training(NamedTuple):
    """What happened.

    Attributes:
        history: one row an epoch, from 0 (before training): `epoch`, `train_nll`, `validation_nll` (normalised
            units), `learning_rate`, `seconds`.
        best_epoch: whose weights the model now holds.
        stopped: `finished`, `no improvement` or `diverged`.
    """

    history: pd.DataFrame
    best_epoch: int
    stopped: str


def batch_loss(model: ConvCNP, batch: TaskBatch) -> torch.Tensor:
    """Return the mean negative log-likelihood of a batch, normalised units."""
    context, targets, scalars, grid, start = batch
    prediction = model(context, targets.coordinates, scalars=scalars, grid=grid, start=start)
    return negative_log_likelihood(prediction, targets)


@torch.no_grad()
def mean_loss(model: ConvCNP, batches: list[TaskBatch]) -> float:
    """Return the mean over tasks of the negative log-likelihood, normalised units."""
    n_tasks = [len(batch.scalars) for batch in batches]
    total = sum(n * batch_loss(model, batch).item() for n, batch in zip(n_tasks, batches, strict=True))
    return total / sum(n_tasks)


def train(
    model: ConvCNP,
    parameters: list[nn.Parameter],
    *,
    goal: Goal,
    settings: TrainingSettings,
    seed: int,
    label: str = "training",
    progress: Path | None = None,
) -> Training:
    """Train `parameters` of `model` in place and leave it with the best weights seen, epoch 0 included.

    Whatever ends training, divergence or the reader's interruption too, the model holds its best weights.

    Args:
        model: the network; parameters not listed are left alone.
        parameters: what may change.
        goal: training tasks and validation batches.
        settings: rates and lengths.
        seed: of the tasks drawn.
        label: shown beside the progress bar, which appears on terminals only.
        progress: file that receives the whole state after every epoch; if it exists, training takes up there and
            ends, on a CPU, with the weights bit for bit that an uninterrupted call ends with.

    Raises:
        InputError: `progress` is broken or belongs to another training.
    """
    model.requires_grad_(False)
    for parameter in parameters:
        parameter.requires_grad_(True)
    run = _Run(model, parameters, settings, torch_stream(seed, label, next(model.parameters()).device))
    identity = {"settings": asdict(settings), "seed": seed, "label": label}
    if progress is not None and progress.exists():
        run.resume(progress, identity)
    bar = tqdm(total=settings.max_epochs, initial=max(len(run.rows) - 1, 0), desc=label, unit="epoch", disable=None)
    try:
        while run.stopped is None:
            row = run.epoch(goal)
            bar.set_postfix(train=f"{row['train_nll']:.3f}", validation=f"{row['validation_nll']:.3f}")
            bar.update(row["epoch"] > 0)
            if progress is not None:
                run.save(progress, identity)
    finally:
        bar.close()
        model.load_state_dict(run.best_weights)
        model.requires_grad_(True)
    return Training(pd.DataFrame(run.rows), run.best_epoch, run.stopped)


class _Run:
    """A training under way: all that its next epoch depends on.

    Attributes:
        rows: the history so far; epoch 0 has not trained yet and has no training loss.
        best_epoch: of the lowest validation loss so far.
        best_weights: of that epoch; before any, those the model came with.
        stopped: why no epoch follows, or None.
    """

    def __init__(
        self, model: ConvCNP, parameters: list[nn.Parameter], settings: TrainingSettings, generator: torch.Generator
    ):
        self.model, self.parameters, self.settings, self.generator = model, parameters, settings, generator
        self.optimizer = torch.optim.Adam([{"params": parameters}], lr=settings.learning_rate, fused=True)
        self.scheduler = _scheduler(self.optimizer, settings)
        self.rows: list[dict] = []
        self.best_epoch, self.best_weights = 0, _copy(model)
        self.stopped: str | None = None

    def epoch(self, goal: Goal) -> dict:
        """Do one more epoch, keep its weights if they are the best, and return its row of the history."""
        begin, epoch, train_nll = time.perf_counter(), len(self.rows), math.nan
        rate = self.optimizer.param_groups[0]["lr"]
        if epoch:
            losses = [self._step(goal.sample(self.generator)) for _ in range(self.settings.batches_per_epoch)]
            train_nll = sum(losses) / len(losses)
        validation_nll = mean_loss(self.model, goal.validation)
        if epoch and isinstance(self.scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            self.scheduler.step(validation_nll)
        row = {
            "epoch": epoch,
            "train_nll": train_nll,
            "validation_nll": validation_nll if epoch == 0 or math.isfinite(train_nll) else math.nan,
            "learning_rate": rate,
            "seconds": time.perf_counter() - begin + (self.rows[-1]["seconds"] if self.rows else 0.0),
        }
        self._judge(row)
        return row

    def _step(self, batch: TaskBatch) -> float:
        """Take one gradient step, unless the loss is not finite, and return the loss."""
        self.optimizer.zero_grad(set_to_none=True)
        loss = batch_loss(self.model, batch)
        if torch.isfinite(loss):
            loss.backward()
            if self.settings.largest_gradient is not None:
                nn.utils.clip_grad_norm_(self.parameters, self.settings.largest_gradient)
            self.optimizer.step()
            if isinstance(self.scheduler, torch.optim.lr_scheduler.OneCycleLR):
                self.scheduler.step()
        return loss.item()

    def _judge(self, row: dict) -> None:
        """Take the row into the history, unless it diverged; decide on the best weights and on going on."""
        if not math.isfinite(row["validation_nll"]):
            self.stopped = "diverged"
            return
        self.rows.append(row)
        if len(self.rows) == 1 or row["validation_nll"] < self.rows[self.best_epoch]["validation_nll"]:
            self.best_epoch, self.best_weights = row["epoch"], _copy(self.model)
        if row["epoch"] - self.best_epoch >= self.settings.patience:
            self.stopped = "no improvement"
        elif row["epoch"] >= self.settings.max_epochs:
            self.stopped = "finished"

    def save(self, path: Path, identity: dict) -> None:
        """Write everything that the next epoch depends on to `path`, atomically."""
        state = {
            "identity": identity,
            "weights": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "generator": self.generator.get_state(),
            **{name: getattr(self, name) for name in _RESUMED},
        }
        with replacing(path) as temporary:
            torch.save(state, temporary)

    def resume(self, path: Path, identity: dict) -> None:
        """Take up the run saved at `path`; nothing in the file is executed."""
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except (RuntimeError, EOFError, UnpicklingError) as error:
            raise InputError("progress", f"{path} ({error})", "a whole file", "deleting it") from error
        if state.get("identity") != identity:
            raise InputError("progress", f"{path} of {state.get('identity')}", str(identity), "another file")
        self.model.load_state_dict(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.generator.set_state(state["generator"])
        for name in _RESUMED:
            setattr(self, name, state[name])


_RESUMED = ("rows", "best_epoch", "best_weights", "stopped")


def _copy(model: ConvCNP) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def _scheduler(optimizer: torch.optim.Optimizer, settings: TrainingSettings) -> torch.optim.lr_scheduler.LRScheduler:
    """Return what changes the learning rate: after every step, or by every epoch's validation loss."""
    if settings.schedule == "one-cycle" and settings.max_epochs:
        n_steps = settings.max_epochs * settings.batches_per_epoch
        return torch.optim.lr_scheduler.OneCycleLR(
            optimizer, settings.learning_rate, total_steps=n_steps + 1, pct_start=0.15
        )
    return torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=1 / 3, patience=settings.plateau_patience)
