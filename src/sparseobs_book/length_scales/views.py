"""What the page on length scales computes itself: one wave on a map, and what comes back of many."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.stations.geography import DEGREE
from sparseobs_book.length_scales.probe import answers, at_places, plane_waves, transfer_function
from sparseobs_book.length_scales.twin import inner_corners, network_probe, random_targets, shown_task
from sparseobs_book.temperature.experiment import Experiment

STEP = 10.0  # km between the points of `one_wave`
ALONE = "set convolutions alone"


def live_transfers(
    experiment: Experiment,
    models: dict[str, ConvCNP],
    wavelengths: Sequence[float],
    *,
    n_waves: int,
    amplitude: float,
    seed: int = 0,
    context: str = "stations",
) -> pd.DataFrame:
    """Return `transfer_function` of networks, and of two set convolutions alone: `method`, `seed` and its columns.

    Args:
        experiment: on the twin.
        models: by the method's name.
        wavelengths: km.
        n_waves: of each wavelength.
        amplitude: K.
        seed: of waves and targets.
        context: of `CONTEXTS`.
    """
    hours = np.resize(np.arange(experiment.data.stations.sizes["time"]), n_waves)
    task, targets = shown_task(experiment, context, hours), random_targets(experiment, 200, seed)
    parts = [
        transfer_function(network_probe(experiment, model, task, targets, amplitude), wavelengths, seed).assign(
            method=name
        )
        for name, model in models.items()
    ]
    spacing = DEGREE * experiment.network.grid.spacing
    left = np.exp(-((2 * np.pi * spacing / np.asarray(wavelengths)) ** 2))
    alone = {"wavelength": wavelengths, "gain": left, "coherence": 1.0, "error": (1 - left) ** 2, "method": ALONE}
    return pd.concat([*parts, pd.DataFrame(alone)], ignore_index=True).assign(seed=seed)


def one_wave(
    experiment: Experiment, models: dict, wavelength: float, *, hour: int, amplitude: float, seed: int = 0
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return a wave and what comes back of it, (row, column) by name, and the stations' places (station, 2), km.

    Rows and columns are `STEP` apart, from the south-west corner of the inland map, as are the places.

    Args:
        experiment: on the twin.
        models: by the method's name.
        wavelength: km.
        hour: position along time, of the background.
        amplitude: K.
        seed: of direction and phase.
    """
    task, corners = shown_task(experiment, "stations", np.array([hour])), inner_corners(experiment)
    axes = [np.arange(float(low), float(high), STEP / DEGREE) for low, high in corners.T]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    targets = corners.new_tensor(nodes)
    waves = plane_waves(wavelength, 1, 2, seed)
    shape = tuple(map(len, axes))
    maps = {"the wave": at_places(waves, DEGREE * nodes[None]).reshape(shape)}
    for name, model in models.items():
        maps[name] = answers(network_probe(experiment, model, task, targets, amplitude), waves).reshape(shape)
    places = task.context.coordinates[0, task.context.mask[0]].numpy()
    return maps, DEGREE * (places - corners[0].numpy())
