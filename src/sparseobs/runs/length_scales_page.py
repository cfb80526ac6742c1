"""What the page on length scales shows: resolved scales with intervals, spacings, and one wave on a map."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.runs.length_scales_probe import answers, at_places, plane_waves, transfer_function
from sparseobs.runs.length_scales_twin import in_germany, inner_axes, network_probe, random_targets, shown_task
from sparseobs.runs.receptive_field import wave_kept
from sparseobs.runs.temperature_experiment import Experiment
from sparseobs.scores.intervals import repeat_interval
from sparseobs.scores.waves import resolved_scale
from sparseobs.stations.geography import DEGREE, great_circle, station_points

STEP = 10.0  # km between the points of `one_wave`
MARKS = {
    "nodes": "nodes of the network",
    "cells": "cells of the reanalysis, eastward",
    "stations": "stations, on average",
}
ALONE = "set convolutions alone"
BY = ["part", "context", "method", "n_tasks"]


def resolved_scales(table: pd.DataFrame) -> pd.DataFrame:
    """Return the resolved scale of every repeat: `part`, `context`, `method`, `n_tasks`, `seed`, `scale`.

    Args:
        table: the stored one, or one like it.
    """
    groups = table.groupby([*BY, "seed"], sort=False, dropna=False)
    scales = groups[["wavelength", "error"]].apply(lambda rows: resolved_scale(rows["wavelength"], rows["error"]))
    return scales.rename("scale").reset_index()


def scale_intervals(scales: pd.DataFrame) -> pd.DataFrame:
    """Return means and 95 % intervals over seeds, a row a part, context, method and number of tasks.

    Where a seed resolves nothing the mean is infinite and the interval missing.

    Args:
        scales: of `resolved_scales`.
    """
    rows = []
    for names, part in scales.groupby(BY, sort=False, dropna=False):
        finite = np.isfinite(part["scale"]).all() and len(part) > 1
        found = repeat_interval(part["scale"]) if finite else None
        bounds = (found.mean, found.low, found.high) if found else (part["scale"].mean(), np.nan, np.nan)
        rows.append(dict(zip([*BY, "mean", "low", "high"], [*names, *bounds], strict=True)) | {"n": len(part)})
    return pd.DataFrame(rows)


def paired_change(scales: pd.DataFrame, before: str = "sim-only") -> pd.DataFrame:
    """Return how much shorter each method's resolved scale is than that `before`, seed by seed.

    Args:
        scales: of `resolved_scales`.
        before: the method that the others are compared with.

    Returns:
        `part`, `context`, `method`, `n_tasks`, and of the ratio before / after its `mean`, `low`, `high`: above 1,
        adapting has shortened the scale. Methods that resolve nothing in some seed have no row.
    """
    start = scales[scales["method"] == before].set_index(["part", "context", "seed"])["scale"]
    rows = []
    for names, part in scales[scales["method"] != before].groupby(BY, sort=False, dropna=False):
        ratio = start.reindex(pd.MultiIndex.from_frame(part[["part", "context", "seed"]])).to_numpy() / part["scale"]
        if np.isfinite(ratio).all() and (ratio > 0).all() and len(ratio) > 1:
            rows.append(dict(zip(BY, names, strict=True)) | repeat_interval(ratio)._asdict())
    return pd.DataFrame(rows)


def spacings(experiment: Experiment) -> pd.DataFrame:
    """Return how far apart readers and nodes are: `spacing` and `shortest wave` (km), twice the spacing, by what it is.

    The stations' mean spacing is that of as many on a square lattice over the same ground.
    """
    places = station_points(experiment.data.stations)[experiment.shown]
    distance = great_circle(places, places)[np.triu_indices(len(places), 1)]
    field = experiment.data.reanalysis
    squeeze = np.cos(np.deg2rad(float(field["latitude"].mean())))
    north, east = (DEGREE * float(np.diff(field[axis]).mean()) for axis in ("latitude", "longitude"))
    found = {
        "nodes of the network": DEGREE * experiment.network.grid.spacing,
        "cells of the reanalysis, eastward": east * squeeze,
        "cells of the reanalysis, northward": north,
        "stations, the closest pair": distance.min(),
        "stations, on average": mean_spacing(experiment),
    }
    table = pd.DataFrame({"spacing": found})
    return table.assign(**{"shortest wave": 2 * table["spacing"]}).rename_axis("what")


def mean_spacing(experiment: Experiment) -> float:
    """Return the side, km, of the square that a station shown has to itself in Germany, within `inner_axes`."""
    axes, grid = inner_axes(experiment), experiment.network.grid
    corners = grid.coordinates(*(np.array([axis[0], axis[-1]]) for axis in axes.values())).numpy()
    places = experiment.network.coordinates[experiment.shown].numpy()
    inside = ((places >= corners[0]) & (places <= corners[1])).all(axis=1)
    share = in_germany(*np.meshgrid(*axes.values(), indexing="ij")).mean()
    return float(DEGREE * np.sqrt(share * np.prod(corners[1] - corners[0]) / inside.sum()))


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
    left = wave_kept(np.asarray(wavelengths) / spacing)["theory"]
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
    grid, task = experiment.network.grid, shown_task(experiment, "stations", np.array([hour]))
    corners = grid.coordinates(*(np.array([axis[0], axis[-1]]) for axis in inner_axes(experiment).values()))
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
