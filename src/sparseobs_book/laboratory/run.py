"""The Gaussian-process laboratory: one repeat of one experiment, every method scored against the exact prediction."""

import copy
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.neural_process.adaptation import find_adaptation
from sparseobs.neural_process.laboratory import (
    GaussianProcess,
    draw_again,
    draw_tasks,
    exact_scores,
    in_chunks,
    some_tasks,
    task_scores,
)
from sparseobs.neural_process.one_dimension import LineConvCNP
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.neural_process.training import Goal, Training, TrainingSettings, train
from sparseobs.randomness import torch_stream
from sparseobs_book.laboratory.rates import chosen_rate
from sparseobs_book.laboratory.settings import RATES, TUNING_SEED, UNLIMITED, LaboratorySettings

ZERO_SHOT, GLOBAL, FILM, REAL_ONLY = "sim-only", "Sim2Real", "Sim2Real (FiLM)", "real-only"


def pretrain(settings: LaboratorySettings, progress: Path | None = None) -> tuple[LineConvCNP, Training]:
    """Return a model trained on the simulator, its FiLM layers still the identity, and how it went."""
    seed, process = settings.pretraining_seed, settings.simulator
    model = LineConvCNP(settings.architecture, seed)
    recipe = settings.pretraining
    held_back = draw_tasks(process, settings.n_simulated, torch_stream(seed, "simulated validation"))
    goal = Goal(lambda generator: draw_tasks(process, recipe.batch_size, generator), in_chunks(held_back))
    parameters, label = model.other_parameters(), f"pre-training, {process}"
    return model, train(model, parameters, goal=goal, settings=recipe, seed=seed, label=label, progress=progress)


@dataclasses.dataclass(frozen=True, eq=False)
class Reality:
    """The tasks of one reality, the same for every method.

    Attributes:
        process: what they come from.
        seed: of all draws.
        pool: as many as a finite number of tasks can be; fewer are the first of them.
        validation: batches for early stopping and for choosing rates.
        test: batches for scores only.
    """

    process: GaussianProcess
    seed: int
    pool: TaskBatch
    validation: list[TaskBatch]
    test: list[TaskBatch]

    @classmethod
    def of(cls, settings: LaboratorySettings, process: GaussianProcess) -> "Reality":
        """Return the reality of one repeat."""
        pool, validation, test = (
            draw_tasks(process, n_tasks, torch_stream(settings.seed, f"{process}, {role}"))
            for role, n_tasks in (
                ("train", settings.most_tasks),
                ("validation", settings.n_validation),
                ("test", settings.n_test),
            )
        )
        return cls(process, settings.seed, pool, in_chunks(validation), in_chunks(test))

    def goal(self, n_tasks: float, batch_size: int) -> Goal:
        """Return what to train for with `n_tasks` tasks."""
        if n_tasks == UNLIMITED:
            return Goal(lambda generator: draw_tasks(self.process, batch_size, generator), self.validation)
        pool = some_tasks(self.pool, slice(int(n_tasks)))
        return Goal(lambda generator: draw_again(pool, batch_size, generator), self.validation)


def adapt(
    pretrained: LineConvCNP, reality: Reality, method: str, n_tasks: float, recipe: TrainingSettings
) -> tuple[LineConvCNP, Training]:
    """Return the model adapted to `n_tasks` tasks of reality by one of `ADAPTATIONS`, and how it went.

    The weights kept are those of the best epoch on the validation tasks, not adapting at all among them.
    """
    adaptation = find_adaptation(method)
    seed = reality.seed
    model = copy.deepcopy(pretrained) if adaptation.pretrained else LineConvCNP(pretrained.config, seed + 1)
    goal = reality.goal(n_tasks, recipe.batch_size)
    parameters = adaptation.trainable(model)
    return model, train(model, parameters, goal=goal, settings=recipe, seed=seed, label=f"{method}, {reality.process}")


def run_or_try(settings: LaboratorySettings, pretrained: LineConvCNP, rates: str) -> pd.DataFrame:
    """Return `run` with the learning rates `chosen`, or `try_rates` if they are to be `tried`.

    Raises:
        InputError: as of `require_rates`.
    """
    require_rates(settings, rates)
    return try_rates(settings, pretrained) if rates == "tried" else run(settings, pretrained)


def require_rates(settings: LaboratorySettings, rates: str) -> None:
    """Raise `InputError` if rates are neither `chosen` nor `tried`, or the seed belongs to the other."""
    require_choice("rates", rates, ("chosen", "tried"))
    if (rates == "tried") != (settings.seed >= TUNING_SEED):
        expected = f"at least {TUNING_SEED} to try rates, less to score them"
        raise InputError("seed", settings.seed, expected, "rates='chosen' with seed=0")


def run(settings: LaboratorySettings, pretrained: LineConvCNP) -> pd.DataFrame:
    """Return one row a reality, method and number of tasks: scores on the test tasks, nats a target."""
    return pd.DataFrame([row for process in settings.realities for row in _rows(settings, pretrained, process)])


def _rows(settings: LaboratorySettings, pretrained: LineConvCNP, process: GaussianProcess) -> Iterator[dict]:
    reality = Reality.of(settings, process)
    best = exact_scores(process, reality.test)
    known = _names(settings, process) | {"loglik_exact": best.mean().item()}
    before = task_scores(pretrained, reality.test).mean().item()
    yield known | {"method": ZERO_SHOT, "n_tasks": 0.0, "loglik": before, "best_epoch": 0}
    for n_tasks in settings.counts:
        for method in (GLOBAL, FILM):
            begin, recipe = time.process_time(), adapting_recipe(settings, process, method)
            model, training = adapt(pretrained, reality, method, n_tasks, recipe)
            yield known | {
                "method": method,
                "n_tasks": float(n_tasks),
                "loglik": task_scores(model, reality.test).mean().item(),
                "best_epoch": training.best_epoch,
                "learning_rate": recipe.learning_rate,
                "validation_loglik": -training.history["validation_nll"].min(),
                "seconds": time.process_time() - begin,
            }


def adapting_recipe(settings: LaboratorySettings, process: GaussianProcess, method: str) -> TrainingSettings:
    """Return how one adaptation is trained, with the learning rate chosen for it."""
    rate = chosen_rate(settings, process, method)
    return dataclasses.replace(settings.adapting, learning_rate=rate)


def try_rates(settings: LaboratorySettings, pretrained: LineConvCNP) -> pd.DataFrame:
    """Return one row a reality, adaptation and learning rate: its best log-likelihood on the validation tasks.

    Tasks of reality are few, where the rate matters most.
    """
    rows, n_tasks = [], max(int(n) for n in settings.counts if n <= 64)
    for process in settings.realities:
        reality = Reality.of(settings, process)
        for method, rates in RATES.items():
            for rate in rates:
                recipe = dataclasses.replace(settings.adapting, learning_rate=rate)
                history = adapt(pretrained, reality, method, n_tasks, recipe)[1].history
                found = {"learning_rate": rate, "validation_loglik": -history["validation_nll"].min()}
                rows.append(_names(settings, process) | {"method": method, "n_tasks": float(n_tasks)} | found)
    return pd.DataFrame(rows)


def _names(settings: LaboratorySettings, process: GaussianProcess) -> dict:
    """Return what a row of either table begins with."""
    return {
        "gap": settings.gap,
        "seed": settings.seed,
        "pretraining_seed": settings.pretraining_seed,
        "length_scale": process.length_scale,
        "noise_variance": process.noise_variance,
    }
