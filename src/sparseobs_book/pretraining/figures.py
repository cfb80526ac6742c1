"""Figures of what a reanalysis has taught a network."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.maps import draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.stations.regions import Region

TITLES = {
    "reanalysis": "reanalysis",
    "kriging": "ordinary kriging",
    "mean": "network: mean",
    "std": "its std. deviation",
}


def exam(table: pd.DataFrame, judged: tuple[int, ...], margin: float) -> Figure:
    """Draw the error against the number of cells shown, a line a method, and what the exam asks and allows.

    Args:
        table: `seed`, `n_shown`, `method`, `mae` (K); a band reaches from the least to the greatest over seeds.
        judged: numbers of cells that the exam asks at.
        margin: times kriging's error: what is allowed.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    for method in ("IDW", "sim-only", "ordinary kriging"):
        over_seeds = table[table["method"] == method].groupby("n_shown")["mae"]
        look = LOOKS[method]
        ax.fill_between(over_seeds.min().index, over_seeds.min(), over_seeds.max(), color=look.color, alpha=0.25, lw=0)
        ax.plot(over_seeds.mean(), **look._asdict(), label=method)
    allowed = margin * over_seeds.mean().loc[list(judged)]  # of kriging, the last
    ax.plot(allowed, color="black", linewidth=1, label=f"allowed: {margin:g} times kriging")
    for number in judged:
        ax.axvline(number, color="0.85", linewidth=6, zorder=0)
    ticks = sorted(table["n_shown"].unique())
    ax.set(xscale="log", yscale="log", xlabel="cells shown", ylabel="mean absolute error (K)")
    ax.set_xticks(ticks, ticks)
    ax.set_yticks([0.15, 0.3, 0.5, 1, 2], ["0.15", "0.3", "0.5", "1", "2"])
    ax.minorticks_off()
    legend_above(figure)
    return figure


def completed(region: Region, field: xr.Dataset) -> Figure:
    """Draw an hour of a reanalysis beside what kriging and a network make of some of its cells.

    Args:
        region: what to show.
        field: see `run.completed`; what it lacks is left out.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 7.0))
    limits = float(field["reanalysis"].min()), float(field["reanalysis"].max())
    for panel, (name, title) in enumerate(TITLES.items()):
        if name in field:
            ax = map_axes(region, figure=figure, position=(2, 2, panel + 1))
            mesh = draw_field(ax, field[name], **({"cmap": "cividis"} if name == "std" else {"limits": limits}))
            label = "standard deviation (K)" if name == "std" else "temperature (°C)"
            figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.95).set_label(label)
            ax.set_title(title)
    return figure


def confidence(std: ArrayLike, error: ArrayLike, n_bins: int = 8) -> Figure:
    """Draw absolute errors against the standard deviations stated, and means in bins of equal number.

    The axis ends above 99 in 100 of the errors.

    Args:
        std: K, any shape.
        error: absolute, K, the same shape, NaN where nothing was measured.
        n_bins: of the standard deviation.
    """
    kept = np.isfinite(error)
    std, error = np.asarray(std)[kept], np.asarray(error)[kept]
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    ax.plot(std, error, ".", ms=2, color="0.6", rasterized=True, label="station and hour")
    parts = np.array_split(np.argsort(std), n_bins)
    means = np.array([(std[part].mean(), error[part].mean()) for part in parts])
    ax.plot(*means.T, **LOOKS["sim-only"]._asdict(), label=f"mean of one in {n_bins}")
    line = np.array([0, std.max()])
    ax.plot(line, np.sqrt(2 / np.pi) * line, color="black", label="calibrated")
    ax.set(xlabel="standard deviation stated (K)", ylabel="absolute error (K)", xlim=(0, None))
    ax.set_ylim(0, np.quantile(error, 0.99))
    legend_above(figure)
    return figure
