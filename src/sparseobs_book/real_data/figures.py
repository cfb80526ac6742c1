"""Figures of the page on real data: scores in groups, and the errors of one hour on a map."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import draw_stations, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.stations.regions import Region


def group_panels(rows: pd.DataFrame, groupings: dict[str, str], score: str, label: str) -> Figure:
    """Return one panel a grouping, one below the other: the score against the group, a line a method.

    Args:
        rows: `method`, `grouping`, `group` and the score; groups in the order of the axis.
        groupings: axis label of every grouping to show.
        score: column to show.
        label: of the score, with its unit.
    """
    figure, axes = plt.subplots(len(groupings), 1, figsize=(FULL_WIDTH, 2.6 * len(groupings)), sharey=True)
    for ax, (grouping, axis_label) in zip(axes, groupings.items(), strict=True):
        part = rows[rows["grouping"] == grouping]
        groups = list(dict.fromkeys(part["group"]))
        for method, own in part.groupby("method", sort=False):
            values = own.set_index("group")[score].reindex(groups)
            ax.plot(range(len(groups)), values, **LOOKS[method]._asdict(), label=method)
        ax.set_xticks(range(len(groups)), [group.replace(" UTC", "") for group in groups])
        ax.set(xlabel=axis_label, ylabel=label)
    legend_above(figure, 2)
    return figure


def station_errors(region: Region, stations: xr.Dataset, errors: dict[str, np.ndarray], limit: float) -> Figure:
    """Return maps side by side of prediction minus reading at every station, one a method, on one scale.

    Args:
        region: what to show.
        stations: with `latitude` and `longitude`.
        errors: (station,), K, by method.
        limit: K, of the colours in both directions.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.2))
    axes = [map_axes(region, figure=figure, position=(1, len(errors), panel + 1)) for panel in range(len(errors))]
    for ax, (method, values) in zip(axes, errors.items(), strict=True):
        points = draw_stations(ax, stations, values, limits=(-limit, limit), cmap="RdBu_r")
        points.set_sizes([24])
        ax.set_title(method)
    bar = figure.colorbar(points, ax=axes, orientation="horizontal", shrink=0.6, aspect=35, extend="both")
    bar.set_label("prediction minus reading (K)")
    return figure
