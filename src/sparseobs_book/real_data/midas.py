"""Daily means at the Met Office's stations, by ERA5, by the other stations, and by networks taught in Ireland."""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import torch
import xarray as xr

from sparseobs.interpolation.reanalysis import BilinearReanalysis
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.conv_cnp import Points as PointSet
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch, time_channels
from sparseobs.randomness import numpy_stream
from sparseobs.scores.bootstrap import two_way_interval
from sparseobs.scores.gaussian import score_gaussian
from sparseobs.stations.midas import load_elevation, load_midas
from sparseobs.stations.regions import Region
from sparseobs.stations.splits import HourSplit, StationSplit
from sparseobs.stations.temperature import TemperatureData, cell_heights
from sparseobs_book.temperature.experiment import Experiment
from sparseobs_book.temperature.run import INTERPOLATIONS

MONTH = "2019-03"
PLAIN = "reanalysis"
Prediction = tuple[np.ndarray, np.ndarray]


def daily_data(hourly: xr.DataArray) -> TemperatureData:
    """Return ERA5's daily means of March 2019 and MIDAS's, with the elevation of the Thames basin.

    Args:
        hourly: ERA5, (time, latitude, longitude), degC, whole UTC days.
    """
    stations = load_midas().sel(time=MONTH)
    elevation = load_elevation()
    box = {name: (float(elevation[name].min()), float(elevation[name].max())) for name in ("latitude", "longitude")}
    region = Region("thames", *box["latitude"], *box["longitude"])
    # Cells that the elevation covers in part only would stand on wrong ground.
    inside = {name: slice(low + 0.125, high - 0.125) for name, (low, high) in box.items()}
    daily = hourly.sel(inside).resample(time="D").mean()
    daily.attrs.update(hourly.attrs)
    notes = "Real data: daily means of ERA5 and of ten MIDAS stations, March 2019."
    return TemperatureData("midas", False, region, daily, stations, elevation, {}, notes)


def left_out_days(data: TemperatureData, alone: Iterable[str] = tuple(INTERPOLATIONS)) -> dict[str, Prediction]:
    """Return each method's mean and standard deviation (day, station) at each station, tuned and shown without it.

    Args:
        data: of `daily_data`.
        alone: methods, of `INTERPOLATIONS`; the plain reanalysis is always among the results.
    """
    n_stations, days = data.stations.sizes["station"], np.arange(data.stations.sizes["time"])
    found = {method: np.full((2, days.size, n_stations), np.nan) for method in (PLAIN, *alone)}
    hours = HourSplit(days, days[:0], days[:0])
    for station in range(n_stations):
        others, target = np.delete(np.arange(n_stations), station), np.array([station])
        split = StationSplit(others, others[:0], target)
        methods = {method: INTERPOLATIONS[method](data, split, hours) for method in alone}
        plain = BilinearReanalysis(lapse_rate=0.0)  # ERA5 as it is, as sure as its errors at the others allow
        error = plain.predict(data, None, others, days)[0] - data.stations["temperature"].values[:, others]
        methods[PLAIN] = dataclasses.replace(plain, std=float(np.sqrt(np.nanmean(error**2))))
        for method, tuned in methods.items():
            found[method][:, :, target] = tuned.predict(data, others, target, days)
    return {method: tuple(both) for method, both in found.items()}


def network_days(
    experiment: Experiment, model: ConvCNP, data: TemperatureData, hourly: xr.DataArray | None
) -> Prediction:
    """Return a network's mean and standard deviation (day, station) of daily means.

    The hours of a day are predicted one by one and averaged, and so are their standard deviations, as if the errors of
    a day's hours were the same error: an upper bound.

    Args:
        experiment: whose grid and standardisation the network knows.
        model: taught by the hour.
        data: of `daily_data`.
        hourly: ERA5 by the hour, whose cells are then shown. None shows the daily means of the other stations instead,
            at every hour, and each station is predicted from the others.
    """
    grid = experiment.reanalysis.grid
    stations, settings = data.stations, experiment.settings
    places = grid.coordinates(stations["latitude"].values, stations["longitude"].values)
    window = grid.window_around(places, settings.window)
    heights = stations["height"].values
    everyone = np.arange(len(places))
    mean, std = np.empty((2, *stations["temperature"].shape))
    for targets in [everyone] if hourly is not None else np.split(everyone, len(everyone)):
        if hourly is not None:
            coordinates, values = _cells(experiment, data, hourly)
        else:
            others = np.delete(everyone, targets)
            readings = experiment.standardisation.normalise(stations["temperature"].values[:, others], heights[others])
            coordinates, values = places[others], np.repeat(readings, 24, axis=0)
        hours = pd.date_range(stations["time"].values[0], periods=len(values), freq="h").to_numpy()
        batch = _batch(coordinates, values, places[targets], hours, window, settings.architecture.scalars)
        found = experiment.standardisation.temperature(*predict(model, batch), heights[targets])
        mean[:, targets], std[:, targets] = (part.reshape(-1, 24, targets.size).mean(1) for part in found)
    return mean, std


def _cells(experiment: Experiment, data: TemperatureData, hourly: xr.DataArray) -> tuple[torch.Tensor, np.ndarray]:
    """Return ERA5's cells on the elevation's ground: coordinates (cell, 2) and normalised values (hour, cell)."""
    axes = {name: data.reanalysis[name] for name in ("latitude", "longitude")}
    latitude, longitude = np.meshgrid(*axes.values(), indexing="ij")
    field = hourly.sel(axes).transpose("time", "latitude", "longitude").values
    values = experiment.standardisation.normalise(field, cell_heights(data)).reshape(len(field), -1)
    return experiment.reanalysis.grid.coordinates(latitude.ravel(), longitude.ravel()), values


def _batch(coordinates, values, targets, hours, grid, scalars) -> TaskBatch:
    """Return one task an hour that shows all the values and asks for the targets."""
    values = torch.as_tensor(values, dtype=torch.float32, device=coordinates.device)
    nothing = torch.zeros((len(values), len(targets)), device=coordinates.device)
    return TaskBatch(
        PointSet(coordinates[None], values, torch.isfinite(values)),
        PointSet(targets[None], nothing, nothing.bool()),
        time_channels(hours, scalars).to(coordinates.device),
        grid,
    )


def midas_rows(data: TemperatureData, predictions: dict[str, Prediction], shown: str, **names) -> Iterator[dict]:
    """Yield a row a method: `method`, `shown`, the names given, its scores and the interval of its error.

    Args:
        data: of `daily_data`.
        predictions: mean and standard deviation (day, station) by method.
        shown: what the methods were shown, in words.
        names: further columns.
    """
    observed, days = data.stations["temperature"].values.astype(float), data.stations["time"].values
    for method, (mean, std) in predictions.items():
        interval = two_way_interval(np.abs(mean - observed), days, numpy_stream(0, "bootstrap"))
        scores = score_gaussian(mean, std, observed)._asdict()
        yield {"method": method, "shown": shown, **names, **scores, "mae_low": interval.low, "mae_high": interval.high}
