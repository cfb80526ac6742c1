"""Figures of what a reanalysis has taught a network."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.maps import draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.stations.regions import Region

LOOK = LOOKS["sim-only"]


def completed(region: Region, field: xr.Dataset) -> Figure:
    """Draw an hour of a reanalysis beside what a network makes of some of its cells.

    Args:
        region: what to show.
        field: `truth`, `mean` and `std` (latitude, longitude), degC.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 3.9))
    limits = float(field["truth"].min()), float(field["truth"].max())
    titles = {"truth": "reanalysis", "mean": "mean", "std": "standard deviation"}
    for panel, (name, title) in enumerate(titles.items()):
        ax = map_axes(region, figure=figure, position=(1, 3, panel + 1))
        look = {"cmap": "cividis"} if name == "std" else {"limits": limits}
        mesh = draw_field(ax, field[name], **look)
        unit = "K" if name == "std" else "°C"
        figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.95).set_label(unit)
        ax.set_title(title)
    return figure


def loss(history: pd.DataFrame) -> Figure:
    """Draw training and validation loss against epochs.

    Args:
        history: of a training.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 2.9))
    for column, label, line in (("train_nll", "training hours", ":"), ("validation_nll", "validation hours", "-")):
        ax.plot(history["epoch"], history[column], line, color=LOOK.color, label=label)
    ax.set(xlabel="epoch", ylabel="loss (nats, standardised)")
    ax.legend()
    return figure


def error_by_cells(curve: pd.DataFrame) -> Figure:
    """Draw the error against the number of cells shown.

    Args:
        curve: `n_cells`, `mae` (K).
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 2.9))
    ax.plot(curve["n_cells"], curve["mae"], **LOOK._asdict(), label="sim-only")
    ax.set_xscale("symlog", linthresh=3)
    ax.set_xticks(curve["n_cells"], [f"{n:g}" for n in curve["n_cells"]])
    ax.minorticks_off()
    ax.set(xlabel="cells shown", ylabel="mean absolute error (K)", ylim=(0, None))
    return figure


def confidence(std: ArrayLike, error: ArrayLike, n_bins: int = 8) -> Figure:
    """Draw absolute errors against the standard deviations stated, and means in bins of equal number.

    Args:
        std: K, any shape.
        error: absolute, K, the same shape, NaN where nothing was measured.
        n_bins: of the standard deviation.
    """
    kept = np.isfinite(error)
    std, error = np.asarray(std)[kept], np.asarray(error)[kept]
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    ax.plot(std, error, ".", ms=2, color="0.6", rasterized=True, label="station and hour")
    edges = np.quantile(std, np.linspace(0, 1, n_bins + 1))
    number = np.clip(np.searchsorted(edges, std) - 1, 0, n_bins - 1)
    centres, means = ([part[number == k].mean() for k in range(n_bins)] for part in (std, error))
    ax.plot(centres, means, **LOOK._asdict(), label="mean of an eighth")
    line = np.array([0, std.max()])
    ax.plot(line, np.sqrt(2 / np.pi) * line, color="black", label="honest")
    ax.set(xlabel="standard deviation stated (K)", ylabel="absolute error (K)", xlim=(0, None))
    ax.set_ylim(0, np.quantile(error, 0.99))
    ax.legend(fontsize=9)
    return figure
