"""What a reanalysis has taught a network: its answers, and kriging's, on hours that it was not trained on."""

import numpy as np
import xarray as xr

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict
from sparseobs.outlines import land_fraction
from sparseobs.stations.temperature import cell_heights
from sparseobs_book.temperature.exam import cell_kriging, cells, cells_task
from sparseobs_book.temperature.experiment import Experiment


def cell_land(experiment: Experiment) -> np.ndarray:
    """Return the share of land around each cell of the reanalysis, (cell,), 0 to 1."""
    field = experiment.data.reanalysis
    return np.asarray(land_fraction(field["latitude"].values, field["longitude"].values)).ravel()


def completed(experiment: Experiment, model: ConvCNP, hour: int, n_cells: int, seed: int = 0) -> xr.Dataset:
    """Return an hour of the reanalysis and what is made of some of its cells, (latitude, longitude), degC.

    Returns:
        `reanalysis`; the network's `mean` and `std`; and, if a cell is shown, `kriging`.
    """
    field, heights = experiment.data.reanalysis.isel(time=hour), cell_heights(experiment.data)
    found = predict(model, cells_task(experiment, np.array([hour]), n_cells, seed))
    mean, variance = (part[0].reshape(field.shape) for part in found)
    mean, std = experiment.standardisation.temperature(mean, variance, heights)
    maps = {"reanalysis": field.values, "mean": mean, "std": std}
    if n_cells:
        places, values, order = cells(experiment, seed)
        shown = order[:n_cells]
        kriged, _ = cell_kriging(experiment, seed).interpolate(places[shown], values[[hour]][:, shown], places)
        scaled = kriged.reshape(field.shape) / experiment.standardisation.std
        maps["kriging"] = experiment.standardisation.temperature(scaled, 0.0, heights)[0]
    return xr.Dataset({name: (("latitude", "longitude"), part) for name, part in maps.items()}, field.coords)
