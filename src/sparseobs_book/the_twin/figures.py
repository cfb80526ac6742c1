"""Figures of the twin beside reality."""

import matplotlib.pyplot as plt
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from sparseobs.figures.maps import draw_field, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.stations.regions import Region


def _look(source: str) -> dict:
    """Return how a source is drawn: reality black, the twin blue."""
    return LOOKS["ours" if source.startswith("twin") else "truth"]._asdict() | {"marker": "o"}


def differences(table: pd.DataFrame) -> Figure:
    """Draw how far stations differ, by distance.

    Args:
        table: `quantity`, `source`, `x` (km), `value`, `low`, `high` (K).
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    part = table[table["quantity"] == "difference between stations"]
    for source, rows in part.groupby("source", sort=False):
        look = _look(source)
        ax.fill_between(rows["x"], rows["low"], rows["high"], color=look["color"], alpha=0.15, linewidth=0)
        ax.plot(rows["x"], rows["value"], **look, ms=5, label=source)
    ax.set_xscale("log")
    ax.set_xticks(rows["x"], [f"{x:g}" for x in rows["x"]])
    ax.minorticks_off()
    ax.set(xlabel="distance between two stations (km)", ylabel="difference (K)", ylim=(0, None))
    ax.legend()
    return figure


def truth_and_view(region: Region, truth: xr.DataArray, error: xr.DataArray) -> Figure:
    """Draw the nature run and the error of its reanalysis-like view.

    Args:
        region: what to show.
        truth: (latitude, longitude), degC.
        error: (latitude, longitude), K.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.6))
    left, right = (map_axes(region, figure=figure, position=(1, 2, panel)) for panel in (1, 2))
    mesh = draw_field(left, truth)
    figure.colorbar(mesh, ax=left, orientation="horizontal", shrink=0.9).set_label("2 m temperature (°C)")
    mesh = draw_field(right, error, limits=(-6, 6), cmap="RdBu_r")
    figure.colorbar(mesh, ax=right, orientation="horizontal", shrink=0.9, extend="both").set_label(
        "view less truth (K)"
    )
    left.set_title("nature run")
    right.set_title("error of the view")
    return figure


def months(table: pd.DataFrame) -> Figure:
    """Draw monthly means and daily ranges of a real and a synthetic station.

    Args:
        table: `quantity`, `source`, `x` (month), `value` (degC, K).
    """
    figure, axes = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.0))
    labels = {"monthly mean": "mean temperature (°C)", "daily range": "mean daily range (K)"}
    for ax, (quantity, label) in zip(axes, labels.items(), strict=True):
        for source, rows in table[table["quantity"] == quantity].groupby("source", sort=False):
            ax.plot(rows["x"], rows["value"], **_look(source), ms=4, label=source)
        ax.set(xlabel="month", ylabel=label)
        ax.set_xticks([1, 4, 7, 10])
    axes[0].legend(fontsize=9)
    return figure
