"""Figures of what a ConvCNP sees: encodings, one station's reach, gradients, and what a grid can carry."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.stations.regions import Region


def response_map(region: Region, answer: xr.Dataset, place: tuple[float, float], rings: pd.DataFrame) -> Figure:
    """Return the map of the answer to one station beside its size by distance.

    Args:
        region: what to show.
        answer: `mean` (latitude, longitude), K for each K.
        place: latitude and longitude of the station.
        rings: `distance` (km), `mean` and `largest`.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 3.9))
    left = map_axes(region, figure=figure, position=(1, 2, 1))
    largest = float(np.abs(answer["mean"]).max())
    mesh = draw_field(left, answer["mean"], limits=(-largest, largest), cmap="RdBu_r")
    left.plot(place[1], place[0], "k+", markersize=9, transform=DEGREES, zorder=4)
    figure.colorbar(mesh, ax=left, orientation="horizontal", shrink=0.9).set_label("answer (K for each K)")
    right = figure.add_subplot(1, 2, 2)
    right.plot(rings["distance"], rings["largest"], "-", color="black", label="largest size in the ring")
    right.plot(rings["distance"], rings["mean"], "--", color=LOOKS["sim-only"].color, label="mean over the ring")
    right.axhline(0, color="0.6", linewidth=0.8)
    right.set(xlabel="distance from the station (km)", ylabel="answer (K for each K)", xlim=(0, 400))
    right.legend()
    return figure


def encoding_maps(region: Region, fields: dict[str, xr.DataArray], latitude, longitude) -> Figure:
    """Return a map of each channel with the stations that it encodes.

    Args:
        region: what to show.
        fields: (latitude, longitude) by title; a title with "data" has colours symmetric about 0.
        latitude: (station,), degrees north.
        longitude: (station,), degrees east.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.0))
    for panel, (title, field) in enumerate(fields.items()):
        ax = map_axes(region, figure=figure, position=(1, len(fields), panel + 1))
        signed = float(np.abs(field).max()) if "data" in title else None
        limits, colours = ((-signed, signed), "RdBu_r") if signed else (None, None)
        mesh = draw_field(ax, field, limits=limits, cmap=colours)
        ax.scatter(longitude, latitude, s=30, facecolors="none", edgecolors="black", transform=DEGREES, zorder=4)
        figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.9).set_label(field.attrs["units"])
        ax.set_title(title)
    return figure


def gradient_curves(measured: dict[str, pd.DataFrame], lines: pd.DataFrame) -> Figure:
    """Return which share of the gradient lies within a distance, and what arithmetic says.

    Args:
        measured: `nodes` and `cumulative` by the network's name, at most two.
        lines: `what` and `nodes` of the reaches known by arithmetic.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    for (name, table), (color, linestyle) in zip(measured.items(), (("black", "-"), ("#0072B2", "--")), strict=False):
        ax.plot(table["nodes"], table["cumulative"], linestyle, color=color, label=name)
    for (_, row), (color, linestyle) in zip(lines.iterrows(), (("#E69F00", ":"), ("#D55E00", "-.")), strict=True):
        ax.axvline(row["nodes"], color=color, linestyle=linestyle, label=row["what"])
    ax.set(xlabel="distance (nodes)", ylabel="share of the gradient within", ylim=(0, 1.03))
    ax.set_xlim(0, 1.1 * lines["nodes"].max())
    ax.legend(loc="center")
    return figure


def waves(table: pd.DataFrame, spacings: dict[str, float]) -> Figure:
    """Return what is left of waves after grid and back, against their length in km, for internal grids.

    Args:
        table: `wavelength` (nodes), `kept`, `theory`.
        spacings: km between nodes, by name, at most three.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    looks = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."))
    for (name, spacing), (color, marker, linestyle) in zip(spacings.items(), looks, strict=False):
        km = table["wavelength"] * spacing
        ax.plot(km, table["theory"], linestyle, color=color, linewidth=1)
        ax.plot(km, table["kept"], marker, color=color, markersize=5, label=name)
        ax.axvline(2 * spacing, color=color, linestyle=linestyle, linewidth=0.8, alpha=0.6)
    ax.set_xscale("log")
    ax.set(xlabel="wavelength (km)", ylabel="share of the amplitude left", ylim=(-0.03, 1.03))
    ax.legend()
    return figure
