"""Curves on a line for a reader's own ConvCNP, what is exactly known of them, and predictions from a few readings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.neural_process.conv_cnp import Points
from sparseobs.neural_process.laboratory import HIGH, LOW, GaussianProcess, draw_functions, exact_prediction, on_line
from sparseobs.neural_process.tasks import TaskBatch

MARGIN = 0.5  # units of length, of the nodes around the interval
# Takes x and y of readings, (task, reading) each, and x of targets, (task, target); returns mean and standard
# deviation of a reading at the targets, (task, target) each.
Predict = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class OwnConvCNP:
    """The numbers of the page.

    Attributes:
        seed: of weights and curves.
        length_scale: of the curves, units of length.
        obs_error_std: of a reading; the curves have a standard deviation of one.
        nodes_per_unit: of the internal grid; its kernel is one spacing wide.
        n_steps: of the training.
        n_channels: between the convolutions.
        batch_size: curves a step.
        n_test: curves that are only judged on.

    Raises:
        InputError: a number out of its range.
    """

    seed: int = 0
    length_scale: float = 0.4
    obs_error_std: float = 0.2
    nodes_per_unit: int = 16
    n_steps: int = 1000
    n_channels: int = 32
    batch_size: int = 16
    n_test: int = 1000

    def __post_init__(self):
        require_whole_numbers(self, seed=0, n_steps=1, n_channels=1, batch_size=1, n_test=1)
        require_number("length_scale", self.length_scale, least=0.1, most=2)
        require_number("obs_error_std", self.obs_error_std, least=0.01, most=10)
        require_number("nodes_per_unit", self.nodes_per_unit, least=4, most=64, whole=True)

    @property
    def process(self) -> GaussianProcess:
        """What the curves and their readings come from."""
        return GaussianProcess(self.length_scale, noise_variance=self.obs_error_std**2)

    @property
    def nodes(self) -> Tensor:
        """(node,) positions of the internal grid."""
        n_nodes = round((HIGH - LOW + 2 * MARGIN) * self.nodes_per_unit) + 1
        return LOW - MARGIN + torch.arange(n_nodes) / self.nodes_per_unit


PRESETS = {
    "smoke": OwnConvCNP(n_steps=20, n_channels=8, n_test=50),
    "lesson": OwnConvCNP(),
    "paper": OwnConvCNP(n_steps=20_000, n_channels=64),
}


def draw_curves(
    process: GaussianProcess, n_tasks: int, n_readings: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return x and y of readings, (task, reading) each: a new curve a task, read with noise at random places."""
    x = LOW + (HIGH - LOW) * torch.rand(n_tasks, n_readings, generator=generator, dtype=torch.float64)
    curves = draw_functions(torch.full((n_tasks,), process.length_scale), x, generator)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64) * process.noise_variance**0.5
    return x.float(), (curves + noise).float()


class OneCurve(NamedTuple):
    """One curve and its readings.

    Attributes:
        at: (point,) evenly spaced positions.
        truth: (point,) values of the curve there, without noise.
        x: (reading,) positions of the readings.
        y: (reading,) what is read, with noise.
    """

    at: Tensor
    truth: Tensor
    x: Tensor
    y: Tensor


def draw_one_curve(
    process: GaussianProcess, n_readings: int, generator: torch.Generator, n_points: int = 161
) -> OneCurve:
    """Return one curve at evenly spaced points and its readings at random places."""
    at = torch.linspace(LOW, HIGH, n_points, dtype=torch.float64)
    x = LOW + (HIGH - LOW) * torch.rand(n_readings, generator=generator, dtype=torch.float64)
    curve = draw_functions(torch.tensor([process.length_scale]), torch.cat([at, x])[None], generator)[0]
    noise = torch.randn(n_readings, generator=generator, dtype=torch.float64) * process.noise_variance**0.5
    return OneCurve(at.float(), curve[:n_points].float(), x.float(), (curve[n_points:] + noise).float())


def exact(process: GaussianProcess) -> Predict:
    """Return the best possible prediction of readings of a process.

    References: [rasmussen2006], eqs. 2.25 and 2.26.
    """

    def predict(x: Tensor, y: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        context = Points(on_line(x), y, torch.ones_like(x, dtype=torch.bool))
        asked = Points(on_line(targets), torch.zeros_like(targets), torch.ones_like(targets, dtype=torch.bool))
        mean, variance = exact_prediction(process, TaskBatch(context, asked, x.new_zeros(len(x), 0), None))
        return mean.float(), variance.sqrt().float()

    return predict


class Shown(NamedTuple):
    """What one panel shows, arrays.

    Attributes:
        at: (point,) where it is predicted.
        truth: (point,) the curve.
        x: (reading,) of the readings shown.
        y: (reading,) what they read.
        predictions: mean and standard deviation of a reading, (point,) each, by method.
    """

    at: np.ndarray
    truth: np.ndarray
    x: np.ndarray
    y: np.ndarray
    predictions: dict[str, tuple[np.ndarray, np.ndarray]]


@torch.no_grad()
def with_readings(curve: OneCurve, n_readings: int, methods: Mapping[str, Predict]) -> Shown:
    """Return every method's prediction of a curve from the first `n_readings` of its readings; nothing else changes.

    Args:
        curve: with at least so many readings.
        n_readings: 0 or more.
        methods: what predicts, by name.
    """
    require_number("n_readings", n_readings, least=0, most=len(curve.x), whole=True)
    x, y = curve.x[:n_readings], curve.y[:n_readings]
    found = {name: predict(x[None], y[None], curve.at[None]) for name, predict in methods.items()}
    predictions = {name: tuple(part[0].numpy() for part in each) for name, each in found.items()}
    return Shown(curve.at.numpy(), curve.truth.numpy(), x.numpy(), y.numpy(), predictions)
