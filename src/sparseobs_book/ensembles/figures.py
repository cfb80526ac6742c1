"""Figures of ensembles: whether they collapse, where their members go, and whether their spread is honest."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

LEAST_SPREAD = 1e-7  # of a state of order one in single precision: below it all members are one


def spread_over_time(spreads: dict[str, ArrayLike], error_std: float, *, time_step: float = 0.1) -> Figure:
    """Draw each filter's ensemble spread, cycle by cycle, on a logarithmic axis.

    Args:
        spreads: (cycle,) by filter, in the state's units; what is below single precision is drawn at its floor.
        error_std: observation noise, drawn as a thin line.
        time_step: length of a cycle in model time units.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for method, spread in spreads.items():
        look = LOOKS[method]
        times = time_step * np.arange(1, len(spread) + 1)
        drawn = np.maximum(np.asarray(spread), LEAST_SPREAD)
        axes.plot(times, drawn, color=look.color, linestyle=look.linestyle, linewidth=1.5, label=method)
    axes.axhline(error_std, color="black", linewidth=0.8, zorder=1, label="noise of an observation")
    axes.set(xlabel="model time", ylabel="ensemble spread (state units)", yscale="log")
    axes.margins(x=0)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def members_at_a_site(panels: dict[str, tuple[ArrayLike, ...]], *, time_step: float = 0.1) -> Figure:
    """Draw members, truth and observations of one site over time, a panel a case.

    Args:
        panels: by title: members (cycle, member), truth (cycle,), observed values (cycle,), mask (cycle,).
        time_step: length of a cycle in model time units.
    """
    figure, rows = plt.subplots(len(panels), 1, figsize=(FULL_WIDTH, 0.6 + 1.7 * len(panels)), sharex=True, sharey=True)
    for axes, (title, case) in zip(np.atleast_1d(rows), panels.items(), strict=True):
        members, truth, values, mask = (np.asarray(each) for each in case)
        times = time_step * np.arange(len(truth))
        lines = axes.plot(times, members, color=LOOKS["AmEnF"].color, linewidth=0.6, alpha=0.6)
        lines[0].set_label("members")
        axes.plot(times, truth, color=LOOKS["truth"].color, linewidth=1.3, linestyle="--", label="truth")
        look = LOOKS["observations"]
        axes.plot(times[mask], values[mask], "o", mfc="white", mec=look.color, ms=4, label="observations")
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_ylabel("$x_k$ (state units)", fontsize=9)
        axes.margins(x=0)
    np.atleast_1d(rows)[-1].set_xlabel("model time")
    figure.legend(*np.atleast_1d(rows)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def rank_histograms(counts: dict[str, ArrayLike]) -> Figure:
    """Draw the share of each rank of the truth among the members, a panel a filter; level if the spread is honest."""
    figure, panels = plt.subplots(1, len(counts), figsize=(FULL_WIDTH, 2.8), sharey=True)
    for axes, (method, each) in zip(np.atleast_1d(panels), counts.items(), strict=True):
        each = np.asarray(each)
        share = each / each.sum()
        axes.bar(np.arange(len(share)), share, width=0.9, color=LOOKS[method].color)
        axes.axhline(1 / len(share), color="black", linestyle=":", linewidth=1.2)
        axes.set_title(method, fontsize=9)
        axes.set_xlabel("members below the truth")
        axes.grid(axis="x", visible=False)
    np.atleast_1d(panels)[0].set_ylabel("share of sites and cycles")
    return figure


def error_and_spread_by_dropout(table: pd.DataFrame, trained_with: float) -> Figure:
    """Draw error and spread of one network against the dropout that it is run with: each truth, and their mean.

    Args:
        table: columns dropout, rmse, spread, crps, a row a truth.
        trained_with: its own rate, marked.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    color = LOOKS["AmEnF"].color
    shown = {
        "rmse": ("o-", color, "error of the mean (RMSE)"),
        "spread": ("s--", color, "spread"),
        "crps": ("^:", "0.3", "CRPS"),
    }
    for score, (style, own, label) in shown.items():
        mean = table.groupby("dropout")[score].mean()
        axes.plot(mean.index, mean, style, color=own, mfc="white" if score == "spread" else own, label=label)
        axes.plot(table["dropout"], table[score], style[0], color=own, mfc="none", ms=3, alpha=0.4)
    axes.axvline(trained_with, color="black", linewidth=0.8, zorder=0, label="as trained")
    axes.set(xlabel="probability of dropping a channel, at test", ylabel="state units", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=4)
    return figure
