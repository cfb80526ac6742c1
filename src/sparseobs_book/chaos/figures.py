"""Figures of chaos: what the systems look like, how their errors grow, and what an instrument sees of them."""

from collections.abc import Iterable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, TITLES
from sparseobs.scores.intervals import Interval


def _panels(titles: Iterable[str], height: float, **options: object) -> tuple[Figure, list[Axes]]:
    """Return a panel a title, two abreast; a fourth that is not needed stays empty, for the legend."""
    figure, panels = plt.subplots(2, 2, figsize=(FULL_WIDTH, height), **options)
    titles = list(titles)
    for axes, title in zip(panels.flat, titles, strict=False):
        axes.set_title(title, fontsize=10)
    for axes in panels.flat[len(titles) :]:
        axes.set_axis_off()
    return figure, list(panels.flat)


def hovmoeller(fields: dict[str, tuple[ArrayLike, float, str]]) -> Figure:
    """Draw fields over their rings (across) and time (downwards), a panel each, four to a figure.

    Args:
        fields: values (time, site), time units from row to row and the variable's symbol, by title.
    """
    figure, panels = _panels(fields, 6.4)
    for axes, (values, cycle_time, label) in zip(panels, fields.values(), strict=False):
        values = np.asarray(values)
        limit = np.abs(values).max()
        extent = (-0.5, values.shape[1] - 0.5, values.shape[0] * cycle_time, 0)
        options = {"aspect": "auto", "cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        image = axes.imshow(values, extent=extent, **options)
        axes.set(xlabel="site $k$", ylabel="time (units)")
        axes.grid(False)
        figure.colorbar(image, ax=axes, label=label)
    return figure


def error_growth(growths: dict[str, tuple], exponents: dict[str, float]) -> Figure:
    """Draw how far pairs of states are apart over time, a panel a system.

    Args:
        growths: times (time,), differences (time, pair) and the saturated difference, by system.
        exponents: leading Lyapunov exponents, drawn as slopes, by system.
    """
    figure, panels = _panels((TITLES[system] for system in growths), 5.2)
    for axes, (system, (times, differences, saturation)) in zip(panels, growths.items(), strict=False):
        times, differences = np.asarray(times), np.asarray(differences)
        color = LOOKS[TITLES[system]].color
        axes.plot(times, differences, color=color, linewidth=0.5, alpha=0.3)
        axes.plot(times, np.exp(np.log(differences).mean(1)), color=color, linewidth=2, label="geometric mean")
        slope = differences[0].mean() * np.exp(exponents[system] * times)
        seen = slope < saturation
        axes.plot(times[seen], slope[seen], color="black", linestyle="--", label="leading exponent")
        axes.axhline(saturation, color="black", linewidth=0.8, linestyle=":", label="unrelated states")
        axes.set(xlabel="time (units)", ylabel="difference (state units)", yscale="log")
        axes.margins(x=0)
    # Keys in black: the first system's colour is not the other panels'.
    lines = [line for line in panels[0].get_lines() if not line.get_label().startswith("_")]
    looks = [{"linestyle": line.get_linestyle(), "linewidth": line.get_linewidth()} for line in lines]
    keys = [plt.Line2D([], [], color="black", **look) for look in looks]
    panels[-1].legend(keys, [line.get_label() for line in lines], loc="center")
    return figure


def spectra(exponents: dict[str, list[Interval]]) -> Figure:
    """Draw Lyapunov spectra: the mean of each exponent over repeats and its 95 % bar, largest first, by system."""
    figure, panels = _panels((TITLES[system] for system in exponents), 4.8)
    for axes, (system, intervals) in zip(panels, exponents.items(), strict=False):
        look, numbers = LOOKS[TITLES[system]], np.arange(1, len(intervals) + 1)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.vlines(numbers, [one.low for one in intervals], [one.high for one in intervals], color=look.color)
        axes.plot(numbers, [one.mean for one in intervals], look.marker, color=look.color, ms=3)
        axes.set(xlabel="number $j$", ylabel="$\\lambda_j$ (per time unit)")
    return figure
