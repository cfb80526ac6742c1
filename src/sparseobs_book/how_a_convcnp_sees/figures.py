"""Figures of what a ConvCNP sees: one station's reach, gradients, and what a grid can carry."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, legend_above
from sparseobs.stations.regions import Region

# How networks that read one to four scales are drawn.
SCALES = (("#A9805A", ":"), ("#6F7D00", "-."), ("#C2334D", "--"), ("#5A3A86", "-"))


def responses(
    region: Region, maps: dict[str, xr.DataArray], place: tuple[float, float], rings: dict[str, pd.DataFrame]
) -> Figure:
    """Return maps of the answer to a lone station and, below, the answer by distance.

    Args:
        region: what to show.
        maps: (latitude, longitude), K for each K, by title.
        place: latitude and longitude of the station.
        rings: `distance` (km), `mean`, `low` and `high`; of networks that read more and more scales, the last of
            which has a band, and under the key `weather` the correlation of the weather.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 7.4))
    above, below = figure.add_gridspec(2, 1, height_ratios=[5, 4])
    panels = above.subgridspec(1, len(maps))
    axes = []
    for panel, (title, answer) in zip(panels, maps.items(), strict=True):
        axes.append(map_axes(region, figure=figure, position=(panel,)))
        mesh = draw_field(axes[-1], answer, limits=(-1, 1), cmap="RdBu_r")
        axes[-1].plot(place[1], place[0], "k+", markersize=9, transform=DEGREES, zorder=4)
        axes[-1].set_title(title)
    bar = figure.colorbar(mesh, ax=axes, orientation="horizontal", shrink=0.6, aspect=35)
    bar.set_label("answer (K for each K)")
    ax = figure.add_subplot(below)
    rings = dict(rings)
    weather = rings.pop("weather")
    for (name, table), (color, linestyle) in zip(rings.items(), SCALES, strict=False):
        ax.plot(table["distance"], table["mean"], linestyle, color=color, label=name)
    ax.fill_between(table["distance"], table["low"], table["high"], color=color, alpha=0.15, linewidth=0)
    ax.plot(
        weather["distance"], weather["mean"], color="black", linewidth=2.5, alpha=0.6, label="weather's correlation"
    )
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set(xlabel="distance from the station (km)", ylabel="answer (K for each K)", xlim=(0, 500), ylim=(-0.2, 1.4))
    ax.legend(loc="upper right", ncols=2)
    return figure


def encodings(channels: dict[str, tuple[np.ndarray, np.ndarray]], y: np.ndarray, x: np.ndarray) -> Figure:
    """Return density (above) and data channel (below) at each scale, in cells as the network gets them.

    Args:
        channels: density and data (row, column) by the scale's name.
        y: (row,), km.
        x: (column,), km.
    """
    size = (FULL_WIDTH, 3.5)
    figure, axes = plt.subplots(2, len(channels), figsize=size, sharex=True, sharey=True, layout="constrained")
    most = max(float(np.abs(data).max()) for _, data in channels.values())
    for column, (name, (density, data)) in zip(axes.T, channels.items(), strict=True):
        top = column[0].pcolormesh(x, y, density, vmin=0, vmax=2, shading="nearest", rasterized=True)
        low = column[1].pcolormesh(x, y, data, vmin=-most, vmax=most, cmap="RdBu_r", shading="nearest", rasterized=True)
        column[0].set_title(name)
        for ax in column:
            ax.set_aspect("equal")
            ax.set_xticks((0, 500))
    figure.colorbar(top, ax=axes[0], extend="max").set_label("density (stations)")
    figure.colorbar(low, ax=axes[1]).set_label("data (standardised)")
    figure.supxlabel("east (km)", fontsize=10)
    figure.supylabel("north (km)", fontsize=10)
    return figure


def gradient_curves(measured: dict[str, np.ndarray], lines: dict[str, int]) -> Figure:
    """Return which share of the gradient lies within a distance, and what arithmetic says.

    Args:
        measured: (node,), share within so many nodes, by what the network read; at most four.
        lines: the reaches known by arithmetic, in nodes, by name; two.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    looks = (("black", "-"), ("#5B6C82", "--"), ("#6F7D00", "-."), ("#8B5FBF", (0, (1, 1))))
    for (name, within), (color, linestyle) in zip(measured.items(), looks, strict=False):
        ax.plot(np.arange(len(within)), within, linestyle=linestyle, color=color, label=name)
    for (name, nodes), (color, linestyle) in zip(lines.items(), (("#A9805A", ":"), ("#C2334D", "-.")), strict=True):
        ax.axvline(nodes, color=color, linestyle=linestyle, label=name)
    ax.set(xlabel="distance (nodes)", ylabel="share of the gradient within", ylim=(0, 1.03))
    ax.set_xlim(0, 1.1 * max(lines.values()))
    legend_above(figure, 2)
    return figure


def waves(table: pd.DataFrame, spacings: dict[str, float]) -> Figure:
    """Return what is left of waves after grid and back, against their length in km, for internal grids.

    Args:
        table: `wavelength` (nodes), `kept`, `theory`.
        spacings: km between nodes, by name, at most three.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    looks = (("#5B6C82", "o", "-"), ("#C2334D", "s", "--"), ("#6F7D00", "^", "-."))
    for (name, spacing), (color, marker, linestyle) in zip(spacings.items(), looks, strict=False):
        km = table["wavelength"] * spacing
        ax.plot(km, table["theory"], linestyle, color=color, linewidth=1)
        ax.plot(km, table["kept"], marker, color=color, markersize=5, label=name)
        ax.axvline(2 * spacing, color=color, linestyle=linestyle, linewidth=0.8, alpha=0.6)
    ax.set_xscale("log")
    ax.set_xticks((10, 30, 100, 300, 1000), ("10", "30", "100", "300", "1000"))
    ax.set(xlabel="wavelength (km)", ylabel="share of the amplitude left", ylim=(-0.03, 1.03))
    legend_above(figure, 1)
    return figure
