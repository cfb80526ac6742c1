"""Figures of failure signatures near stations: spread against need, echoes of a station's error, PIT histograms."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS

AXIS = "distance to the nearest station (km)"


def _line(ax: Axes, rows: pd.DataFrame, method: str, label: str, **changes) -> None:
    """Draw means against the middles of the rings, with bars from `low` to `high`."""
    look = LOOKS[method]
    middle = (rows["low_km"] + rows["high_km"]) / 2
    bars = np.abs(rows[["low", "high"]].to_numpy().T - rows["mean"].to_numpy())
    style = {"color": look.color, "marker": look.marker, "linestyle": look.linestyle} | changes
    ax.errorbar(middle, rows["mean"], yerr=bars, label=label, capsize=2, markersize=5, **style)


def spread_and_need(rows: pd.DataFrame, methods: tuple[str, ...]) -> Figure:
    """Return a panel a method: the spread it predicts and the one it would need, by distance.

    Args:
        rows: `method`, `score` (`spread`, `needed`), `low_km`, `high_km`, `mean`, `low`, `high`, K.
        methods: in order.
    """
    figure, axes = plt.subplots(1, len(methods), figsize=(FULL_WIDTH, 2.9), sharey=True)
    for ax, method in zip(np.atleast_1d(axes), methods, strict=True):
        part = rows[rows["method"] == method]
        _line(ax, part[part["score"] == "spread"], method, "predicted")
        _line(ax, part[part["score"] == "needed"], method, "needed", color="black", marker="", linestyle=":")
        ax.set_title(method, fontsize=10)
        ax.legend()
    np.atleast_1d(axes)[0].set_ylabel("standard deviation (K)")
    figure.supxlabel(AXIS, fontsize=10)
    return figure


def by_method(rows: pd.DataFrame, labels: dict[str, str], wanted: dict[str, float]) -> Figure:
    """Return a panel a score, a line a method, by distance.

    Args:
        rows: `method`, `score`, `low_km`, `high_km`, `mean`, `low`, `high`.
        labels: axis label of every score to show.
        wanted: the ideal value of a score, drawn as a line, if it has one.
    """
    figure, axes = plt.subplots(1, len(labels), figsize=(FULL_WIDTH, 3.2))
    for ax, (score, label) in zip(np.atleast_1d(axes), labels.items(), strict=True):
        for method, part in rows[rows["score"] == score].groupby("method", sort=False):
            _line(ax, part, method, method)
        if score in wanted:
            ax.axhline(wanted[score], color="black", linewidth=0.8)
        ax.set(xlabel=AXIS, ylabel=label)
    figure.legend(*np.atleast_1d(axes)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def pit_histograms(shares: dict[str, np.ndarray]) -> Figure:
    """Return a histogram a method of where observations fall in their predicted distributions.

    Args:
        shares: (bin,) by method, each summing to 1.
    """
    figure, axes = plt.subplots(1, len(shares), figsize=(FULL_WIDTH, 2.5), sharey=True)
    for ax, (method, share) in zip(np.atleast_1d(axes), shares.items(), strict=True):
        edges = np.linspace(0, 1, len(share) + 1)
        ax.stairs(share, edges, fill=True, color=LOOKS[method].color, alpha=0.8)
        ax.axhline(1 / len(share), color="black", linewidth=0.8)
        ax.set_title(method, fontsize=10)
        ax.set_xticks([0, 0.5, 1])
    np.atleast_1d(axes)[0].set_ylabel("share of observations")
    figure.supxlabel("where the observation falls (PIT)", fontsize=10)
    return figure
