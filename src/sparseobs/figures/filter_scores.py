"""Figures of filters side by side: scores against ensemble size, spread against error."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from sparseobs.figures.style import FULL_WIDTH, LOOKS, TITLES, legend_above
from sparseobs.scores.intervals import repeat_interval


def scores_by_ensemble_size(
    table: pd.DataFrame, score: str = "rmse", label: str = "analysis RMSE (state units)", *, log: bool = False
) -> Figure:
    """Draw a stored score against ensemble size, a column of panels a noise, a row a system if there are several.

    Repeats are circles, their mean a marker, its 95 % interval a bar. What has an ensemble size of 1 carries a single
    state and is drawn as a line across, at its mean. Every run that diverged (NaN) is a cross at the top of the panel.

    Args:
        table: columns method, obs_error_std, ensemble_size and the score; system, where there are several.
        score: the column drawn.
        label: the axis label with its unit.
        log: whether the score's axis is logarithmic.
    """
    if "system" not in table:
        table = table.assign(system="")
    systems, noises = list(dict.fromkeys(table["system"])), sorted(set(table["obs_error_std"]))
    height = 1.2 + 2.7 * len(systems)
    figure, panels = plt.subplots(len(systems), len(noises), figsize=(FULL_WIDTH, height), squeeze=False)
    for row, system in zip(panels, systems, strict=True):
        for axes, noise in zip(row, noises, strict=True):
            axes.set_yscale("log" if log else "linear")
            _draw_case(axes, table[(table["system"] == system) & (table["obs_error_std"] == noise)], score)
            title = f"{TITLES.get(system, '')}\nnoise {noise:g}".removeprefix("\n")
            axes.set(title=title, xlabel="ensemble members")
            if log:
                plain_numbers(axes.yaxis)
            else:
                axes.set_ylim(bottom=0)
        row[0].set_ylabel(label)
    if table.loc[table["ensemble_size"] > 1, score].isna().any():
        panels[0, 0].plot([], [], "x", color="black", label="a run that diverged")
    legend_above(figure)
    return figure


def plain_numbers(*axes: Axis) -> None:
    """Label 1, 2 and 5 of every decade of logarithmic axes, as plain numbers."""
    for axis in axes:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")


def _draw_case(axes: Axes, table: pd.DataFrame, score: str) -> None:
    """Draw one system and noise."""
    several = table[table["ensemble_size"] > 1]
    sizes, methods = sorted(set(several["ensemble_size"])), list(dict.fromkeys(several["method"]))
    for place, method in zip(np.linspace(-0.2, 0.2, len(methods)), methods, strict=True):
        cases = several[several["method"] == method]
        _draw_sizes(axes, [cases.loc[cases["ensemble_size"] == size, score] for size in sizes], place, method)
    for method, values in table[table["ensemble_size"] == 1].groupby("method", sort=False)[score]:
        look, mean = LOOKS[method], values.mean()
        lost = values.isna().sum()
        name = f"{method} ({lost} of {len(values)} diverged)" if lost else method
        axes.axhline(mean, color=look.color, linestyle=look.linestyle, linewidth=1.2, label=name, zorder=1)
    axes.set_xticks(range(len(sizes)), sizes)
    axes.margins(y=0.25)  # room for the crosses
    if table.empty:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "not in the stored table", ha="center", transform=axes.transAxes)


def _draw_sizes(axes: Axes, repeats: list[pd.Series], place: float, method: str) -> None:
    """Draw one method: a mean, its interval and its repeats at every size, and how many runs diverged."""
    look = LOOKS[method]
    finite = [every.dropna() for every in repeats]
    places = place + np.arange(len(repeats))
    means = [values.mean() for values in finite]
    axes.plot(places, means, color=look.color, marker=look.marker, linestyle=look.linestyle, label=method, ms=5)
    for x, every, values in zip(places, repeats, finite, strict=True):
        axes.plot(np.full(len(values), x), values, "o", mfc="none", mec=look.color, ms=3.5, alpha=0.6)
        if len(values) > 1:
            interval = repeat_interval(values)
            axes.plot([x, x], [interval.low, interval.high], color=look.color, linewidth=4, alpha=0.3)
        lost = len(every) - len(values)
        heights, in_panel = 0.98 - 0.06 * np.arange(lost), axes.get_xaxis_transform()
        axes.plot(np.full(lost, x), heights, "x", color=look.color, ms=6, transform=in_panel)


def spread_against_error(table: pd.DataFrame) -> Figure:
    """Draw every case's ensemble spread against its error, a panel a system; on the line both are alike.

    Args:
        table: columns system, method, obs_error_std, ensemble_size, rmse and spread, a row a repeat; repeats are
            averaged. Open markers are the smaller noise, filled ones the larger.
    """
    systems, noises = list(dict.fromkeys(table["system"])), sorted(set(table["obs_error_std"]))
    keys = ["system", "method", "obs_error_std", "ensemble_size"]
    means = table.dropna(subset=["rmse", "spread"]).groupby(keys, sort=False)[["rmse", "spread"]].mean().reset_index()
    figure, panels = plt.subplots(len(systems), 1, figsize=(FULL_WIDTH, 0.8 + 2.3 * len(systems)), squeeze=False)
    for axes, system in zip(panels[:, 0], systems, strict=True):
        part = means[means["system"] == system]
        for (method, noise), cases in part.groupby(["method", "obs_error_std"], sort=False):
            look = LOOKS[method]
            fill = "none" if noise == noises[0] else look.color
            axes.plot(cases["rmse"], cases["spread"], look.marker, mec=look.color, mfc=fill, ms=6, label=method)
        ends = [0.8 * part[["rmse", "spread"]].min().min(), 1.25 * part[["rmse", "spread"]].max().max()]
        axes.plot(ends, ends, color="black", linewidth=0.8, zorder=1)
        axes.set(title=TITLES.get(system, system), ylabel="ensemble spread", xscale="log", yscale="log")
        plain_numbers(axes.xaxis, axes.yaxis)
    axes.set_xlabel("analysis RMSE (state units)")
    legend_above(figure, 4)
    return figure
