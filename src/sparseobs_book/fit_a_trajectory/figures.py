"""Figures of the page on 4D-Var and iEnKS."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above

BACKGROUND = LOOKS["forecast"]
FIT = LOOKS["4D-Var"]


def compared(table: pd.DataFrame, climatology: float) -> Figure:
    """Draw the stored error of every filter against ensemble size, a panel a noise.

    Args:
        table: columns obs_error_std, method, ensemble_size, rmse, low, high.
        climatology: the error of the climate's mean.
    """
    noises = sorted(table["obs_error_std"].unique())
    figure, panels = plt.subplots(1, len(noises), figsize=(FULL_WIDTH, 3.4), sharey=True, squeeze=False)
    for axes, noise in zip(panels[0], noises, strict=True):
        for method, part in table[table["obs_error_std"] == noise].groupby("method", sort=False):
            look, part = LOOKS[method], part.sort_values("ensemble_size")
            if len(part) == 1:  # without an ensemble
                axes.axhline(part["rmse"].item(), color=look.color, linestyle=look.linestyle, label=method)
                continue
            bars = [part["rmse"] - part["low"], part["high"] - part["rmse"]]
            style = {"color": look.color, "marker": look.marker, "linestyle": look.linestyle, "capsize": 3}
            axes.errorbar(part["ensemble_size"], part["rmse"], bars, label=method, **style)
        climate = LOOKS["climatology"]
        axes.axhline(climatology, color=climate.color, linestyle=climate.linestyle, label="climatology")
        axes.set_title(f"noise {noise:g}", fontsize=10)
        axes.set(xlabel="members", ylim=(0, None))
        axes.set_xticks(sorted(table.query("ensemble_size > 1")["ensemble_size"].unique()))
    panels[0, 0].set_ylabel("analysis RMSE (state units)")
    legend_above(figure, 2)
    return figure


def trajectory(
    truth: ArrayLike, before: ArrayLike, after: ArrayLike, values: ArrayLike, mask: ArrayLike, site: int
) -> Figure:
    """Draw one site over the window, and the error of all sites.

    Args:
        truth: (time, site), from the start of the window on.
        before: the same, from the first guess.
        after: the same, from the fitted state.
        values: (cycle, site), the observations; a cycle is one time later than the start.
        mask: (cycle, site), true where observed.
        site: the one drawn.
    """
    truth, before, after = (np.asarray(each) for each in (truth, before, after))
    times = 0.1 * np.arange(len(truth))
    figure, (one, every) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 4.8), sharex=True)
    seen = np.asarray(mask)[:, site]
    look = LOOKS["observations"]
    one.plot(times, truth[:, site], color="black", label="truth")
    shown = np.asarray(values)[seen, site]
    one.plot(times[1:][seen], shown, look.marker, mfc="none", mec=look.color, ms=7, label="observations")
    for name, states, style in (("before", before, BACKGROUND), ("after", after, FIT)):
        line = {"color": style.color, "linestyle": style.linestyle, "marker": style.marker, "markevery": 1, "ms": 4}
        one.plot(times, states[:, site], label=name, **line)
        every.plot(times, np.sqrt(((states - truth) ** 2).mean(1)), **line)
    one.set(ylabel=f"$x_{{{site}}}$ (state units)")
    every.set(xlabel="model time since the start of the window", ylabel="RMSE (state units)", ylim=(0, None))
    legend_above(figure, 4)
    return figure


def cost_curves(places: ArrayLike, curves: dict[int, ArrayLike]) -> Figure:
    """Draw the misfit along a line of states, a panel a window.

    Args:
        places: (point,), 0 at the truth and 1 at the first guess.
        curves: (point,), noise variances a reading, by the window's cycles.
    """
    figure, panels = plt.subplots(2, 2, figsize=(FULL_WIDTH, 4.8), sharex=True, squeeze=False)
    for axes, (window, curve) in zip(panels.flat, curves.items(), strict=False):
        axes.plot(places, curve, color=FIT.color, linewidth=1.2)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.axvline(1, color=BACKGROUND.color, linewidth=0.8, linestyle="--")
        axes.set_title(f"{window} cycle" + "s" * (window > 1), fontsize=10)
        axes.set_ylim(0, None)
    figure.supxlabel("place on the line: 0 the truth, 1 the first guess", fontsize=10)
    figure.supylabel("misfit (noise variances a reading)", fontsize=10)
    return figure


def errors_by_window(table: pd.DataFrame) -> Figure:
    """Draw the fit's error at start and end of the window against its length.

    Args:
        table: columns window, start, end, "end, no fit".
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    axes.plot(table["window"], table["end, no fit"], color=BACKGROUND.color, linestyle=BACKGROUND.linestyle)
    axes.plot(table["window"], table["end, no fit"], BACKGROUND.marker, color=BACKGROUND.color)
    line = {"color": FIT.color, "marker": FIT.marker}
    axes.plot(table["window"], table["end"], linestyle=FIT.linestyle, label="fitted, at the end", **line)
    axes.plot(table["window"], table["start"], linestyle=":", mfc="white", label="fitted, at the start", **line)
    label = {"color": BACKGROUND.color, "linestyle": BACKGROUND.linestyle, "marker": BACKGROUND.marker}
    axes.plot([], [], label="first guess, at the end", **label)
    axes.set(xlabel="window (cycles)", ylabel="RMSE (state units)", ylim=(0, None))
    legend_above(figure, 2)
    return figure


def grown(straight: ArrayLike, growing: dict[int, ArrayLike]) -> Figure:
    """Draw every truth's misfit while the window grows, and beside it that of the fit of the whole window at once.

    Args:
        straight: (truth,), noise variances a reading.
        growing: the same by the window's cycles.
    """
    windows, curves = list(growing), np.stack([np.asarray(each) for each in growing.values()])
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for place, curve in enumerate(curves.T):
        label = "window grown" if place == 0 else None
        axes.plot(windows, curve, color=FIT.color, linestyle=FIT.linestyle, linewidth=1, label=label)
    style = {"color": BACKGROUND.color, "ms": 7, "clip_on": False, "zorder": 4}
    axes.plot(np.full(len(straight), windows[-1]), straight, "x", label="whole window at once", **style)
    axes.axhline(1, color="black", linestyle=":", linewidth=1, label="misfit of the truth")
    axes.set(xlabel="window (cycles)", ylabel="misfit (noise variances a reading)", yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    legend_above(figure, 2)
    return figure
