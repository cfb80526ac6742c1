"""Figures of instruments that see little, and of filters that have to live with it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.scores.intervals import repeat_interval


def masks(patterns: dict[str, ArrayLike]) -> Figure:
    """Draw where instruments look: a panel a pattern, (cycle, site), dark where a site is observed."""
    figure, panels = plt.subplots(1, len(patterns), figsize=(FULL_WIDTH, 2.6), sharey=True)
    for axes, (title, mask) in zip(np.atleast_1d(panels), patterns.items(), strict=True):
        axes.imshow(~np.asarray(mask), cmap="gray", vmin=-0.3, aspect="auto", interpolation="nearest")
        axes.set(title=title, xlabel="site $k$")
        axes.grid(False)
    np.atleast_1d(panels)[0].set_ylabel("cycle (downwards)")
    return figure


def fillings(truth: ArrayLike, mask: ArrayLike, filled: dict[str, ArrayLike]) -> Figure:
    """Draw what a network reads as its observations at one moment, a panel a filling.

    Args:
        truth: (site,).
        mask: (site,), true where observed.
        filled: (member, site) by filling: what some members are shown.
    """
    truth, mask, sites = np.asarray(truth), np.asarray(mask), np.arange(len(truth))
    figure, panels = plt.subplots(1, len(filled), figsize=(FULL_WIDTH, 3.0), sharey=True)
    for axes, (title, members) in zip(np.atleast_1d(panels), filled.items(), strict=True):
        members = np.asarray(members)
        axes.plot(sites, truth, color=LOOKS["truth"].color, linewidth=1.2, label="truth")
        for number, member in enumerate(members):
            name = "filled in, a member each" if number == 0 else None
            axes.plot(sites[~mask], member[~mask], "_", color=LOOKS["AmEnF"].color, ms=5, alpha=0.8, label=name)
        look = LOOKS["observations"]
        axes.plot(sites[mask], members[0, mask], "o", mfc="white", mec=look.color, ms=6, label="observed")
        axes.set(title=title, xlabel="site $k$")
    np.atleast_1d(panels)[0].set_ylabel("$x_k$ (state units)")
    figure.legend(*np.atleast_1d(panels)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def errors_by_stride(table: pd.DataFrame, climate_std: float) -> Figure:
    """Draw analysis RMSE against the distance of the observed sites, a panel a movement of the pattern.

    Args:
        table: columns method, truth, rmse (NaN where a run diverged), stride, movement.
        climate_std: what knowing nothing costs, a dotted line.
    """
    movements = list(dict.fromkeys(table["movement"]))
    strides = sorted(set(table["stride"]))
    figure, panels = plt.subplots(1, len(movements), figsize=(FULL_WIDTH, 3.5), sharey=True)
    for axes, movement in zip(np.atleast_1d(panels), movements, strict=True):
        cases = table[table["movement"] == movement]
        for offset, method in zip((-0.07, 0.07), dict.fromkeys(table["method"]), strict=True):
            own = cases[cases["method"] == method].groupby("stride")["rmse"]
            _draw_strides(axes, {strides.index(stride): values for stride, values in own}, offset, method)
        axes.axhline(climate_std, color="black", linestyle=":", linewidth=1, label="the climate's spread")
        axes.set(title=movement, xlabel="every how many sites is one seen", ylim=(0, None))
        axes.set_xticks(range(len(strides)), strides)
    np.atleast_1d(panels)[0].set_ylabel("analysis RMSE (state units)")
    figure.legend(*np.atleast_1d(panels)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _draw_strides(axes: Axes, scores: dict[int, pd.Series], offset: float, method: str) -> None:
    """Draw one method's mean and interval at every place of the axis, and how many of its runs diverged."""
    look = LOOKS[method]
    finite = {place + offset: values.dropna() for place, values in scores.items()}
    means = [values.mean() for values in finite.values()]
    axes.plot(list(finite), means, color=look.color, marker=look.marker, linestyle=look.linestyle, label=method, ms=5)
    for (place, values), every in zip(finite.items(), scores.values(), strict=True):
        if len(values) > 1:
            interval = repeat_interval(values)
            axes.plot([place, place], [interval.low, interval.high], color=look.color, linewidth=4, alpha=0.3)
        if lost := len(every) - len(values):
            near = (place, values.mean() if len(values) else 0)
            below = {"xytext": (4, -8), "textcoords": "offset points", "va": "top"}
            axes.annotate(f"{lost} of {len(every)}\nlost", near, fontsize=7, **below)


def errors_around_the_ring(errors: dict[str, ArrayLike], mask: ArrayLike) -> Figure:
    """Draw every method's RMSE at every site (site,), and which sites are observed, always the same ones."""
    mask = np.asarray(mask)
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    for site in np.flatnonzero(mask):
        axes.axvline(site, color=LOOKS["observations"].color, linewidth=0.8, zorder=0)
    for method, error in errors.items():
        look = LOOKS[method]
        axes.plot(error, color=look.color, marker=look.marker, linestyle=look.linestyle, ms=4, label=method)
    axes.plot(
        np.flatnonzero(mask), np.zeros(mask.sum()), "o", mfc="white", mec="black", clip_on=False, label="observed"
    )
    axes.set(xlabel="site $k$", ylabel="analysis RMSE (state units)", ylim=(0, None))
    axes.margins(x=0.02)
    figure.legend(loc="outside upper center", ncols=len(errors) + 1)
    return figure


def outage(errors: dict[str, ArrayLike], first: int, length: int, *, time_step: float = 0.1) -> Figure:
    """Draw errors through an outage.

    Args:
        errors: (cycle,) by method, in the state's units.
        first: first cycle without observations.
        length: how many there are.
        time_step: length of a cycle in model time units.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    axes.axvspan(first * time_step, (first + length) * time_step, color="0.9", zorder=0, label="nothing observed")
    for method, error in errors.items():
        look = LOOKS[method]
        times = time_step * (np.arange(len(error)) + 0.5)
        axes.plot(times, error, color=look.color, linestyle=look.linestyle, linewidth=1.5, label=method)
    axes.set(xlabel="model time", ylabel="analysis RMSE (state units)", ylim=(0, None))
    axes.margins(x=0)
    figure.legend(loc="outside upper center", ncols=4)
    return figure
