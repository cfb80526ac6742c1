"""Figures of instruments that see little, and of filters that have to live with it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.scores.intervals import repeat_interval

CYCLE = 0.1  # model time units


def masks(patterns: dict[str, ArrayLike]) -> Figure:
    """Draw where instruments look: a panel a pattern, (cycle, site), dark where a site is observed."""
    layout = {"figsize": (FULL_WIDTH, 4.2), "sharex": True, "sharey": True, "squeeze": False}
    figure, panels = plt.subplots((len(patterns) + 1) // 2, 2, **layout)
    for axes, (title, mask) in zip(panels.flat, patterns.items(), strict=False):
        axes.imshow(~np.asarray(mask), cmap="gray", vmin=-0.3, aspect="auto", interpolation="nearest")
        axes.set_title(title, fontsize=10)
        axes.grid(False)
    for axes in panels[-1]:
        axes.set_xlabel("site $k$")
    for axes in panels[:, 0]:
        axes.set_ylabel("cycle (downwards)")
    return figure


def fillings(truth: ArrayLike, mask: ArrayLike, filled: dict[str, ArrayLike]) -> Figure:
    """Draw what a network reads as its observations at one moment, a panel a filling.

    Args:
        truth: (site,).
        mask: (site,), true where observed.
        filled: (member, site) by filling: what some members are shown.
    """
    truth, mask, sites = np.asarray(truth), np.asarray(mask), np.arange(len(truth))
    figure, panels = plt.subplots(1, len(filled), figsize=(FULL_WIDTH, 3.2), sharey=True)
    for axes, (title, members) in zip(np.atleast_1d(panels), filled.items(), strict=True):
        members, unseen = np.asarray(members), np.flatnonzero(~mask)
        axes.plot(sites, truth, color=LOOKS["truth"].color, linewidth=1.2, label="truth")
        look = {"color": LOOKS["AmEnF"].color, "linestyle": "", "marker": "_", "ms": 5, "alpha": 0.8}
        axes.plot(unseen, members[0, unseen], label="filled in, a member each", **look)
        axes.plot(unseen, members[1:, unseen].T, **look)
        look = LOOKS["observations"]
        axes.plot(sites[mask], members[0, mask], "o", mfc="white", mec=look.color, ms=6, label="observed")
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("site $k$")
    np.atleast_1d(panels)[0].set_ylabel("$x_k$ (state units)")
    legend_above(figure)
    return figure


def errors_by_stride(table: pd.DataFrame, climatology: float) -> Figure:
    """Draw analysis RMSE against the distance of the observed sites, a panel a movement of the pattern.

    Args:
        table: columns method, truth, rmse (NaN where a run diverged), stride, movement.
        climatology: what knowing nothing costs, a dotted line.
    """
    movements, strides = list(dict.fromkeys(table["movement"])), sorted(set(table["stride"]))
    figure, panels = plt.subplots(1, len(movements), figsize=(FULL_WIDTH, 3.5), sharey=True)
    for axes, movement in zip(np.atleast_1d(panels), movements, strict=True):
        for offset, method in zip((-0.08, 0.08), dict.fromkeys(table["method"]), strict=True):
            look, own = LOOKS[method], table.query("method == @method and movement == @movement").dropna()
            places = {stride: strides.index(stride) + offset for stride in sorted(set(own["stride"]))}
            means = own.groupby("stride")["rmse"].mean()
            axes.plot(
                list(places.values()), means, look.marker, linestyle=look.linestyle, color=look.color, label=method
            )
            for stride, values in own.groupby("stride")["rmse"]:
                if len(values) > 1:
                    _, low, high, _ = repeat_interval(values)
                    axes.plot([places[stride]] * 2, [low, high], color=look.color, linewidth=4, alpha=0.3)
        axes.axhline(climatology, color="black", linestyle=":", linewidth=1, label="climatology")
        axes.set(title=movement, xlabel="one site in ...", ylim=(0, None))
        axes.set_xticks(range(len(strides)), strides)
    np.atleast_1d(panels)[0].set_ylabel("analysis RMSE (state units)")
    legend_above(figure)
    return figure


def errors_around_the_ring(errors: dict[str, ArrayLike], mask: ArrayLike) -> Figure:
    """Draw every method's RMSE at every site (site,), and which sites are observed, always the same ones."""
    seen = np.flatnonzero(np.asarray(mask))
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    for method, error in errors.items():
        look = LOOKS[method]
        axes.plot(error, color=look.color, marker=look.marker, linestyle=look.linestyle, ms=4, label=method)
    axes.vlines(seen, 0, 1, transform=axes.get_xaxis_transform(), color="0.6", linewidth=0.8, zorder=0)
    axes.plot(seen, np.zeros(len(seen)), "o", mfc="white", mec="black", clip_on=False, label="observed")
    axes.set(xlabel="site $k$", ylabel="analysis RMSE (state units)", ylim=(0, None))
    axes.margins(x=0.02)
    legend_above(figure)
    return figure


def outage(errors: dict[str, ArrayLike], first: int, length: int) -> Figure:
    """Draw errors (cycle,) by method through an outage of `length` cycles from cycle `first`."""
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    axes.axvspan(first * CYCLE, (first + length) * CYCLE, color="0.9", zorder=0, label="nothing observed")
    for method, error in errors.items():
        look, times = LOOKS[method], CYCLE * (np.arange(len(error)) + 0.5)
        axes.plot(times, error, color=look.color, linestyle=look.linestyle, linewidth=1.5, label=method)
    axes.set(xlabel="model time", ylabel="analysis RMSE (state units)", ylim=(0, None))
    axes.margins(x=0)
    legend_above(figure, 2)
    return figure
