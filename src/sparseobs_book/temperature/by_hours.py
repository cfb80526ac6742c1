"""Figures of grids of stations by hours."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.temperature.verdicts import verdicts

APART = 1.4  # factor from one method's symbol to the next


def scores_by_hours(table: pd.DataFrame, score: str, label: str, band: pd.DataFrame | None = None) -> Figure:
    """Draw a score against the number of hours, a panel a number of stations, a line a method, a dot a seed.

    Args:
        table: `n_stations`, `n_times`, `seed`, `method` and the score, above zero: its axis is logarithmic.
        score: column.
        label: of the axis, with its unit.
        band: two rows, the scores at its edges, a column a number of stations; None draws none.
    """
    figure, panels = _panels(table, label)
    for (n_stations, part), ax in zip(table.groupby("n_stations"), panels, strict=True):
        reach = part[score]
        if band is not None:
            edges = band[n_stations]
            ax.axhspan(edges.min(), edges.max(), color="0.85", lw=0, label="headroom")
            reach = pd.concat([reach, edges])
        for method, rows in part.groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["n_times"], rows[score], ".", color=look.color, ms=3)
            mean = rows.groupby("n_times")[score].mean()
            ax.plot(mean.index, mean, **look._asdict(), ms=5, lw=1.4, label=method)
        ax.set_yscale("log")
        low, high = reach.min() / 1.05, reach.max() * 1.05
        ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50) if low <= tick <= high]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.yaxis.set_minor_locator(NullLocator())
        _finish(ax, n_stations, table)
    legend_above(figure, 2)
    return figure


def gain(table: pd.DataFrame, label: str) -> Figure:
    """Draw Sim2Real's MAE less that of the others: pooled with its interval, see `verdicts`, and a dot a seed.

    Args:
        table: of the grid `adaptation`, with the methods to draw.
        label: of the axis, with its unit.
    """
    found, others = verdicts(table, "mae"), [name for name in dict.fromkeys(table["method"]) if name != "Sim2Real"]
    figure, panels = _panels(table, label)
    for n_stations, ax in zip(sorted(table["n_stations"].unique()), panels, strict=True):
        ax.axhline(0, color="black", lw=0.8)
        for number, method in enumerate(others):
            look, shift = LOOKS[method], APART ** (number - (len(others) - 1) / 2)
            pooled, seeds = (
                part[(part["method"] == method) & (part["n_stations"] == n_stations)] for part in (found, table)
            )
            ax.vlines(pooled["n_times"] * shift, pooled["low"], pooled["high"], color=look.color, lw=1.4)
            ax.plot(pooled["n_times"] * shift, pooled["gap"], look.marker, color=look.color, ms=6, label=method)
            ax.plot(seeds["n_times"] * shift, seeds["mae_gap"], ".", color="black", ms=2.5)
        _finish(ax, n_stations, table)
    legend_above(figure, 2)
    return figure


def _panels(table: pd.DataFrame, label: str) -> tuple[Figure, np.ndarray]:
    """Return a panel a number of stations, one above the other."""
    n_panels = table["n_stations"].nunique()
    figure, axes = plt.subplots(n_panels, 1, figsize=(FULL_WIDTH, 0.9 + 2.3 * n_panels), squeeze=False)
    figure.supylabel(label, fontsize=10)
    return figure, axes[:, 0]


def _finish(ax: Axes, n_stations: int, table: pd.DataFrame) -> None:
    ticks, beyond = sorted(table["n_times"].unique()), APART**2.2
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(title=f"{n_stations} stations", xlabel="hours, $N_{times}$", xlim=(ticks[0] / beyond, ticks[-1] * beyond))
