"""Figures of filters at work on a ring of sites."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, UNSEEN, legend_above
from sparseobs.scores.intervals import repeat_interval


def error_over_time(
    errors: dict[str, ArrayLike],
    burn_in: int = 0,
    *,
    error_std: float | None = None,
    outage: tuple[int, int] | None = None,
    time_step: float = 0.1,
    label: str = "analysis RMSE (state units)",
    log: bool = False,
) -> Figure:
    """Draw each method's error, or its spread, cycle by cycle.

    Args:
        errors: (cycle,) by method, in the state's units.
        burn_in: cycles that are not scored, shaded.
        error_std: observation noise, drawn as a thin line.
        outage: first cycle without observations and their number, shaded.
        time_step: length of a cycle in model time units.
        label: the axis label with its unit.
        log: whether the axis is logarithmic; otherwise it begins at zero.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for method, error in errors.items():
        look = LOOKS[method]
        times = time_step * np.arange(1, len(error) + 1)
        axes.plot(times, error, color=look.color, linestyle=look.linestyle, linewidth=1.3, label=method)
    if error_std is not None:
        axes.axhline(error_std, color="black", linewidth=0.8, zorder=1, label="noise of an observation")
    if outage:
        first, last = time_step * outage[0], time_step * sum(outage)
        axes.axvspan(first, last, color="0.9", zorder=0, label="nothing observed")
    if burn_in:
        axes.axvspan(0, burn_in * time_step, color="0.92", zorder=0, label="burn-in, not scored")
    axes.set(xlabel="model time", ylabel=label, **{"yscale": "log"} if log else {"ylim": (0, None)})
    axes.margins(x=0)
    legend_above(figure)
    return figure


def truth_and_observations(truth: ArrayLike, values: ArrayLike, mask: ArrayLike, time_step: float = 0.1) -> Figure:
    """Draw a truth (cycle, site) over time beside the only part of it that is observed, the rest grey."""
    truth, values, mask = np.asarray(truth), np.asarray(values), np.asarray(mask)
    limit = np.abs(truth).max()
    extent = (-0.5, truth.shape[1] - 0.5, truth.shape[0] * time_step, 0)
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.6), sharex=True, sharey=True)
    fields = {"the state, never seen": truth, "the observations": np.where(mask, values, np.nan)}
    cmap = plt.get_cmap("RdBu_r").with_extremes(bad=UNSEEN)
    for axes, (title, field) in zip(panels, fields.items(), strict=True):
        image = axes.imshow(
            field, aspect="auto", cmap=cmap, vmin=-limit, vmax=limit, extent=extent, interpolation="nearest"
        )
        axes.set(title=title, xlabel="site $k$")
        axes.grid(False)
    panels[0].set_ylabel("model time (downwards)")
    figure.colorbar(image, ax=panels, label="$x_k$ (state units)")
    return figure


def observed_sites(masks: dict[str, ArrayLike]) -> Figure:
    """Draw which sites each pattern sees: a panel a pattern, (cycle, site), true where observed."""
    layout = {"figsize": (FULL_WIDTH, 4.6), "sharex": True, "sharey": True, "squeeze": False}
    figure, panels = plt.subplots((len(masks) + 1) // 2, 2, **layout)
    for axes, (title, mask) in zip(panels.flat, masks.items(), strict=False):
        cycles, sites = np.nonzero(np.asarray(mask))
        axes.plot(sites, cycles, "s", color=LOOKS["observations"].color, ms=2)
        axes.set(xlim=(-1, np.shape(mask)[1]), ylim=(len(mask) - 0.5, -0.5))
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_title(title, fontsize=10)
    figure.supxlabel("site $k$", fontsize=10)
    figure.supylabel("cycle (downwards)", fontsize=10)
    return figure


def loss_curve(losses: ArrayLike, smoothing: int = 25) -> Figure:
    """Draw the self-supervised loss against optimiser steps, with a running mean and its floor of one."""
    losses = np.asarray(losses)
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 2.8))
    axes.plot(np.arange(1, len(losses) + 1), losses, color="0.75", linewidth=0.6, label="each step")
    window = min(smoothing, len(losses))
    running = np.convolve(losses, np.ones(window) / window, mode="valid")
    look = LOOKS["AmEnF (this page)"]
    axes.plot(np.arange(window, len(losses) + 1), running, color=look.color, label=f"mean of {window} steps")
    axes.axhline(1, color="black", linestyle=":", label="a perfect forecast")
    axes.set(xlabel="optimiser step", ylabel="forecast loss (noise variances)", yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.legend()
    return figure


def error_and_spread(table: pd.DataFrame) -> Figure:
    """Draw every method's RMSE beside its ensemble spread; an honest ensemble has both alike.

    Args:
        table: columns method, rmse, spread.
    """
    table = table.dropna(subset="spread")
    places = np.arange(len(table))
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 2.6))
    colours = [LOOKS[method].color for method in table["method"]]
    error = axes.barh(places - 0.2, table["rmse"], 0.36, color=colours)
    spread = axes.barh(places + 0.2, table["spread"], 0.36, color="white", edgecolor=colours, hatch="////")
    axes.bar_label(error, fmt="error %.2f", padding=3)
    axes.bar_label(spread, fmt="spread %.2f", padding=3)
    axes.set_yticks(places, table["method"])
    axes.invert_yaxis()
    axes.set(xlabel="mean over cycles (state units)")
    axes.margins(x=0.25)
    axes.grid(axis="y", visible=False)
    return figure


