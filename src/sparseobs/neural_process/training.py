"""Training by gradient descent with early stopping: the weights kept are those of the best validation loss."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from sparseobs.errors import require_choice, require_number
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
    """

    learning_rate: float
    max_epochs: int
    batches_per_epoch: int
    batch_size: int = 16
    schedule: str = "plateau"
    plateau_patience: int = 10
    patience: int = 30

    def __post_init__(self):
        require_number("learning_rate", self.learning_rate, above=0)
        require_number("max_epochs", self.max_epochs, least=0, whole=True)
        for name in ("batches_per_epoch", "batch_size", "plateau_patience", "patience"):
            require_number(name, getattr(self, name), least=1, whole=True)
        require_choice("schedule", self.schedule, ("plateau", "one-cycle"))

    def __str__(self) -> str:
        length = f"{self.max_epochs} x {self.batches_per_epoch} batches of {self.batch_size} tasks"
        return f"{length}, rate {self.learning_rate:g} ({self.schedule})"


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
    context, targets, scalars, grid = batch
    prediction = model(context, targets.coordinates, scalars=scalars, grid=grid)
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
    """
    model.requires_grad_(False)
    for parameter in parameters:
        parameter.requires_grad_(True)
    generator = torch_stream(seed, label, next(model.parameters()).device)
    progress = tqdm(total=settings.max_epochs, desc=label, unit="epoch", disable=None)
    best = _Best(model)
    rows, stopped = [], "finished"
    try:
        for row in _epochs(model, parameters, goal, settings, generator):
            if not math.isfinite(row["validation_nll"]):
                stopped = "diverged"
                break
            rows.append(row)
            best.offer(row["epoch"], row["validation_nll"])
            progress.set_postfix(train=f"{row['train_nll']:.3f}", validation=f"{row['validation_nll']:.3f}")
            progress.update(row["epoch"] > 0)
            if row["epoch"] - best.epoch >= settings.patience:
                stopped = "no improvement"
                break
    finally:
        progress.close()
        best.restore()
        model.requires_grad_(True)
    return Training(pd.DataFrame(rows), best.epoch, stopped)


class _Best:
    """The weights of the lowest validation loss so far; before any, those the model came with."""

    def __init__(self, model: ConvCNP):
        self.model, self.epoch, self.loss = model, 0, math.inf
        self.weights = _copy(model)

    def offer(self, epoch: int, loss: float) -> None:
        """Keep the model's weights if the loss is lower."""
        if loss < self.loss:
            self.epoch, self.loss, self.weights = epoch, loss, _copy(self.model)

    def restore(self) -> None:
        """Put the kept weights back into the model."""
        self.model.load_state_dict(self.weights)


def _copy(model: ConvCNP) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def _epochs(
    model: ConvCNP,
    parameters: list[nn.Parameter],
    goal: Goal,
    settings: TrainingSettings,
    generator: torch.Generator,
) -> Iterator[dict]:
    """Yield one row of the history an epoch; epoch 0 has not trained yet and has no training loss."""
    begin = time.perf_counter()
    optimizer = torch.optim.Adam([{"params": parameters}], lr=settings.learning_rate)
    step, look = _schedule(optimizer, settings)
    train_nll = math.nan
    for epoch in range(settings.max_epochs + 1):
        rate = optimizer.param_groups[0]["lr"]
        if epoch:
            losses = [_step(model, optimizer, goal.sample(generator), step) for _ in range(settings.batches_per_epoch)]
            train_nll = sum(losses) / len(losses)
        validation_nll = mean_loss(model, goal.validation)
        if epoch:
            look(validation_nll)
        yield {
            "epoch": epoch,
            "train_nll": train_nll,
            "validation_nll": validation_nll if epoch == 0 or math.isfinite(train_nll) else math.nan,
            "learning_rate": rate,
            "seconds": time.perf_counter() - begin,
        }


def _step(model: ConvCNP, optimizer: torch.optim.Optimizer, batch: TaskBatch, after: Callable[[], None]) -> float:
    """Take one gradient step, unless the loss is not finite, and return the loss."""
    optimizer.zero_grad(set_to_none=True)
    loss = batch_loss(model, batch)
    if torch.isfinite(loss):
        loss.backward()
        optimizer.step()
        after()
    return loss.item()


def _schedule(optimizer: torch.optim.Optimizer, settings: TrainingSettings) -> tuple[Callable, Callable]:
    """Return what to call after every step, and with every epoch's validation loss."""
    if settings.schedule == "one-cycle" and settings.max_epochs:
        n_steps = settings.max_epochs * settings.batches_per_epoch
        cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, settings.learning_rate, total_steps=n_steps + 1, pct_start=0.15
        )
        return cycle.step, lambda validation_nll: None
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=1 / 3, patience=settings.plateau_patience)
    return lambda: None, plateau.step
