"""Figures of length scales: one wave on a map, what comes back by wavelength, and the shortest wave resolved."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above

DASHES = ((0, (1, 1)), (0, (4, 2)), (0, (6, 1, 1, 1)))  # of the lines that mark spacings


def wave_maps(rows: list[dict[str, np.ndarray]], places: np.ndarray, step: float, titles: list[str]) -> Figure:
    """Draw waves and what comes back of them, a row a wave, on one scale of colours.

    Args:
        rows: (row, column) fields by name.
        places: (station, 2), km north and east of the map's corner.
        step: km between rows and columns.
        titles: of the rows.
    """
    size = (FULL_WIDTH, 0.6 + 1.6 * len(rows))
    figure, axes = plt.subplots(len(rows), len(rows[0]), figsize=size, sharex=True, sharey=True, squeeze=False)
    for line, (maps, title) in zip(axes, zip(rows, titles, strict=True), strict=True):
        for ax, (name, field) in zip(line, maps.items(), strict=True):
            extent = (0, step * field.shape[1], 0, step * field.shape[0])
            image = ax.imshow(field, cmap="RdBu_r", vmin=-1, vmax=1, origin="lower", extent=extent)
            if field is next(iter(maps.values())):
                ax.plot(places[:, 1], places[:, 0], ".", color="black", markersize=1.5)
            ax.set(xlim=extent[:2], ylim=extent[2:])
            ax.set_title(name, fontsize=9)
            ax.grid(False)
        line[0].set_ylabel(f"{title}\nkm")
    for ax in axes[-1]:
        ax.set_xlabel("km")
    figure.colorbar(image, ax=axes, shrink=0.8, label="share of the amplitude")
    return figure


def transfer_curves(
    panels: dict[str, pd.DataFrame], score: str, label: str, marks: dict[str, float], level: float | None = None
) -> Figure:
    """Draw a score against wavelength, a panel a table, a line a method; a band spans the seeds.

    Args:
        panels: by title, `method`, `seed`, `wavelength` and the score; methods are of `LOOKS`.
        score: column.
        label: of the vertical axis.
        marks: wavelengths of vertical lines, by name, at most three.
        level: of a horizontal line.
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(FULL_WIDTH, 3.5), sharey=True, squeeze=False)
    for ax, (title, table) in zip(axes[0], panels.items(), strict=True):
        for method, rows in table.groupby("method", sort=False):
            _band(ax, rows, score, method)
        for (name, wavelength), dashes in zip(marks.items(), DASHES, strict=False):
            ax.axvline(wavelength, color="0.4", linestyle=dashes, linewidth=1, label=name)
        if level is not None:
            ax.axhline(level, color="black", linewidth=0.8)
        _wavelengths(ax, table)
        ax.set_title(title, fontsize=10)
        ax.set_ylim(min(-0.05, table[score].min()), 1.05 * max(1, table[score].max()))
    axes[0][0].set_ylabel(label)
    legend_above(figure, fontsize=8)
    return figure


def _band(ax: Axes, rows: pd.DataFrame, score: str, method: str) -> None:
    """Draw the mean over seeds and the range of the seeds."""
    look, seeds = LOOKS[method], rows.groupby("wavelength")[score]
    mean = seeds.mean()
    ax.plot(mean.index, mean, **look._asdict(), markersize=4, linewidth=1.4, label=method)
    ax.fill_between(mean.index, seeds.min(), seeds.max(), color=look.color, alpha=0.15, linewidth=0)


def _wavelengths(ax: Axes, table: pd.DataFrame, unit: str = "km") -> None:
    """Make the horizontal axis logarithmic, with plain numbers."""
    known = (0.1, 0.2, 0.5, 1, 20, 40, 80, 160, 320, 640)
    low, high = table["wavelength"].min(), table["wavelength"].max()
    ticks = [tick for tick in known if low <= tick <= high]
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xlabel(f"wavelength ({unit if high > 10 else 'units of length'})")


def shortest_waves(rows: pd.DataFrame, titles: dict[str, str], marks: dict[str, float]) -> Figure:
    """Draw the shortest wave that each method resolves, a panel a context, with intervals over seeds.

    Args:
        rows: `context`, `method`, `mean`, `low`, `high` (km); an infinite mean is drawn at the right edge as an arrow.
        titles: of the panels, by context.
        marks: wavelengths of vertical lines, by name, at most three.
    """
    rows = rows[rows["context"].isin(list(titles))]
    methods, known = list(dict.fromkeys(rows["method"])), rows["mean"][np.isfinite(rows["mean"])]
    figure, axes = plt.subplots(
        1, len(titles), figsize=(FULL_WIDTH, 1.3 + 0.3 * len(methods)), sharey=True, sharex=True
    )
    for ax, (context, title) in zip(np.atleast_1d(axes), titles.items(), strict=True):
        for _, row in rows[rows["context"] == context].iterrows():
            _one_scale(ax, row, methods.index(row["method"]))
        for (name, wavelength), dashes in zip(marks.items(), DASHES, strict=False):
            ax.axvline(wavelength, color="0.4", linestyle=dashes, linewidth=1, label=name)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="wavelength (km)", xlim=(0, 1.25 * known.max() if len(known) else None))
    first = np.atleast_1d(axes)[0]
    first.set_yticks(range(len(methods)), methods)
    first.margins(y=0.15)
    first.invert_yaxis()
    legend_above(figure, fontsize=8)
    return figure


def _one_scale(ax: Axes, row: pd.Series, place: int) -> None:
    look = LOOKS[row["method"]]
    if np.isinf(row["mean"]):
        ax.annotate("none", (1, place), xycoords=("axes fraction", "data"), ha="right", va="center", fontsize=8)
        return
    ax.plot(row["mean"], place, look.marker, color=look.color, markersize=6)
    ax.hlines(place, row["low"], row["high"], color=look.color, linewidth=1.5)


def scales_by_tasks(rows: pd.DataFrame) -> Figure:
    """Draw the shortest wave resolved on a line against the number of tasks of reality, a panel a context.

    Args:
        rows: `context`, `method`, `n_tasks` (0 before adapting, missing
            for exact predictions, drawn as level lines), `mean`, `low`, `high`, units of length.
    """
    contexts = list(dict.fromkeys(rows["context"]))
    figure, axes = plt.subplots(1, len(contexts), figsize=(FULL_WIDTH, 3.3), squeeze=False)
    for ax, context in zip(axes[0], contexts, strict=True):
        part = rows[rows["context"] == context]
        counts = sorted(part["n_tasks"].dropna().unique())
        for number, (method, found) in enumerate(part[part["n_tasks"].notna()].groupby("method", sort=False)):
            look = LOOKS[method]
            at = np.searchsorted(counts, found["n_tasks"]) + 0.1 * (number - 1)
            ax.plot(at, found["mean"], **look._asdict(), markersize=5, label=method)
            ax.vlines(at, found["low"], found["high"], color=look.color, linewidth=1.5)
        for _, row in part[part["n_tasks"].isna()].iterrows():
            look = LOOKS[row["method"]]
            ax.axhline(row["mean"], color=look.color, linestyle=look.linestyle, linewidth=1.2, label=row["method"])
        ax.set_xticks(range(len(counts)), ["none" if not n else "∞" if np.isinf(n) else f"{n:g}" for n in counts])
        ax.set(title=context, xlabel="tasks of reality", ylim=(0, None))
    axes[0][0].set_ylabel("shortest wave (units of length)")
    legend_above(figure, fontsize=8)
    return figure
