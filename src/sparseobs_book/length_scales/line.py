"""Waves shown to networks on a line, before and after they have met functions of a fifth of the length scale."""

import dataclasses

import numpy as np
import pandas as pd
import torch

from sparseobs.neural_process.conv_cnp import Points
from sparseobs.neural_process.laboratory import (
    HIGH,
    LOW,
    GaussianProcess,
    draw_functions,
    exact_prediction,
    on_line,
)
from sparseobs.neural_process.one_dimension import LineConvCNP
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.randomness import torch_stream
from sparseobs_book.laboratory.run import FILM, GLOBAL, ZERO_SHOT, Reality, adapt
from sparseobs_book.laboratory.settings import LaboratorySettings
from sparseobs_book.length_scales.probe import Probe, transfer_function

WAVELENGTHS = (0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.56, 0.8, 1.13, 1.6)  # units of length
COUNTS = (40, 200)  # readings: the most that a function of the simulator, and of reality, is shown by
AMPLITUDE = 0.5  # of the waves, in standard deviations of a function
EDGE = 0.25  # no wave is asked for nearer to the ends of the line
KNOWN, SIMULATED = "exact GP", "exact GP, simulator's scale"
# The best of six each on validation tasks of a seed that is not scored, see grids/gp_laboratory_rates.yaml.
RATES = {GLOBAL: 1e-2, FILM: 1e-1}


def shown_functions(process: GaussianProcess, n_places: int, n_tasks: int, seed: int) -> TaskBatch:
    """Return tasks whose readings are functions of a process with its noise, at random places; asked in between.

    Args:
        process: with a single length scale.
        n_places: readings a task.
        n_tasks: how many.
        seed: of all draws.
    """
    generator = torch_stream(seed, f"{n_places} places, {process}")
    x = LOW + (HIGH - LOW) * torch.rand(n_tasks, n_places, generator=generator, dtype=torch.float64)
    asked = LOW + EDGE + (HIGH - LOW - 2 * EDGE) * torch.rand(n_tasks, 128, generator=generator, dtype=torch.float64)
    scales = torch.full((n_tasks,), process.length_scale, dtype=torch.float64)
    noise = torch.randn(x.shape, generator=generator, dtype=torch.float64) * process.noise_variance**0.5
    values = (draw_functions(scales, x, generator) + noise).float()
    parts = (
        Points(on_line(at.float()), read, torch.ones_like(read, dtype=torch.bool))
        for at, read in ((x, values), (asked, torch.zeros(asked.shape)))
    )
    return TaskBatch(*parts, torch.zeros(n_tasks, 0), None)


def line_probe(method: LineConvCNP | GaussianProcess, task: TaskBatch) -> Probe:
    """Return the probe of a network, or of the exact prediction under a process that is believed.

    Args:
        method: which of the two.
        task: of `shown_functions`.
    """

    @torch.no_grad()
    def mean(values: np.ndarray) -> np.ndarray:
        shown = task.context._replace(values=torch.as_tensor(values, dtype=torch.float32))
        if isinstance(method, GaussianProcess):
            return exact_prediction(method, task._replace(context=shown)).mean.numpy()
        return method(shown, task.targets.coordinates).mean.double().numpy()

    places, targets = (part.coordinates[..., 1:].double().numpy() for part in task[:2])
    return Probe(mean, places, targets, task.context.values.double().numpy(), AMPLITUDE)


def line_transfers(settings: LaboratorySettings, pretrained: LineConvCNP, n_waves: int) -> pd.DataFrame:
    """Return a row a context, method, number of tasks and wavelength, see `transfer_function`.

    Methods are the pre-trained network, its adaptations to the shortest scale, and exact predictions.

    Args:
        settings: of one repeat; its simulator has one length scale.
        pretrained: on its simulator.
        n_waves: of each length.
    """
    process = settings.realities[0]
    reality, methods = Reality.of(settings, process), {(ZERO_SHOT, 0.0): pretrained}
    for name, rate in RATES.items():
        recipe = dataclasses.replace(settings.adapting, learning_rate=rate)
        for n_tasks in settings.counts:
            methods[name, float(n_tasks)] = adapt(pretrained, reality, name, n_tasks, recipe)[0]
    methods |= {(KNOWN, np.nan): process, (SIMULATED, np.nan): settings.simulator}
    parts = []
    for n_places in COUNTS:
        task = shown_functions(process, n_places, n_waves, settings.seed)
        for (name, n_tasks), method in methods.items():
            table = transfer_function(line_probe(method, task), WAVELENGTHS, settings.seed)
            parts.append(table.assign(context=f"{n_places} readings", method=name, n_tasks=n_tasks))
    return pd.concat(parts, ignore_index=True)
