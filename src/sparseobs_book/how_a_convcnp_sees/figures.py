"""Figures of what a ConvCNP sees: one station's reach, gradients, and what a grid can carry."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.stations.regions import Region


def response_map(
    region: Region, answer: xr.Dataset, place: tuple[float, float], rings: dict[str, pd.DataFrame]
) -> Figure:
    """Return the map of the answer to one station and, below, its mean by distance, a line a method.

    Args:
        region: what to show.
        answer: `mean` (latitude, longitude), K for each K.
        place: latitude and longitude of the station.
        rings: `distance` (km) and `mean` by the method's name.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 7.4))
    above, below = figure.add_gridspec(2, 1, height_ratios=[3, 2])
    ax = map_axes(region, figure=figure, position=(above,))
    largest = float(np.abs(answer["mean"]).max())
    mesh = draw_field(ax, answer["mean"], limits=(-largest, largest), cmap="RdBu_r")
    ax.plot(place[1], place[0], "k+", markersize=9, transform=DEGREES, zorder=4)
    figure.colorbar(mesh, ax=ax, shrink=0.9).set_label("answer (K for each K)")
    ax = figure.add_subplot(below)
    for method, table in rings.items():
        ax.plot(table["distance"], table["mean"], **LOOKS[method]._asdict(), markersize=4, label=method)
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set(xlabel="distance from the station (km)", ylabel="answer (K for each K)", xlim=(0, 400))
    ax.legend()
    return figure


def gradient_curves(measured: dict[str, pd.DataFrame], lines: pd.DataFrame) -> Figure:
    """Return which share of the gradient lies within a distance, and what arithmetic says.

    Args:
        measured: `nodes` and `cumulative` by the network's name, at most two.
        lines: `what` and `nodes` of the reaches known by arithmetic.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    for (name, table), (color, linestyle) in zip(measured.items(), (("black", "-"), ("#5B6C82", "--")), strict=False):
        ax.plot(table["nodes"], table["cumulative"], linestyle, color=color, label=name)
    for (_, row), (color, linestyle) in zip(lines.iterrows(), (("#A9805A", ":"), ("#C2334D", "-.")), strict=True):
        ax.axvline(row["nodes"], color=color, linestyle=linestyle, label=row["what"])
    ax.set(xlabel="distance (nodes)", ylabel="share of the gradient within", ylim=(0, 1.03))
    ax.set_xlim(0, 1.1 * lines["nodes"].max())
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
