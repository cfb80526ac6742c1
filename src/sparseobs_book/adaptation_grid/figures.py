"""Figures of what each adaptation makes of so many stations and so many hours."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above

HORIZONTAL = {"n_times": "hours, $N_{times}$", "lengthening": "steps, times the usual"}


def scores_by_hours(table: pd.DataFrame, score: str, label: str, *, logarithmic: bool = False) -> Figure:
    """Draw a score against the number of hours, a panel a number of stations, a line a method, a dot a seed.

    The frame is that of all methods but sim-only, which may leave it.

    Args:
        table: `n_stations`, `n_times`, `seed`, `method` and the score.
        score: column.
        label: of the axis, with its unit.
        logarithmic: whether the score's axis is; it must be above zero then.
    """
    figure, panels = _panels(table)
    for (n_stations, part), ax in zip(table.groupby("n_stations"), panels, strict=True):
        for method, rows in part.groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["n_times"], rows[score], ".", color=look.color, ms=3)
            mean = rows.groupby("n_times")[score].mean()
            ax.plot(mean.index, mean, **look._asdict(), ms=5, lw=1.4, label=method)
        _finish(ax, n_stations, table)
    others = table.loc[table["method"] != "sim-only", score]
    if logarithmic:
        panels[0].set_yscale("log")
        panels[0].set_ylim(others.min() / 1.1, others.max() * 1.1)
        ticks = [tick for tick in (0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5) if others.min() / 1.1 <= tick <= others.max() * 1.1]
        panels[0].set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        panels[0].yaxis.set_minor_locator(NullLocator())
    else:
        panels[0].set_ylim(others.min() - 0.1 * np.ptp(others), others.max() + 0.1 * np.ptp(others))
    panels[0].set_ylabel(label)
    legend_above(figure, fontsize=9)
    return figure


def gain(table: pd.DataFrame, score: str, label: str, along: str = "n_times") -> Figure:
    """Draw how far Sim2Real is ahead of the others, with the interval of every seed.

    Args:
        table: `n_stations`, `seed`, `method`, the column `along` and `SCORE_gap`, `SCORE_low`, `SCORE_high`.
        score: `mae` or `nll`.
        label: of the axis, with its unit.
        along: `n_times`, or `lengthening`.
    """
    figure, panels = _panels(table)
    others = [method for method in dict.fromkeys(table["method"]) if method != "Sim2Real"]
    for (n_stations, part), ax in zip(table.groupby("n_stations"), panels, strict=True):
        ax.axhline(0, color="black", lw=0.8)
        for number, method in enumerate(others):
            rows, look = part[part["method"] == method], LOOKS[method]
            for seed, one in rows.groupby("seed"):
                shift = 1.07 ** (2 * (number - len(others) / 2) + seed)
                bounds = one[f"{score}_low"], one[f"{score}_high"]
                ax.vlines(one[along] * shift, *bounds, color=look.color, lw=1.2)
                ax.plot(one[along] * shift, one[f"{score}_gap"], look.marker, color=look.color, ms=4)
            ax.plot([], [], look.marker, color=look.color, ms=5, label=method)
        _finish(ax, n_stations, table, along)
    panels[0].set_ylabel(label)
    legend_above(figure, fontsize=9)
    return figure


def _panels(table: pd.DataFrame) -> tuple[Figure, list[Axes]]:
    n_panels = table["n_stations"].nunique()
    figure, axes = plt.subplots(1, n_panels, figsize=(FULL_WIDTH, 3.6), sharey=True, squeeze=False)
    return figure, list(axes[0])


def _finish(ax: Axes, n_stations: int, table: pd.DataFrame, along: str = "n_times") -> None:
    ticks = sorted(table[along].unique())
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks], rotation=45)
    ax.minorticks_off()
    ax.set(title=f"{n_stations} stations", xlabel=HORIZONTAL[along])


def winners(table: pd.DataFrame, score: str) -> Figure:
    """Draw which method has the lowest mean score, a cell a number of stations and hours, and by how much.

    Args:
        table: `n_stations`, `n_times`, `method` and the score; a mean over seeds is taken.
        score: column.
    """
    means = table.groupby(["n_stations", "n_times", "method"])[score].mean().unstack()
    stations, hours = (sorted(means.index.unique(level)) for level in (0, 1))
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 0.9 + 0.62 * len(stations)))
    for row, n_stations in enumerate(stations):
        for column, n_times in enumerate(hours):
            if (n_stations, n_times) not in means.index:
                continue
            values = means.loc[(n_stations, n_times)].dropna().sort_values()
            look = LOOKS[values.index[0]]
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, color=look.color, alpha=0.35, lw=0))
            name = values.index[0].replace(" (", "\n(").replace("frozen ", "frozen\n").replace(" + ", "\n+ ")
            ahead = f"{name}\n{values.iloc[0]:.2f} (next {values.iloc[1]:.2f})"
            ax.text(column, row, ahead, ha="center", va="center", fontsize=8)
    ax.set_xticks(range(len(hours)), [f"{n:g}" for n in hours])
    ax.set_yticks(range(len(stations)), [f"{n:g}" for n in stations])
    ax.set(xlabel="hours, $N_{times}$", ylabel="stations", xlim=(-0.5, len(hours) - 0.5))
    ax.set_ylim(-0.5, len(stations) - 0.5)
    ax.grid(False)
    return figure


def returns(steps: pd.DataFrame, label: str) -> Figure:
    """Draw what more stations and more hours change in a score, a panel each; bars run over all cells and seeds.

    Args:
        steps: `method`, `more`, `start`, `end`, `change`, `least`, `greatest`.
        label: of the vertical axis, with its unit.
    """
    panels, methods = list(dict.fromkeys(steps["more"])), list(dict.fromkeys(steps["method"]))
    widths = [steps.loc[steps["more"] == more, "start"].nunique() for more in panels]
    sizes = {"figsize": (FULL_WIDTH, 3.6), "sharey": True, "squeeze": False}
    figure, axes = plt.subplots(1, len(panels), **sizes, gridspec_kw={"width_ratios": widths})
    for more, ax in zip(panels, axes[0], strict=True):
        part = steps[steps["more"] == more]
        names = [f"{start:g}\nto {end:g}" for start, end in part[["start", "end"]].drop_duplicates().to_numpy()]
        ax.axhline(0, color="black", lw=0.8)
        for number, method in enumerate(methods):
            rows, look = part[part["method"] == method], LOOKS[method]
            places = np.arange(len(rows)) + 0.12 * (number - (len(methods) - 1) / 2)
            ax.vlines(places, rows["least"], rows["greatest"], color=look.color, lw=1.2)
            ax.plot(places, rows["change"], look.marker, color=look.color, ms=5, label=method)
        ax.set_xticks(range(len(names)), names)
        ax.set(title=f"more {more}", xlim=(-0.5, len(names) - 0.5))
    axes[0][0].set_ylabel(label)
    legend_above(figure, fontsize=9)
    return figure


def losses_by_epoch(histories: dict[str, pd.DataFrame], kept: dict[str, int]) -> Figure:
    """Draw the validation loss of trainings, a line a method; a ring marks the epoch that is kept.

    Args:
        histories: `epoch` and `validation_nll`, by method; one of a single epoch is drawn as a level.
        kept: epochs by method.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    for method, history in histories.items():
        look, losses = LOOKS[method], history["validation_nll"]
        if len(history) == 1:
            ax.axhline(losses.iloc[0], color=look.color, linestyle=look.linestyle, label=method)
            continue
        ax.plot(history["epoch"], losses, **look._asdict(), ms=4, lw=1.4, label=method)
        best = history[history["epoch"] == kept[method]]
        ax.plot(best["epoch"], best["validation_nll"], "o", color="black", mfc="none", ms=11)
    ax.set(xlabel="epoch", ylabel="validation loss (normalised)")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(fontsize=9)
    return figure
