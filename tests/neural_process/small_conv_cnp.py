"""A small network and random tasks, so that every test takes a fraction of a second."""

import torch

from sparseobs.neural_process.conv_cnp import Points
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.tasks import TaskBatch


def make_grid(rows=16, columns=16, fields=0):
    axis = torch.arange(max(rows, columns), dtype=torch.float32) * 0.25
    static = torch.randn(fields, rows, columns, generator=torch.Generator().manual_seed(5))
    return InternalGrid(50 + axis[:rows], axis[:columns], static, 52.0)


def make_batch(n_tasks=3, n_context=7, n_targets=5, *, seed=0, grid=None):
    """Points inside the grid's middle, a masked one in every task."""
    generator = torch.Generator().manual_seed(seed)
    grid = grid or make_grid()
    low, span = torch.tensor([50.5, 0.5]), torch.tensor([2.5, 2.5])

    def points(n):
        coordinates = low + span * torch.rand(n_tasks, n, 2, generator=generator)
        mask = torch.rand(n_tasks, n, generator=generator) < 0.8
        mask[:, 0] = True
        return Points(coordinates, torch.randn(n_tasks, n, generator=generator), mask)

    scalars = torch.rand(n_tasks, 2, generator=generator)
    return TaskBatch(points(n_context), points(n_targets), scalars, grid)


def predict(model, batch):
    with torch.no_grad():
        return model(batch.context, batch.targets.coordinates, scalars=batch.scalars, grid=batch.grid)
