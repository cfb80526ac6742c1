"""Figures of a filter of one's own: members that find a truth, a gain from few members, errors of filters over time."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.own_filter.run import Followed

CYCLE_TIME = 0.1  # time units


def followed(site: Followed) -> Figure:
    """Draw members, truth and readings of one site over time."""
    times = CYCLE_TIME * np.arange(len(site.truth))
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    look = LOOKS["LETKF"]
    first, *others = axes.plot(times, site.members, color=look.color, linewidth=0.7, alpha=0.7)
    first.set_label(f"{site.members.shape[1]} members")
    axes.plot(times, site.truth, color=LOOKS["truth"].color, linewidth=2, label="truth")
    axes.plot(times, site.readings, "o", mfc="white", mec=LOOKS["observations"].color, ms=5, label="readings")
    axes.set(xlabel="time (units)", ylabel="one site (state units)")
    axes.margins(x=0)
    legend_above(figure)
    return figure


def gains(many: ArrayLike, few: ArrayLike, site: int) -> Figure:
    """Draw by how much a reading at one site moves every site.

    Args:
        many: (site,), the gain from many members.
        few: (ensemble, site), gains from small ensembles.
        site: where the reading is.
    """
    many, few = np.asarray(many), np.asarray(few)
    sites = np.arange(len(many))
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    look = LOOKS["EnKF"]
    low, high = np.quantile(few, [0.05, 0.95], axis=0)
    axes.fill_between(sites, low, high, color=look.color, alpha=0.2, linewidth=0, label="90 % of such ensembles")
    axes.plot(sites, few[0], color=look.color, linestyle=look.linestyle, linewidth=1.3, label="one small ensemble")
    axes.plot(sites, many, color="black", linewidth=2, label="many members")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlabel="site $k$", ylabel=f"gain of a reading at site {site}")
    axes.margins(x=0)
    legend_above(figure)
    return figure


def errors(runs: dict[str, ArrayLike], climate_std: float) -> Figure:
    """Draw the error of filters over time; a cross where one blew up.

    Args:
        runs: (2, cycle), error and spread, by filter.
        climate_std: error of the climate's mean, drawn as a line; the axis ends at twice as much.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    for name, found in runs.items():
        _draw_curve(axes, name, np.asarray(found)[0], 2 * climate_std)
    axes.axhline(climate_std, color=LOOKS["climatology"].color, linewidth=1, label="climatology")
    axes.set(xlabel="time (units)", ylabel="analysis RMSE (state units)", ylim=(0, 2 * climate_std))
    axes.margins(x=0)
    legend_above(figure, 2)
    return figure


def errors_and_spreads(runs: dict[str, ArrayLike], largest: float) -> Figure:
    """Draw the error of filters over time, and below it their spread.

    Args:
        runs: (2, cycle), error and spread, by filter.
        largest: where the axes end, state units.
    """
    figure, panels = plt.subplots(2, 1, figsize=(FULL_WIDTH, 5.2), sharex=True, sharey=True)
    for row, (axes, title) in enumerate(zip(panels, ("analysis RMSE", "spread"), strict=True)):
        for name, found in runs.items():
            _draw_curve(axes, name, np.asarray(found)[row], largest)
        axes.set(ylabel=f"{title}\n(state units)", ylim=(0, largest))
        axes.margins(x=0)
    panels[1].set_xlabel("time (units)")
    legend_above(figure, 2)
    return figure


def _draw_curve(axes: plt.Axes, name: str, curve: np.ndarray, largest: float) -> None:
    look, times = LOOKS[name], CYCLE_TIME * np.arange(1, len(curve) + 1)
    axes.plot(times, curve, color=look.color, linestyle=look.linestyle, linewidth=1.3, label=name)
    last = int(np.isfinite(curve).sum())
    if last < len(curve):
        place = times[max(last - 1, 0)], np.fmin(curve[max(last - 1, 0)], largest)
        axes.plot(*place, "X", color=look.color, ms=9, mew=2, clip_on=False, zorder=5)
