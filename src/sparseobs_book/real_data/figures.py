"""Figures of the page on real data: scores in groups, probability integral transforms, one real hour."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import draw_stations, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.stations.regions import Region


def group_panels(rows: pd.DataFrame, groupings: dict[str, str], score: str, label: str) -> Figure:
    """Return one panel a grouping: the score against the group, a line a method.

    Args:
        rows: `method`, `grouping`, `group` and the score; groups in the order of the axis.
        groupings: axis label of every grouping to show.
        score: column to show.
        label: of the score, with its unit.
    """
    figure, axes = plt.subplots(1, len(groupings), figsize=(FULL_WIDTH, 3.3), sharey=True)
    for ax, (grouping, axis_label) in zip(np.atleast_1d(axes), groupings.items(), strict=True):
        part = rows[rows["grouping"] == grouping]
        groups = list(dict.fromkeys(part["group"]))
        for method, own in part.groupby("method", sort=False):
            values = own.set_index("group")[score].reindex(groups)
            ax.plot(range(len(groups)), values, **LOOKS[method]._asdict(), label=method)
        ax.set_xticks(range(len(groups)), [group.replace(" UTC", "") for group in groups])
        ax.set_xlabel(axis_label)
    np.atleast_1d(axes)[0].set_ylabel(label)
    figure.legend(*np.atleast_1d(axes)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def pit_panels(shares: pd.DataFrame) -> Figure:
    """Return one small histogram a method of where readings fall in its predictions; level if calibrated.

    Args:
        shares: `method`, `bin` (lower edge) and `share`.
    """
    methods = list(dict.fromkeys(shares["method"]))
    figure, axes = plt.subplots(1, len(methods), figsize=(FULL_WIDTH, 2.4), sharey=True)
    for ax, method in zip(np.atleast_1d(axes), methods, strict=True):
        part = shares[shares["method"] == method]
        width = 1 / len(part)
        ax.bar(part["bin"], part["share"] / width, width, align="edge", color=LOOKS[method].color, edgecolor="white")
        ax.axhline(1.0, color="black", linewidth=1)
        ax.set_title(method, fontsize=9)
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1])
    np.atleast_1d(axes)[0].set_ylabel("density")
    figure.supxlabel("probability that was given to a lower reading", fontsize=10)
    return figure


def station_errors(region: Region, stations: xr.Dataset, errors: dict[str, np.ndarray], limit: float) -> Figure:
    """Return maps side by side of prediction minus reading at every station, one a method, on one scale.

    Args:
        region: what to show.
        stations: with `latitude` and `longitude`.
        errors: (station,), K, by method.
        limit: K, of the colours in both directions.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.6))
    axes = [map_axes(region, figure=figure, position=(1, len(errors), panel + 1)) for panel in range(len(errors))]
    for ax, (method, values) in zip(axes, errors.items(), strict=True):
        points = draw_stations(ax, stations, values, limits=(-limit, limit), cmap="RdBu_r")
        points.set_sizes([14])
        ax.set_title(method)
    bar = figure.colorbar(points, ax=axes, orientation="horizontal", shrink=0.6, aspect=35, extend="both")
    bar.set_label("prediction minus reading (K)")
    return figure
