"""Figures of chaos: what the systems look like, how their errors grow, and what an instrument sees of them."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, TITLES


class Field(NamedTuple):
    """A variable around its ring over time.

    Attributes:
        values: (time, site).
        cycle_time: time units from row to row.
        label: symbol of the variable.
    """

    values: ArrayLike
    cycle_time: float
    label: str


def hovmoeller(fields: dict[str, Field]) -> Figure:
    """Draw each field over its ring (across) and time (downwards), a panel each, four to a figure."""
    figure, panels = plt.subplots(2, 2, figsize=(FULL_WIDTH, 6.4))
    for axes, (title, field) in zip(panels.flat, fields.items(), strict=True):
        values = np.asarray(field.values)
        limit = np.abs(values).max()
        extent = (-0.5, values.shape[1] - 0.5, values.shape[0] * field.cycle_time, 0)
        options = {"aspect": "auto", "cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        image = axes.imshow(values, extent=extent, **options)
        axes.set(title=title, xlabel="site $k$", ylabel="time (downwards)")
        axes.grid(False)
        figure.colorbar(image, ax=axes, label=field.label)
    return figure


def error_growth(growths: dict[str, tuple], exponents: dict[str, float]) -> Figure:
    """Draw how far pairs of states are apart over time, a panel a system.

    Args:
        growths: times (time,), differences (time, pair) and the saturated difference, by system.
        exponents: leading Lyapunov exponents, drawn as slopes, by system.
    """
    figure, panels = plt.subplots(1, len(growths), figsize=(FULL_WIDTH, 3.6), sharey=True)
    for axes, (system, (times, differences, saturation)) in zip(panels, growths.items(), strict=True):
        times, differences = np.asarray(times), np.asarray(differences)
        look = LOOKS[TITLES[system]]
        axes.plot(times, differences, color=look.color, linewidth=0.5, alpha=0.3)
        typical = np.exp(np.log(differences).mean(1))
        axes.plot(times, typical, color=look.color, linewidth=2, label="typical pair")
        slope = differences[0].mean() * np.exp(exponents[system] * times)
        seen = slope < saturation
        axes.plot(times[seen], slope[seen], color="black", linestyle="--", label="leading exponent")
        axes.axhline(saturation, color="black", linewidth=0.8, linestyle=":", label="unrelated states")
        axes.set(title=TITLES[system], xlabel="time", yscale="log")
        axes.margins(x=0)
    panels[0].set_ylabel("RMS difference (state units)")
    lines = [line for line in panels[0].get_lines() if not line.get_label().startswith("_")]
    figure.legend(_in_black(lines), [line.get_label() for line in lines], loc="outside upper center", ncols=3)
    return figure


def _in_black(lines: list) -> list:
    """Return the lines' keys without the first system's colour, which is not the other panels'."""
    options = [{"linestyle": line.get_linestyle(), "linewidth": line.get_linewidth()} for line in lines]
    return [plt.Line2D([], [], color="black", **each) for each in options]


def spectra(table: pd.DataFrame, low: dict[str, ArrayLike], high: dict[str, ArrayLike]) -> Figure:
    """Draw stored Lyapunov spectra: mean over repeats against the number as a share of all, with 95 % bars.

    Args:
        table: columns system, repeat, number, exponent.
        low: lower ends of the exponents' intervals, by system.
        high: upper ends.
    """
    figure, panels = plt.subplots(1, 3, figsize=(FULL_WIDTH, 3.0))
    for axes, (system, part) in zip(panels, table.groupby("system", sort=False), strict=True):
        look = LOOKS[TITLES[system]]
        mean = part.groupby("number")["exponent"].mean()
        axes.axhline(0, color="black", linewidth=0.8)
        axes.vlines(mean.index, low[system], high[system], color=look.color, alpha=0.5)
        axes.plot(mean.index, mean, look.marker, color=look.color, ms=3)
        axes.set(title=TITLES[system], xlabel="number $j$")
    panels[0].set_ylabel("exponent $\\lambda_j$ (per time unit)")
    return figure


def integration_errors(tables: dict[str, pd.DataFrame]) -> Figure:
    """Draw integrators' errors against step length, a panel a system.

    Args:
        tables: columns scheme, step, error, by system.
    """
    figure, panels = plt.subplots(1, len(tables), figsize=(FULL_WIDTH, 3.4))
    for axes, (system, table) in zip(panels, tables.items(), strict=True):
        for scheme, part in table.groupby("scheme", sort=False):
            look = LOOKS[scheme]
            style = {"color": look.color, "marker": look.marker, "linestyle": look.linestyle, "ms": 5}
            axes.plot(part["step"], part["error"], label=scheme, **style)
        axes.set(title=TITLES[system], xlabel="step (time units)", xscale="log", yscale="log")
        axes.xaxis.set_minor_formatter("")
    panels[0].set_ylabel("largest error (state units)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def patterns(masks: dict[str, ArrayLike]) -> Figure:
    """Draw which sites each pattern sees, cycle by cycle.

    Args:
        masks: (cycle, site), true where observed, by pattern.
    """
    figure, panels = plt.subplots(1, len(masks), figsize=(FULL_WIDTH, 2.6), sharey=True)
    for axes, (title, mask) in zip(panels, masks.items(), strict=True):
        cycles, sites = np.nonzero(np.asarray(mask))
        axes.plot(sites, cycles, "s", color=LOOKS["observations"].color, ms=2.6)
        axes.set(title=title, xlabel="site $k$", xlim=(-1, np.shape(mask)[1]), ylim=(len(mask) - 0.5, -0.5))
    panels[0].set_ylabel("cycle (downwards)")
    return figure
