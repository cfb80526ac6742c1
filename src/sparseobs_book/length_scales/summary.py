"""What the table of length scales says: resolved scales with intervals, and how much adapting shortens them."""

import numpy as np
import pandas as pd

from sparseobs.errors import require_number
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs.scores.waves import RESOLVED, resolved_scale
from sparseobs.stations import layouts
from sparseobs.stations.geography import DEGREE, station_points
from sparseobs_book.temperature.experiment import Experiment

BY = ["part", "context", "method", "n_tasks"]
GERMANY = 357_600.0  # km^2


def resolved_scales(table: pd.DataFrame) -> pd.DataFrame:
    """Return the resolved scale of every repeat: `part`, `context`, `method`, `n_tasks`, `seed`, `scale`.

    Args:
        table: the stored one, or one like it.
    """
    groups = table.groupby([*BY, "seed"], sort=False, dropna=False)
    scales = groups[["wavelength", "error"]].apply(lambda rows: resolved_scale(rows["wavelength"], rows["error"]))
    return scales.rename("scale").reset_index()


def scale_intervals(scales: pd.DataFrame) -> pd.DataFrame:
    """Return mean, low, high (95 % interval over seeds) and n, a row a part, context, method and number of tasks.

    Where a seed resolves nothing the mean is infinite and the interval missing.

    Args:
        scales: of `resolved_scales`.
    """
    rows = []
    for names, part in scales.groupby(BY, sort=False, dropna=False):
        whole = np.isfinite(part["scale"]).all() and len(part) > 1
        found = repeat_interval(part["scale"]) if whole else Interval(part["scale"].mean(), np.nan, np.nan, len(part))
        rows.append(dict(zip(BY, names, strict=True)) | found._asdict())
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
    others = scales[scales["method"] != before].join(start.rename("before"), on=start.index.names)
    ratio = others["before"] / others["scale"]
    return scale_intervals(others.assign(scale=ratio.where(ratio > 0))).dropna(subset="low", ignore_index=True)


def spacings(experiment: Experiment) -> pd.Series:
    """Return how far apart readers and nodes are, km, by what it is.

    The stations' mean spacing is that of as many on a square lattice over Germany.
    """
    places = station_points(experiment.data.stations)[experiment.shown]
    field = experiment.data.reanalysis
    squeeze = np.cos(np.deg2rad(float(field["latitude"].mean())))
    north, east = (DEGREE * float(np.diff(field[axis]).mean()) for axis in ("latitude", "longitude"))
    found = {
        "nodes": DEGREE * experiment.network.grid.spacing,
        "cells, eastward": east * squeeze,
        "cells, northward": north,
        "stations, the closest pair": layouts.spacing(places).min(),
        "stations, on average": np.sqrt(GERMANY / len(experiment.shown)),
    }
    return pd.Series(found).rename("spacing (km)")


def through_set_convolutions(spacing: float) -> float:
    """Return the shortest wavelength resolved if two set convolutions were all, in the unit of the nodes' spacing.

    Each multiplies a wave by exp(-(2 pi l / wavelength)^2 / 2), its length scale l being one spacing.
    """
    require_number("spacing", spacing, above=0)
    return 2 * np.pi * spacing / np.sqrt(-np.log(1 - np.sqrt(RESOLVED)))
