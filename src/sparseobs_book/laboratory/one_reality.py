"""What a page shows of one reality: predictions of one task, and scores beside the best possible."""

import numpy as np
import pandas as pd
import torch

from sparseobs.neural_process.laboratory import (
    HIGH,
    LOW,
    GaussianProcess,
    draw_tasks,
    exact_prediction,
    exact_scores,
    in_chunks,
    on_line,
    task_scores,
)
from sparseobs.neural_process.one_dimension import LineConvCNP
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.randomness import torch_stream

EXACT = "exact GP"


@torch.no_grad()
def predictions(
    process: GaussianProcess, models: dict[str, LineConvCNP], task: TaskBatch, n_points: int = 241
) -> tuple[np.ndarray, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return x, and by method the mean and standard deviation there, of one task: the exact one and the networks'.

    Args:
        process: the reality that the task is from.
        models: by method.
        task: a single one.
        n_points: where to predict, evenly spaced over the interval.
    """
    x = torch.linspace(LOW, HIGH, n_points).unsqueeze(0)
    asked = task._replace(targets=task.targets._replace(coordinates=on_line(x)))
    found = {EXACT: exact_prediction(process, asked)}
    found |= {method: model(task.context, asked.targets.coordinates) for method, model in models.items()}
    return x[0].numpy(), {name: (each.mean[0].numpy(), each.variance[0].sqrt().numpy()) for name, each in found.items()}


def score_table(process: GaussianProcess, models: dict[str, LineConvCNP], batches: list[TaskBatch]) -> pd.DataFrame:
    """Return a row a method: `loglik`, nats a target, and `below_exact`, how far it stays below the best possible."""
    best = exact_scores(process, batches).mean().item()
    scores = {EXACT: best} | {name: task_scores(model, batches).mean().item() for name, model in models.items()}
    table = pd.DataFrame({"loglik": scores}).rename_axis("method")
    return table.assign(below_exact=best - table["loglik"])


def at_home(simulator: GaussianProcess, model: LineConvCNP, n_tasks: int, seed: int = 0) -> float:
    """Return how far a network stays below the exact prediction on its own simulator, nats a target.

    Args:
        simulator: what it was pre-trained on.
        model: the pre-trained network.
        n_tasks: new ones, drawn for this.
        seed: of the draw.

    Returns:
        NaN if functions of the simulator have length scales of their own: the exact prediction needs to know them.
    """
    if simulator.longest is not None:
        return float("nan")
    batches = in_chunks(draw_tasks(simulator, n_tasks, torch_stream(seed, "at home")))
    return (exact_scores(simulator, batches).mean() - task_scores(model, batches).mean()).item()
