"""Figures of failure signatures near stations: scores by distance, and the spread predicted beside the one needed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above

AXIS = "distance to the nearest station (km)"


def _line(ax: Axes, rows: pd.DataFrame, method: str, **changes) -> None:
    """Draw means against the middles of the rings, with bars from `low` to `high`."""
    middle = (rows["low_km"] + rows["high_km"]) / 2
    bars = np.abs(rows[["low", "high"]].to_numpy().T - rows["mean"].to_numpy())
    style = {"label": method, **LOOKS[method]._asdict()} | changes
    ax.errorbar(middle, rows["mean"], yerr=bars, capsize=2, markersize=5, **style)


def spread_and_need(rows: pd.DataFrame, methods: tuple[str, ...]) -> Figure:
    """Return a panel a method, one below the other: the spread it predicts and the one it would need, by distance.

    Args:
        rows: `method`, `score` (`spread`, `needed`), `low_km`, `high_km`, `mean`, `low`, `high`, K.
        methods: in order.
    """
    figure, axes = plt.subplots(len(methods), 1, figsize=(FULL_WIDTH, 1.9 * len(methods)), sharex=True, sharey=True)
    for ax, method in zip(axes, methods, strict=True):
        part = rows[rows["method"] == method]
        _line(ax, part[part["score"] == "spread"], method, label=f"{method}, predicted")
        needed = {"label": "needed", "color": "black", "marker": "", "linestyle": ":"}
        _line(ax, part[part["score"] == "needed"], method, **needed)
    legend_above(figure, 2)
    figure.supylabel("standard deviation (K)")
    axes[-1].set(xlabel=AXIS, ylim=(0, None))
    return figure


def by_method(rows: pd.DataFrame, labels: dict[str, str], wanted: dict[str, float]) -> Figure:
    """Return a panel a score, one below the other, a line a method, by distance.

    Args:
        rows: `method`, `score`, `low_km`, `high_km`, `mean`, `low`, `high`.
        labels: axis label of every score to show.
        wanted: the ideal value of a score, drawn as a line, if it has one.
    """
    figure, axes = plt.subplots(len(labels), 1, figsize=(FULL_WIDTH, 2.6 * len(labels)), sharex=True)
    for ax, (score, label) in zip(axes, labels.items(), strict=True):
        for method, part in rows[rows["score"] == score].groupby("method", sort=False):
            _line(ax, part, method)
        if score in wanted:
            ax.axhline(wanted[score], color="black", linewidth=0.8)
        ax.set_ylabel(label)
    axes[-1].set_xlabel(AXIS)
    legend_above(figure, 2)
    return figure
