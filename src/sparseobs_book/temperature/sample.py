"""Stored networks on the package's sample of the twin, whose hours none was trained on."""

import dataclasses

import numpy as np

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.stations.splits import HourSplit, nested_stations
from sparseobs.stations.temperature import TemperatureData
from sparseobs_book.temperature.experiment import Experiment, assemble
from sparseobs_book.temperature.presets import grid_presets

NONE = np.zeros(0, dtype=int)


def sample_experiment(
    data: TemperatureData, model: ConvCNP, standardisation: Standardisation, *, n_stations: int = 500, seed: int = 0
) -> Experiment:
    """Return an experiment whose hours are all for testing, on the CPU, where stored networks are.

    Args:
        data: such as `load_sample()`.
        model: whose architecture decides the internal grid.
        standardisation: that the model was trained with.
        n_stations: see `nested_stations`.
        seed: of the split.
    """
    settings = dataclasses.replace(grid_presets()["lesson"], architecture=model.config, n_stations=n_stations)
    stations = nested_stations(data.stations, n_stations=n_stations, seed=seed)
    hours = HourSplit(NONE, NONE, np.arange(data.stations.sizes["time"]))
    parts = {"stations": stations, "hours": hours, "reanalysis_hours": hours}
    return assemble(settings, data, standardisation, **parts, device="cpu")
