"""What a ConvCNP sees: stations to follow, and how an answer falls with distance."""

import numpy as np
import pandas as pd
import torch

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.interpolation.variogram import fit_variogram
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.conv_cnp import Points as TaskPoints
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs.stations.geography import DEGREE, Points, station_points
from sparseobs_book.temperature.experiment import Experiment


def some_stations(experiment: Experiment, n_stations: int, hour: int) -> np.ndarray:
    """Return positions of shown stations that report in an hour, each as far as it can be from those before it.

    Raises:
        InputError: more are asked for than report.
    """
    values = experiment.network.values[hour].cpu().numpy()
    reporting = experiment.shown[np.isfinite(values[experiment.shown])]
    if not 1 <= n_stations <= len(reporting):
        raise InputError("n_stations", n_stations, f"1 to {len(reporting)} stations", "n_stations=4")
    places = experiment.network.coordinates[reporting].cpu().numpy()
    middle = np.square(places - places.mean(0)).sum(1)
    chosen = [int(middle.argmin())]
    while len(chosen) < n_stations:
        distances = np.square(places[:, None] - places[chosen]).sum(-1).min(1)
        chosen.append(int(distances.argmax()))
    return reporting[chosen]


def by_distance(distance: np.ndarray, answers: np.ndarray, width: float = 20.0) -> pd.DataFrame:
    """Return how answers fall with distance: `distance` (km), `mean`, `low`, `high`, a row a ring that has a place.

    Args:
        distance: (place,), km.
        answers: (hour, place); averaged over each ring hour by hour.
        width: km, of a ring.

    Returns:
        `distance` is the ring's middle; `mean` is over the hours, `low` and `high` are their quartiles.
    """
    if answers.shape[-1:] != distance.shape:
        raise InputError("answers", answers.shape, f"(hour, {len(distance)})", "a value a place")
    rings = pd.DataFrame(answers.T).groupby(np.floor(distance / width).astype(int)).mean()
    low, high = np.quantile(rings, (0.25, 0.75), axis=1)
    middle = (rings.index.to_numpy() + 0.5) * width
    return pd.DataFrame({"distance": middle, "mean": rings.mean(axis=1).to_numpy(), "low": low, "high": high})


def weather_correlation(experiment: Experiment, model: ConvCNP) -> pd.DataFrame:
    """Return how the weather at two places goes together, as `by_distance` does.

    The weather is what cells of the reanalysis depart by from what the model expects of season, hour and place, when
    it is shown nothing. Products of departures are divided by their mean square over all places.

    Args:
        experiment: whose reanalysis is meant, all its hours and every pair of its cells.
        model: a ConvCNP.
    """
    cells = experiment.reanalysis
    none = torch.zeros(len(cells.values), 1)
    nothing = TaskPoints(cells.coordinates[:1].unsqueeze(0), none, none > 0)
    asked = TaskPoints(cells.coordinates.unsqueeze(0), cells.values, torch.isfinite(cells.values))
    expected, _ = predict(model, TaskBatch(nothing, asked, cells.scalars, cells.grid))
    departures = cells.values.numpy() - expected
    together = departures.T @ departures / np.square(departures).mean() / len(departures)
    places = cells.coordinates.double()
    distance = DEGREE * torch.cdist(places, places).numpy()
    pairs = np.triu_indices(len(places), 1)
    return by_distance(distance[pairs], together[pairs][None])


def kriging_weight(
    experiment: Experiment, shown: np.ndarray, station: int, hours: np.ndarray, places: torch.Tensor
) -> np.ndarray:
    """Return ordinary kriging's answer (1, place) to one kelvin at a station, K for each K: the station's weight.

    Args:
        experiment: whose stations are meant.
        shown: positions of the stations shown, the one that changes among them.
        station: its position.
        hours: positions along time; the exponential variogram is fitted to them, pooled.
        places: (place, 2), in the plane of the internal grid.
    """
    squeeze = np.cos(np.deg2rad(experiment.network.grid.reference_latitude))
    y, x = places.numpy().astype(float).T
    stations = station_points(experiment.data.stations)[shown]
    readings = experiment.standardisation.std * experiment.network.values.numpy()[hours][:, shown]
    kriging = Kriging("exponential", *fit_variogram("exponential", stations, readings))
    one = (shown == station)[None].astype(float)
    return kriging.interpolate(stations, one, Points(y, x / squeeze, np.zeros(len(y))))[0]