def repeated_scores(table: pd.DataFrame, score: str = "rmse", label: str = "analysis RMSE (state units)") -> Figure:
    """Draw a stored score, a dot a repeat and the 95 % interval of their mean, and count the runs lost.

    Below, the same again, as near as the intervals of the best two allow.

    Args:
        table: columns method and the score, a row a repeat; NaN where a method diverged.
        score: the column drawn.
        label: the axis label with its unit.
    """
    methods = list(dict.fromkeys(table["method"]))
    figure, (whole, near) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 1.4 + 0.6 * len(methods)))
    intervals = []
    for place, method in enumerate(methods):
        every = table.loc[table["method"] == method, score]
        values = every.dropna()
        interval = repeat_interval(values)
        intervals.append(interval)
        lost = len(every) - len(values)
        note = f"{interval.mean:.3f}" + (f", {lost} of {len(every)} diverged" if lost else "")
        for axes in (whole, near):
            color = LOOKS[method].color
            axes.plot([interval.low, interval.high], [place, place], color=color, linewidth=5, alpha=0.35)
            axes.plot(values, np.full(len(values), place), "o", mfc="none", mec=color, ms=5)
        whole.annotate(note, (values.max(), place), xytext=(8, 0), textcoords="offset points", va="center")
    for axes in (whole, near):
        axes.set(ylim=(len(methods) - 0.5, -0.5))
        axes.set_yticks(range(len(methods)), methods)
    best = sorted(intervals, key=lambda interval: interval.mean)[:2]
    low, high = min(each.low for each in best), max(each.high for each in best)
    whole.set(xlabel=label, xlim=(0, 1.6 * table[score].max()))
    near.set(xlabel="the same, near the best", xlim=(low - 0.1 * (high - low), high + 0.1 * (high - low)))
    return figure


def rank_histograms(counts: dict[str, ArrayLike]) -> Figure:
    """Draw how often the truth has each rank among the members, a panel a filter, and what an honest one would show.

    Args:
        counts: (rank,) by filter; there may be no filter.
    """
    n_rows, n_columns = max(1, (len(counts) + 1) // 2), min(2, max(1, len(counts)))
    size = (FULL_WIDTH, 0.8 + 2 * n_rows)
    figure, panels = plt.subplots(n_rows, n_columns, figsize=size, sharey=True, squeeze=False)
    for axes, (method, each) in zip(panels.flat, counts.items(), strict=False):
        share = np.asarray(each) / np.sum(np.asarray(each))
        axes.bar(np.arange(len(share)), share, width=0.9, color=LOOKS[method].color)
        axes.axhline(1 / len(share), color="black", linestyle=":", linewidth=1.2, label="an honest ensemble")
        axes.set_title(method, fontsize=10)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="x", visible=False)
    for axes in panels.flat[max(1, len(counts)) :]:
        axes.remove()
    figure.supxlabel("members below the truth" if counts else "no filter that kept its states finite", fontsize=10)
    figure.supylabel("share of sites and cycles", fontsize=10)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center")
    return figure
