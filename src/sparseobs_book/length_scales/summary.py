"""What the page on length scales says: resolved scales with intervals, spacings, and the paper's claim beside them."""

import numpy as np
import pandas as pd

from sparseobs.errors import require_number
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs.scores.waves import RESOLVED, resolved_scale
from sparseobs.stations import layouts
from sparseobs.stations.geography import DEGREE, station_points
from sparseobs_book.length_scales.twin import in_germany, inner_axes, inner_corners
from sparseobs_book.temperature.experiment import Experiment

MARKS = {
    "nodes": "nodes of the network",
    "cells": "cells of the reanalysis, eastward",
    "stations": "stations, on average",
}
# Scholz et al. (2023) as a summary has them; how they were measured is not known.
PAPER = ("about 20 km", "about 4 km", "longer than by fine-tuning", "about 5", "less")
PLACES = {"the twin, fine grid, at stations": ("fine", "stations"), "a line, 200 readings": ("line", "200 readings")}
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
    return pd.DataFrame(rows, columns=[*BY, *Interval._fields])


def spacings(experiment: Experiment) -> pd.DataFrame:
    """Return how far apart readers and nodes are: `spacing` and `shortest wave` (km), twice the spacing, by what it is.

    The stations' mean spacing is that of as many on a square lattice over the same ground.
    """
    places = station_points(experiment.data.stations)[experiment.shown]
    field = experiment.data.reanalysis
    squeeze = np.cos(np.deg2rad(float(field["latitude"].mean())))
    north, east = (DEGREE * float(np.diff(field[axis]).mean()) for axis in ("latitude", "longitude"))
    found = {
        "nodes of the network": DEGREE * experiment.network.grid.spacing,
        "cells of the reanalysis, eastward": east * squeeze,
        "cells of the reanalysis, northward": north,
        "stations, the closest pair": layouts.spacing(places).min(),
        "stations, on average": mean_spacing(experiment),
    }
    table = pd.DataFrame({"spacing": found})
    return table.assign(**{"shortest wave": 2 * table["spacing"]}).rename_axis("what")


def mean_spacing(experiment: Experiment) -> float:
    """Return the side, km, of the square that a station shown has to itself in Germany, within `inner_axes`."""
    axes, corners = inner_axes(experiment), inner_corners(experiment).numpy()
    places = experiment.network.coordinates[experiment.shown].numpy()
    inside = ((places >= corners[0]) & (places <= corners[1])).all(axis=1)
    share = in_germany(*np.meshgrid(*axes.values(), indexing="ij")).mean()
    return float(DEGREE * np.sqrt(share * np.prod(corners[1] - corners[0]) / inside.sum()))


def through_set_convolutions(spacing: float) -> float:
    """Return the shortest wavelength resolved if two set convolutions were all, in the unit of the nodes' spacing.

    Each multiplies a wave by exp(-(2 pi l / wavelength)^2 / 2), its length scale l being one spacing.
    """
    require_number("spacing", spacing, above=0)
    return 2 * np.pi * spacing / np.sqrt(-np.log(1 - np.sqrt(RESOLVED)))


def claims(scales: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's numbers beside ours, a row a statement, texts with 95 % intervals over seeds.

    On the line adaptations had unlimited tasks. Ours are wavelengths, in km and in units of length.

    Args:
        scales: of `resolved_scales`.
    """
    means, changes = scale_intervals(scales), paired_change(scales)
    rows = {"before adapting": (means, "sim-only")}
    for method, name in (("Sim2Real", "fine-tuning"), ("Sim2Real (FiLM)", "FiLM")):
        rows |= {f"after {name}": (means, method), f"times shorter by {name}": (changes, method)}
    order = ["before adapting", "after fine-tuning", "after FiLM"]
    order += ["times shorter by fine-tuning", "times shorter by FiLM"]
    columns = {"the paper": PAPER}
    for title, place in PLACES.items():
        columns[title] = [_told(*rows[what], *place) for what in order]
    return pd.DataFrame(columns, index=pd.Index(order, name="shortest scale"))


def _told(rows: pd.DataFrame, method: str, part: str, context: str) -> str:
    """Return a mean with its interval as text, of the most tasks where there are several."""
    found = rows[(rows["method"] == method) & (rows["part"] == part) & (rows["context"] == context)]
    if found.empty:
        return "not known"
    mean, low, high = found.iloc[-1][["mean", "low", "high"]]
    return f"{mean:.3g} [{low:.3g}, {high:.3g}]" if np.isfinite(low) else f"{mean:.3g}"
