"""Tasks from Gaussian processes on a line, where the best possible prediction is known exactly."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from sparseobs.errors import InputError, require_number
from sparseobs.neural_process.conv_cnp import Gaussian, Points
from sparseobs.neural_process.tasks import TaskBatch

LOW, HIGH = -2.0, 2.0  # the interval of all points
CHUNK = 64  # tasks at a time: bounds the memory, not the answer


@dataclass(frozen=True)
class GaussianProcess:
    """Functions with mean zero, variance one and correlation exp(-d²/2l²), observed with independent noise.

    Attributes:
        length_scale: l, units of length; at most half the interval.
        longest: None, or each function has an l of its own, uniform between `length_scale` and this.
        noise_variance: of an observation, above 0.

    References: [rasmussen2006], eq. 4.9.
    """

    length_scale: float
    longest: float | None = None
    noise_variance: float = 0.05

    def __post_init__(self):
        require_number("length_scale", self.length_scale, above=0, most=(HIGH - LOW) / 2)
        if self.longest is not None:
            require_number("longest", self.longest, above=self.length_scale, most=(HIGH - LOW) / 2)
        require_number("noise_variance", self.noise_variance, above=0)

    def __str__(self) -> str:
        scale = f"{self.length_scale:g}" + (f" to {self.longest:g}" if self.longest else "")
        return f"length scale {scale}, noise variance {self.noise_variance:g}"


def draw_functions(length_scales: Tensor, x: Tensor, generator: torch.Generator) -> Tensor:
    """Return (task, point) values of one random function a task.

    A wave of every whole frequency on a ring, with independent normal amplitudes, gives the ring's correlation: the
    sum of the kernel over all its turns. The ring is eight length scales longer than the interval, so that all turns
    but one are below 1e-13.

    Args:
        length_scales: (task,).
        x: (task, point), within the interval.
        generator: on the CPU.
    """
    waves, amplitudes = _spectrum(length_scales, x)
    draws = torch.randn(2, *amplitudes.shape, generator=generator, dtype=torch.float64)
    cosines, sines = draws * amplitudes
    return (waves.cos() @ cosines.unsqueeze(-1) + waves.sin() @ sines.unsqueeze(-1)).squeeze(-1)


def _spectrum(length_scales: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return phases (task, point, frequency) and amplitudes (task, frequency) of `draw_functions`."""
    scale = length_scales.double().unsqueeze(-1)
    ring = HIGH - LOW + 8 * scale.max()
    n_frequencies = math.ceil(1.3 * ring / scale.min()) + 1
    frequencies = torch.arange(n_frequencies, dtype=torch.float64)
    variances = 2 * scale * math.sqrt(2 * math.pi) / ring * torch.exp(-2 * (math.pi * scale * frequencies / ring) ** 2)
    variances[:, 0] /= 2
    phases = 2 * math.pi / ring * frequencies * x.double().unsqueeze(-1)
    return phases, variances.sqrt()


def draw_tasks(process: GaussianProcess, n_tasks: int, generator: torch.Generator) -> TaskBatch:
    """Return tasks with 1/l to 10/l observed points and 15/l asked ones, all uniform on the interval.

    Args:
        process: what the functions come from; targets carry its noise as well.
        n_tasks: how many.
        generator: on the CPU.

    References: [scholz2023], appendix on Gaussian processes; counts as in the authors' code.
    """
    shortest, longest = process.length_scale, process.longest or process.length_scale
    scales = shortest + (longest - shortest) * torch.rand(n_tasks, generator=generator, dtype=torch.float64)
    fewest, most, asked = (_whole(count / scales) for count in (1, 10, 15))
    chance = torch.rand(n_tasks, generator=generator, dtype=torch.float64)
    shown = fewest + _whole(chance * (most - fewest + 1))
    n_context, n_targets = int(most.max()), int(asked.max())
    x = LOW + (HIGH - LOW) * torch.rand(n_tasks, n_context + n_targets, generator=generator, dtype=torch.float64)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64) * math.sqrt(process.noise_variance)
    values = draw_functions(scales, x, generator) + noise
    parts = [
        _points(x[:, :n_context], values[:, :n_context], shown),
        _points(x[:, n_context:], values[:, n_context:], asked),
    ]
    return TaskBatch(*parts, torch.zeros(n_tasks, 0), None)


