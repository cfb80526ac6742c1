"""Stored networks on the package's sample of the twin, whose hours none was trained on."""

import dataclasses

import numpy as np

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.grid import internal_grid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.neural_process.tasks import reanalysis_tasks, station_tasks
from sparseobs.stations.splits import HourSplit, nested_stations
from sparseobs.stations.temperature import TemperatureData
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.presets import grid_presets

NOBODY = np.zeros(0, dtype=int)


def sample_experiment(
    data: TemperatureData, model: ConvCNP, standardisation: Standardisation, *, n_stations: int = 500, seed: int = 0
) -> Experiment:
    """Return an experiment whose hours are all for testing.

    Args:
        data: such as `load_sample()`.
        model: whose architecture decides the internal grid.
        standardisation: that the model was trained with.
        n_stations: see `nested_stations`.
        seed: of the split.
    """
    settings = dataclasses.replace(grid_presets()["lesson"], architecture=model.config, n_stations=n_stations)
    config, scalars = model.config, model.config.scalars
    sizes = {"points_per_degree": config.points_per_degree, "margin": config.margin, "multiple": config.coarsening}
    grid = internal_grid(data.region, data.elevation, **sizes, fields=config.fields)
    hours = HourSplit(NOBODY, NOBODY, np.arange(data.stations.sizes["time"]))
    return Experiment(
        settings=settings,
        data=data,
        stations=nested_stations(data.stations, n_stations=n_stations, seed=seed),
        hours=hours,
        reanalysis_hours=hours,
        standardisation=standardisation,
        reanalysis=reanalysis_tasks(data, grid, standardisation, scalars=scalars),
        network=station_tasks(data, grid, standardisation, scalars=scalars),
    )
