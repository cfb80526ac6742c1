"""Figures of one system: its truth, what a filter makes of it, and what the filter leaves wrong."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS


def truth_analysis_error(truth: ArrayLike, analysis: ArrayLike, cycle_time: float, label: str) -> Figure:
    """Draw a truth (time, site), an analysis of it and their difference, the first two on one scale.

    Args:
        truth: (time, site).
        analysis: the same shape.
        cycle_time: time units between rows.
        label: symbol of the variable.
    """
    truth, analysis = np.asarray(truth), np.asarray(analysis)
    error = analysis - truth
    extent = (-0.5, truth.shape[1] - 0.5, truth.shape[0] * cycle_time, 0)
    figure, panels = plt.subplots(1, 3, figsize=(FULL_WIDTH, 3.6), sharex=True, sharey=True)
    limits = [np.abs(truth).max()] * 2 + [np.abs(error).max()]
    fields = {"truth": truth, "analysis": analysis, "analysis - truth": error}
    images = []
    for axes, (title, field), limit in zip(panels, fields.items(), limits, strict=True):
        options = {"aspect": "auto", "cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        images.append(axes.imshow(field, extent=extent, **options))
        axes.set(title=title, xlabel="site $k$")
        axes.grid(False)
    panels[0].set_ylabel("model time (downwards)")
    figure.colorbar(images[0], ax=panels[:2], label=label, location="bottom", shrink=0.6)
    figure.colorbar(images[2], ax=panels[2], label=f"error of {label}", location="bottom")
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
    axes.xaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside upper center", ncols=4)
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