def _whole(count: Tensor) -> Tensor:
    return torch.floor(count + 1e-9)


def _points(x: Tensor, values: Tensor, n_points: Tensor) -> Points:
    """Return the first `n_points` of each task, the others masked."""
    mask = torch.arange(x.shape[1]) < n_points.unsqueeze(1)
    return Points(on_line(x.float()), values.float(), mask)


def on_line(x: Tensor) -> Tensor:
    """Return (..., 2) coordinates of points on the line: zero, then x."""
    return torch.stack([torch.zeros_like(x), x], dim=-1)


def some_tasks(batch: TaskBatch, which: Tensor | slice) -> TaskBatch:
    """Return the tasks of a batch at some positions."""
    context, targets = (Points(*(part[which] for part in points)) for points in batch[:2])
    return TaskBatch(context, targets, batch.scalars[which], batch.grid)


def in_chunks(batch: TaskBatch, size: int = CHUNK) -> list[TaskBatch]:
    """Return a batch as several of at most `size` tasks."""
    return [some_tasks(batch, slice(first, first + size)) for first in range(0, len(batch.scalars), size)]


def draw_again(pool: TaskBatch, n_tasks: int, generator: torch.Generator) -> TaskBatch:
    """Return `n_tasks` different tasks of a finite pool, or all of them if it has no more."""
    return some_tasks(pool, torch.randperm(len(pool.scalars), generator=generator)[:n_tasks])


def exact_prediction(process: GaussianProcess, batch: TaskBatch) -> Gaussian:
    """Return the mean and variance of what is observed at each target, given the context and the truth about it.

    Args:
        process: the one that the tasks come from, with a single length scale.
        batch: tasks; masked targets get a prediction too.

    References: [rasmussen2006], eqs. 2.25 and 2.26, the diagonal with the noise added.
    """
    if process.longest is not None:
        raise InputError("longest", process.longest, "one length scale for all functions", "longest=None")
    (at, values, mask), (asked, *_), *_ = batch
    seen, wanted = at[..., 1].double(), asked[..., 1].double()
    both = mask.unsqueeze(-1) & mask.unsqueeze(-2)
    # A point that does not exist is made independent of all others.
    covariance = _kernel(process, seen, seen).masked_fill(~both, 0.0)
    covariance += torch.diag_embed(1.0 + mask.double() * (process.noise_variance - 1.0))
    across = _kernel(process, seen, wanted).masked_fill(~mask.unsqueeze(-1), 0.0)
    root = torch.linalg.cholesky(covariance)
    spread = torch.linalg.solve_triangular(root, across, upper=False)
    residual = values.double().masked_fill(~mask, 0.0).unsqueeze(-1)
    white = torch.linalg.solve_triangular(root, residual, upper=False)
    mean = (spread * white).sum(-2)
    return Gaussian(mean, 1.0 + process.noise_variance - spread.square().sum(-2))


def _kernel(process: GaussianProcess, one: Tensor, other: Tensor) -> Tensor:
    distance = (one.unsqueeze(-1) - other.unsqueeze(-2)) / process.length_scale
    return torch.exp(-0.5 * distance.square())


def log_likelihood(prediction: Gaussian, targets: Points) -> Tensor:
    """Return (task,) mean log-density of each task's targets, nats."""
    normal = torch.distributions.Normal(prediction.mean.double(), prediction.variance.double().sqrt())
    values = torch.where(targets.mask, targets.values.double(), 0.0)
    return normal.log_prob(values).masked_fill(~targets.mask, 0.0).sum(1) / targets.mask.sum(1)


@torch.no_grad()
def task_scores(model: torch.nn.Module, batches: list[TaskBatch]) -> Tensor:
    """Return (task,) mean log-likelihood a target of a ConvCNP's predictions."""
    scores = [log_likelihood(model(each.context, each.targets.coordinates), each.targets) for each in batches]
    return torch.cat(scores)


def exact_scores(process: GaussianProcess, batches: list[TaskBatch]) -> Tensor:
    """Return (task,) mean log-likelihood a target of the exact prediction: no method does better on average.

    Args:
        process: what the tasks were drawn from.
        batches: tasks.
    """
    return torch.cat([log_likelihood(exact_prediction(process, each), each.targets) for each in batches])
