"""Figures of length scales: one wave on a map, what comes back by wavelength, and the shortest wave resolved."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above

DASHES = ((0, (1, 1)), (0, (4, 2)), (0, (6, 1, 1, 1)))  # of the lines that mark spacings
TICKS = (0.1, 0.2, 0.5, 1, 20, 40, 80, 160, 320, 640)  # wavelengths


def wave_maps(maps: dict[str, np.ndarray], places: np.ndarray, step: float) -> Figure:
    """Draw a wave and what comes back of it, two maps a row, on one scale of colours.

    Args:
        maps: (row, column) fields by name, the wave first.
        places: (station, 2), km north and east of the map's corner, drawn on the first map.
        step: km between rows and columns.
    """
    size = (FULL_WIDTH, 2.4 * -(-len(maps) // 2))
    figure, axes = plt.subplots(-(-len(maps) // 2), 2, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax, (name, field) in zip(axes.flat, maps.items(), strict=False):
        extent = (0, step * field.shape[1], 0, step * field.shape[0])
        image = ax.imshow(field, cmap="RdBu_r", vmin=-1, vmax=1, origin="lower", extent=extent)
        ax.set(xlim=extent[:2], ylim=extent[2:])
        ax.set_title(name, fontsize=10)
        ax.grid(False)
    axes[0, 0].plot(places[:, 1], places[:, 0], ".", color="black", markersize=1.5)
    figure.supxlabel("km eastward", fontsize=10)
    figure.supylabel("km northward", fontsize=10)
    figure.colorbar(image, ax=axes, shrink=0.8, label="share of the amplitude")
    return figure


def transfer_curves(panels: dict[str, pd.DataFrame], score: str, label: str, marks: dict[str, float]) -> Figure:
    """Draw a score against wavelength, a panel a table, a line a method, beside a level line at one half.

    A band spans the seeds.

    Args:
        panels: by title, `method`, `seed`, `wavelength` and the score; methods are of `LOOKS`.
        score: column.
        label: of the vertical axis.
        marks: wavelengths of vertical lines, by name, at most three.
    """
    figure, axes = plt.subplots(len(panels), 1, figsize=(FULL_WIDTH, 1.2 + 2.8 * len(panels)), squeeze=False)
    for ax, (title, table) in zip(axes[:, 0], panels.items(), strict=True):
        for method, rows in table.groupby("method", sort=False):
            look, seeds = LOOKS[method], rows.groupby("wavelength")[score]
            ax.plot(seeds.mean(), **look._asdict(), markersize=4, linewidth=1.4, label=method)
            ax.fill_between(seeds.mean().index, seeds.min(), seeds.max(), color=look.color, alpha=0.15, linewidth=0)
        for (name, wavelength), dashes in zip(marks.items(), DASHES, strict=False):
            ax.axvline(wavelength, color="0.4", linestyle=dashes, linewidth=1, label=name)
        ax.axhline(0.5, color="black", linewidth=0.8)
        low, high = table["wavelength"].min(), table["wavelength"].max()
        ticks = [tick for tick in TICKS if low <= tick <= high]
        ax.set_xscale("log")
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.set(title=title, ylabel=label, xlabel=f"wavelength ({'km' if high > 10 else 'units of length'})")
        ax.set_ylim(min(-0.05, 1.05 * table[score].min()), 1.05 * max(1, table[score].max()))
    legend_above(figure, 2)
    return figure


def shortest_waves(rows: pd.DataFrame, titles: dict[str, str], marks: dict[str, float]) -> Figure:
    """Draw the shortest wave that each method resolves, a panel a context, with intervals over seeds.

    Args:
        rows: `context`, `method`, `mean`, `low`, `high` (km); an infinite mean is written as `none`.
        titles: of the panels, by context.
        marks: wavelengths of vertical lines, by name, at most three.
    """
    parts = {title: rows[rows["context"] == context] for context, title in titles.items()}
    heights = [len(part) for part in parts.values()]
    size = (FULL_WIDTH, 1.5 + 0.5 * len(parts) + 0.25 * sum(heights))
    figure, axes = plt.subplots(len(parts), 1, figsize=size, sharex=True, squeeze=False, height_ratios=heights)
    for ax, (title, part) in zip(axes[:, 0], parts.items(), strict=True):
        for place, row in enumerate(part.itertuples()):
            look = LOOKS[row.method]
            if np.isinf(row.mean):
                ax.annotate("none", (1, place), xycoords=("axes fraction", "data"), ha="right", va="center")
                continue
            ax.plot(row.mean, place, look.marker, color=look.color, markersize=6)
            ax.hlines(place, row.low, row.high, color=look.color, linewidth=1.5)
        for (name, wavelength), dashes in zip(marks.items(), DASHES, strict=False):
            ax.axvline(wavelength, color="0.4", linestyle=dashes, linewidth=1, label=name)
        ax.set_yticks(range(len(part)), part["method"])
        ax.set(title=title, ylim=(len(part) - 0.5, -0.5))
    axes[-1, 0].set(xlabel="wavelength (km)", xlim=(0, None))
    legend_above(figure, 1)
    return figure


def scales_by_tasks(rows: pd.DataFrame) -> Figure:
    """Draw the shortest wave resolved on a line against the number of tasks of reality, a panel a context.

    Args:
        rows: `context`, `method`, `n_tasks` (0 before adapting, missing for exact predictions, drawn as level lines),
            `mean`, `low`, `high`, units of length.
    """
    contexts = list(dict.fromkeys(rows["context"]))
    figure, axes = plt.subplots(1, len(contexts), figsize=(FULL_WIDTH, 3.8), squeeze=False)
    for ax, context in zip(axes[0], contexts, strict=True):
        part = rows[rows["context"] == context]
        counts = sorted(part["n_tasks"].dropna().unique())
        for number, (method, found) in enumerate(part[part["n_tasks"].notna()].groupby("method", sort=False)):
            look = LOOKS[method]
            at = np.searchsorted(counts, found["n_tasks"]) + 0.1 * (number - 1)
            ax.plot(at, found["mean"], **look._asdict(), markersize=5, label=method)
            ax.vlines(at, found["low"], found["high"], color=look.color, linewidth=1.5)
        for row in part[part["n_tasks"].isna()].itertuples():
            look = LOOKS[row.method]
            ax.axhline(row.mean, color=look.color, linestyle=look.linestyle, linewidth=1.2, label=row.method)
        ax.set_xticks(range(len(counts)), ["none" if not n else "∞" if np.isinf(n) else f"{n:g}" for n in counts])
        ax.set(title=context, xlabel="tasks of reality", ylim=(0, None))
    axes[0][0].set_ylabel("shortest wave (units of length)")
    legend_above(figure, 2)
    return figure
