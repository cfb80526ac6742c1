"""Figures of one system: its truth, what a filter makes of it, and what the filter leaves wrong."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.scores.intervals import repeat_interval


def truth_analysis_error(truth: ArrayLike, analysis: ArrayLike, cycle_time: float, label: str) -> Figure:
    """Draw a truth, an analysis of it and their difference below one another, the first two on one scale.

    Args:
        truth: (time, site).
        analysis: the same shape.
        cycle_time: time units between rows.
        label: symbol of the variable.
    """
    truth, analysis = np.asarray(truth), np.asarray(analysis)
    error = analysis - truth
    extent = (0, truth.shape[0] * cycle_time, -0.5, truth.shape[1] - 0.5)
    figure, panels = plt.subplots(3, 1, figsize=(FULL_WIDTH, 6.0), sharex=True)
    fields = {"truth": truth, "analysis": analysis, "analysis - truth": error}
    limits = (np.abs(truth).max(), np.abs(truth).max(), np.abs(error).max())
    for axes, (title, field), limit in zip(panels, fields.items(), limits, strict=True):
        options = {"aspect": "auto", "cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        image = axes.imshow(field.T, extent=extent, origin="lower", **options)
        axes.set(title=title, ylabel="site $k$")
        axes.grid(False)
        figure.colorbar(image, ax=axes, label=label if field is not error else f"error of {label}")
    panels[-1].set_xlabel("model time")
    return figure


def spectra(fields: dict[str, ArrayLike], labels: dict[str, str] | None = None) -> Figure:
    """Draw root-mean-square amplitudes by wavenumber.

    Args:
        fields: (wave,) amplitudes by method, `truth` or `observations` among them; wave 0 is left out.
        labels: what the legend says instead of a key.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for name, amplitudes in fields.items():
        look = LOOKS[name]
        amplitudes = np.asarray(amplitudes)[1:]
        waves = np.arange(1, len(amplitudes) + 1)
        options = {"color": look.color, "linestyle": look.linestyle, "linewidth": 1.5}
        axes.plot(waves, amplitudes, label=(labels or {}).get(name, name), **options)
    axes.set(xlabel="wavenumber around the ring", ylabel="amplitude (state units)", yscale="log", xscale="log")
    highest = max(np.max(np.asarray(values)[1:]) for values in fields.values())
    axes.set_ylim(highest * 1e-4, highest * 2)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(plt.NullLocator())
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def grouped_bars(values: dict[str, ArrayLike], groups: list[str], label: str) -> Figure:
    """Draw a bar a method in every group, with its number.

    Args:
        values: (group,) by method.
        groups: their names.
        label: the axis label with its unit.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    width = 0.8 / len(values)
    hatches = ["", "////", "....", "xx"]
    for place, (method, numbers) in enumerate(values.items()):
        at = np.arange(len(groups)) + (place - (len(values) - 1) / 2) * width
        look = {"color": "white", "edgecolor": LOOKS[method].color, "hatch": hatches[place % 4]}
        if place == 0:
            look = {"color": LOOKS[method].color}
        axes.bar_label(axes.bar(at, numbers, 0.9 * width, label=method, **look), fmt="%.2f", padding=2)
    axes.set_xticks(range(len(groups)), groups)
    axes.set(ylabel=label)
    axes.margins(y=0.15)
    axes.grid(axis="x", visible=False)
    figure.legend(loc="outside upper center", ncols=len(values))
    return figure


OBJECTIVES = ("forecast", "likelihood", "supervised forecast", "supervised analysis", "analysis")
STRIDES = {1: "every site observed"}


def scores_by_objective(table: pd.DataFrame) -> Figure:
    """Draw each objective's analysis RMSE, a panel a stride, with the noise of an observation.

    Args:
        table: columns stride, objective, obs_error_std, rmse; a row a seed.
    """
    table = table.assign(objective=table["objective"].str.replace("_", " "))
    strides = sorted(table["stride"].unique())
    figure, panels = plt.subplots(1, len(strides), figsize=(FULL_WIDTH, 3.0), sharey=True, squeeze=False)
    shown = [name for name in OBJECTIVES if name in set(table["objective"])]
    for axes, stride in zip(panels.flat, strides, strict=True):
        part = table[table["stride"] == stride]
        for place, name in enumerate(shown):
            values, look = part.loc[part["objective"] == name, "rmse"].to_numpy(), LOOKS[name]
            axes.plot(values, np.full(len(values), place), "o", mfc="none", mec=look.color, ms=4, alpha=0.7)
            axes.plot(values.mean(), place, look.marker, color=look.color, ms=6)
            if len(values) > 1:
                axes.hlines(place, *repeat_interval(values)[1:3], color=look.color, linewidth=4, alpha=0.3)
        noise = part["obs_error_std"].iloc[0]
        axes.axvline(noise, color="black", linewidth=0.8, linestyle=":", zorder=1)
        axes.annotate("noise", (noise, -0.55), xytext=(3, 0), textcoords="offset points")
        axes.set_title(STRIDES.get(stride, f"one site in {stride} observed"), fontsize=10)
        axes.set(xlim=(0, None), ylim=(len(shown) - 0.4, -0.8))
        axes.grid(axis="y", visible=False)
    panels[0, 0].set_yticks(range(len(shown)), shown)
    figure.supxlabel("analysis RMSE (state units)", fontsize=10)
    return figure


def misfit_while_training(table: pd.DataFrame, error_std: float) -> Figure:
    """Draw, while filters are trained, how far their analyses are from the observations and from the truth.

    Args:
        table: columns objective, step, misfit, rmse_observed.
        error_std: noise of an observation.
    """
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.2), sharey=True)
    titles = {"misfit": "distance from the observation", "rmse_observed": "distance from the truth"}
    for axes, (column, title) in zip(panels, titles.items(), strict=True):
        for objective, part in table.groupby("objective", sort=False):
            name = objective.replace("_", " ")
            axes.plot(part["step"], part[column], **LOOKS[name]._asdict(), ms=5, label=name)
        axes.axhline(error_std, color="black", linewidth=0.8, linestyle=":", label="noise of an observation")
        axes.set_title(title, fontsize=10)
        axes.set(xlabel="optimiser step", ylim=(0, None))
    panels[0].set_ylabel("RMS at observed sites (state units)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def scores_by_unroll(table: pd.DataFrame) -> Figure:
    """Draw the analysis RMSE against the cycles that gradients flow through, by protocol of the first ensemble.

    Args:
        table: columns protocol, unroll, rmse; a row a seed.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    for shift, (protocol, part) in zip((1.0, 1.08), table.groupby("protocol", sort=False), strict=False):
        name = f"protocol {protocol}"
        look, groups = LOOKS[name], part.groupby("unroll")["rmse"]
        places = groups.mean().index.to_numpy() * shift
        axes.plot(places, groups.mean(), look.marker, color=look.color, linestyle=look.linestyle, label=name)
        for place, (_, values) in zip(places, groups, strict=True):
            axes.plot(np.full(len(values), place), values, "o", mfc="none", mec=look.color, ms=4, alpha=0.7)
    unrolls = sorted(table["unroll"].unique())
    axes.set(xlabel="cycles in an unroll", ylabel="analysis RMSE (state units)", xscale="log")
    axes.set_xticks(unrolls, [f"{unroll:g}" for unroll in unrolls])
    axes.xaxis.set_minor_locator(plt.NullLocator())
    axes.legend()
    return figure


def differences(table: pd.DataFrame, by: str, label: str) -> Figure:
    """Draw paired differences, a row each, with their 95 % intervals; right of zero is worse.

    Args:
        table: columns `by`, difference, low, high.
        by: column that names the rows.
        label: of the axis, with its unit.
    """
    look = LOOKS["AmEnF"]
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 0.7 + 0.38 * len(table)))
    places = np.arange(len(table))
    axes.hlines(places, table["low"], table["high"], color=look.color, linewidth=4, alpha=0.3)
    axes.plot(table["difference"], places, look.marker, color=look.color, ms=6, linestyle="")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(places, table[by])
    axes.set(xlabel=label, ylim=(len(table) - 0.5, -0.5))
    axes.grid(axis="y", visible=False)
    return figure
