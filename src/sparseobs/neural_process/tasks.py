"""Tasks for a ConvCNP: what is seen, what is asked. Whole batches are drawn on the device, with masks."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import Gaussian, Points, Start
from sparseobs.neural_process.grid import InternalGrid
from sparseobs.neural_process.standardise import Standardisation
from sparseobs.stations.temperature import TemperatureData, cell_heights, measured

NONE_SHOWN = 0.1  # share of tasks that show nothing, where numbers are log-uniform


class TaskBatch(NamedTuple):
    """Tasks of one length: context and target points, the time channels, the grid to work on, and maybe a start.

    Args:
        context: points that are shown.
        targets: points that are asked for.
        scalars: (task, scalar), the time channels.
        grid: what the network thinks on.
        start: a prediction for the network to correct, if there is one.
    """

    context: Points
    targets: Points
    scalars: Tensor
    grid: InternalGrid
    start: Start | None = None


class Shown(NamedTuple):
    """What a start is made from.

    Attributes:
        sites: (task or 1, point), positions of the context along the sites (cells or stations).
        values: (task, point), normalised, anything where `mask` is False.
        mask: (task, point), True where one is shown.
        asked: (task or 1, point), positions of the targets.
        grid: nodes of the channels, the whole grid or a window of it.
    """

    sites: Tensor
    values: Tensor
    mask: Tensor
    asked: Tensor
    grid: InternalGrid


class MakeStart(Protocol):
    """What makes a start from the points shown; `kriging_start.KrigingStart` is one."""

    def __call__(self, shown: Shown) -> Start:
        """Return the start at the targets asked for and on the grid."""

    def on_map(self, shown: Shown, latitude: np.ndarray, longitude: np.ndarray, heights: np.ndarray) -> Gaussian:
        """Return the start of the first task on a map, (1, latitude, longitude) each, at heights (m) of that shape."""


def time_channels(times, scalars: tuple[str, ...]) -> Tensor:
    """Return (time, scalar): cosine and sine of the day of the year and of the hour (UTC), in that order asked for."""
    times = xr.DataArray(np.asarray(times, dtype="datetime64[ns]"), dims="time")
    hour = times.dt.hour + times.dt.minute / 60
    turns = {"hour": hour / 24, "day": (times.dt.dayofyear - 1 + hour / 24) / 365.25}
    channels = [wave(2 * np.pi * turns[name].values) for name in scalars for wave in (np.cos, np.sin)]
    stacked = np.stack(channels, axis=1) if channels else np.zeros((times.size, 0))
    return torch.as_tensor(stacked, dtype=torch.float32)


def pick(hours: Tensor, n_tasks: int, generator: torch.Generator) -> Tensor:
    """Return `n_tasks` of the hours, with replacement."""
    return hours[torch.randint(len(hours), (n_tasks,), generator=generator, device=hours.device)]


@dataclass(frozen=True, eq=False)
class ReanalysisTasks:
    """Every hour and cell of a reanalysis; a task shows some cells and asks for all.

    Attributes:
        values: (time, cell), normalised.
        coordinates: (cell, 2).
        scalars: (time, scalar).
        grid: the internal grid of the whole region.
        window: rows and columns of the randomly placed part that a batch works on; None takes the whole grid.
        max_context: the largest number of cells shown.
        log_uniform: whether the logarithm of the number shown is uniform, so that few are shown as often as many, and
            one task in ten shows none; else every number is as likely, none among them.
        start: makes what a network corrects; None for one that corrects nothing.
    """

    values: Tensor
    coordinates: Tensor
    scalars: Tensor
    grid: InternalGrid
    window: tuple[int, int] | None = None
    max_context: int = 200
    log_uniform: bool = False
    start: MakeStart | None = None

    def sample(self, hours: Tensor, n_tasks: int, generator: torch.Generator) -> TaskBatch:
        """Return tasks with 0 to `max_context` random cells of a random hour as context, all cells as targets."""
        grid = self._place(generator)
        cells = torch.nonzero(grid.inside(self.coordinates)).squeeze(1)
        times = pick(hours, n_tasks, generator)
        values = self.values[times.unsqueeze(1), cells]
        device = values.device
        most = min(self.max_context, len(cells))
        order = torch.rand(values.shape, generator=generator, device=device).argsort(dim=1)[:, :most]
        n_shown = self._numbers(most, n_tasks, generator)
        coordinates = self.coordinates[cells]
        shown = torch.arange(most, device=device) < n_shown
        context = Points(coordinates[order], values.gather(1, order), shown)
        asked = torch.ones_like(values, dtype=torch.bool)
        start = self.start and self.start(Shown(cells[order], context.values, shown, cells.unsqueeze(0), grid))
        return TaskBatch(context, Points(coordinates.unsqueeze(0), values, asked), self.scalars[times], grid, start)

    def _numbers(self, most: int, n_tasks: int, generator: torch.Generator) -> Tensor:
        """Return (task, 1), how many cells each task shows."""
        device = generator.device
        if not self.log_uniform:
            return torch.randint(most + 1, (n_tasks, 1), generator=generator, device=device)
        share, none = torch.rand(2, n_tasks, 1, generator=generator, device=device)
        return ((most + 1) ** share).long().masked_fill(none < NONE_SHOWN, 0)

    def _place(self, generator: torch.Generator) -> InternalGrid:
        """Return the whole grid, or a window placed at random that holds a cell."""
        if self.window is None:
            return self.grid
        most = [whole - part + 1 for whole, part in zip(self.grid.shape, self.window, strict=True)]
        while True:
            first = [int(torch.randint(n, (), generator=generator, device=generator.device)) for n in most]
            window = self.grid.window(*first, self.window)
            if window.inside(self.coordinates).any():
                return window


@dataclass(frozen=True, eq=False)
class StationTasks:
    """Every hour of a station network; a task shows some stations and asks for others.

    Attributes:
        values: (time, station), normalised, NaN where missing.
        coordinates: (station, 2).
        scalars: (time, scalar).
        heights: (station,), m, which normalising took out and predicting puts back.
        grid: the internal grid, or the window of it that holds the stations.
        share_power: p of the share U(0, 1)^p of the stations that a training task shows; 2 is the paper's.
        start: makes what a network corrects; None for one that corrects nothing.
        times: (time,), UTC, for hours that are asked for by time; None where they are not known.
    """

    values: Tensor
    coordinates: Tensor
    scalars: Tensor
    heights: np.ndarray
    grid: InternalGrid
    share_power: float = 2.0
    start: MakeStart | None = None
    times: np.ndarray | None = None

    def sample(self, hours: Tensor, stations: Tensor, n_tasks: int, generator: torch.Generator) -> TaskBatch:
        """Return tasks that split the stations: a random share of those reporting is shown, the rest is asked.

        Args:
            hours: indices of the hours to draw from; each needs a reporting station.
            stations: indices of the only stations that are read.
            n_tasks: how many.
            generator: on the device of the values.
        """
        times = pick(hours, n_tasks, generator)
        values = self.values[times.unsqueeze(1), stations]
        reporting = torch.isfinite(values)
        if not reporting.any(1).all():
            raise InputError("hours", "an hour without any report", "hours with a report", "`reporting_hours`")
        device = values.device
        keys = torch.rand(values.shape, generator=generator, device=device).masked_fill(~reporting, 2.0)
        rank = keys.argsort(dim=1).argsort(dim=1)
        share = torch.rand(n_tasks, 1, generator=generator, device=device) ** self.share_power
        shown = rank < (share * reporting.sum(1, keepdim=True)).floor()  # share < 1 leaves one to ask for
        coordinates = self.coordinates[stations].unsqueeze(0)
        context = Points(coordinates, values, shown & reporting)
        targets = Points(coordinates, values, reporting & ~shown)
        start = self._start(stations, context, stations)
        return TaskBatch(context, targets, self.scalars[times], self.grid, start)

    def _start(self, stations: Tensor, context: Points, asked: Tensor) -> Start | None:
        """Return what readings of the stations shown say without a network, if a start is wanted."""
        if self.start is None:
            return None
        return self.start(Shown(stations.unsqueeze(0), context.values, context.mask, asked.unsqueeze(0), self.grid))

    def given(self, hours: Tensor, context: Tensor, targets: Tensor) -> TaskBatch:
        """Return one task an hour: every reporting station of `context` is shown, those of `targets` are asked."""
        times = hours.unsqueeze(1)
        points = [
            Points(self.coordinates[stations].unsqueeze(0), values, torch.isfinite(values))
            for stations, values in ((context, self.values[times, context]), (targets, self.values[times, targets]))
        ]
        return TaskBatch(*points, self.scalars[hours], self.grid, self._start(context, points[0], targets))

    def reporting_hours(self, hours: Tensor, stations: Tensor) -> Tensor:
        """Return those of the hours in which at least one of the stations reports."""
        return hours[torch.isfinite(self.values[hours.unsqueeze(1), stations]).any(1)]


def reanalysis_tasks(
    data: TemperatureData, grid: InternalGrid, standardisation: Standardisation, *, scalars: tuple[str, ...]
) -> ReanalysisTasks:
    """Return the tasks of a source's reanalysis, on the grid's device.

    Args:
        data: the source.
        grid: what the network thinks on, on the device that the tasks are wanted on.
        standardisation: from degC to the numbers that the network sees.
        scalars: names of the time channels, see `time_channels`.
    """
    field = data.reanalysis.transpose("time", "latitude", "longitude")
    latitude, longitude = np.meshgrid(field["latitude"], field["longitude"], indexing="ij")
    coordinates = grid.coordinates(latitude.reshape(-1), longitude.reshape(-1))
    if not grid.inside(coordinates).any():
        raise InputError("reanalysis", data.region, "cells inside the region", "a reanalysis of this region")
    temperature = field.values.reshape(len(field), -1)
    values = standardisation.normalise(temperature, cell_heights(data).reshape(-1))
    return ReanalysisTasks(
        torch.as_tensor(values, dtype=torch.float32, device=grid.y.device),
        coordinates,
        time_channels(field["time"].values, scalars).to(grid.y.device),
        grid,
    )


def station_tasks(
    data: TemperatureData, grid: InternalGrid, standardisation: Standardisation, *, scalars: tuple[str, ...]
) -> StationTasks:
    """Return the tasks of a source's station network, on the grid's device.

    Args:
        data: the source.
        grid: what the network thinks on, on the device that the tasks are wanted on.
        standardisation: from degC to the numbers that the network sees.
        scalars: names of the time channels, see `time_channels`.
    """
    stations = data.stations
    temperature = measured(stations).values
    heights = stations["height"].values
    values = standardisation.normalise(temperature, heights)
    return StationTasks(
        torch.as_tensor(values, dtype=torch.float32, device=grid.y.device),
        grid.coordinates(stations["latitude"].values, stations["longitude"].values),
        time_channels(stations["time"].values, scalars).to(grid.y.device),
        heights,
        grid,
        times=stations["time"].values,
    )
