"""Figures of an instrument nobody calibrated: what it shows, what was learned of it, what it is worth."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

CYCLE = 0.1  # model time units


def _heat_map(axes: plt.Axes, field: np.ndarray, **options: object) -> object:
    limit = np.nanmax(np.abs(field))
    axes.set_facecolor("0.8")  # where there is nothing: white would be zero
    axes.grid(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer="extent" not in options)
    return axes.imshow(field, "RdBu_r", aspect="auto", vmin=-limit, vmax=limit, interpolation="nearest", **options)


def two_instruments(values: ArrayLike, mask: ArrayLike, channels: ArrayLike) -> Figure:
    """Draw what both instruments show over time, each at its own cycles; grey is nothing.

    Args:
        values: (cycle, site), known observations.
        mask: (cycle, site), true where observed.
        channels: (cycle, channel) of the unknown instrument, which reads where nothing is observed.
    """
    values, mask, channels = np.asarray(values), np.asarray(mask), np.asarray(channels)
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.8), sharey=True, width_ratios=(3, 2))
    read = np.where(mask.any(1)[:, None], np.nan, channels)
    for axes, field in zip(panels, (np.where(mask, values, np.nan), read), strict=True):
        extent = (-0.5, field.shape[1] - 0.5, len(field) * CYCLE, 0)
        image = _heat_map(axes, field, extent=extent)
        figure.colorbar(image, ax=axes, label="state units", location="bottom")
    panels[0].set(title="known", xlabel="site $k$", ylabel="model time (downwards)")
    panels[1].set(title="unknown", xlabel="channel")
    return figure


def two_maps(maps: dict[str, ArrayLike]) -> Figure:
    """Draw maps (channel, site) beneath one another, each on a scale of its own."""
    figure, rows = plt.subplots(len(maps), 1, figsize=(FULL_WIDTH, 1.8 * len(maps)), sharex=True)
    for axes, (title, field) in zip(rows, maps.items(), strict=True):
        figure.colorbar(_heat_map(axes, np.asarray(field)), ax=axes)
        axes.set_title(title, fontsize=10)
        axes.set_ylabel("channel")
    rows[-1].set_xlabel("site $k$")
    return figure


def worth(table: pd.DataFrame, scores: dict[str, str]) -> Figure:
    """Draw stored errors of every method, a row of panels a case and a panel a score, a dot a seed and their mean.

    Args:
        table: columns method, n_channels, channel_error_std, seed and the scores.
        scores: label by column.
    """
    methods, cases = list(dict.fromkeys(table["method"])), list(table.groupby(["channel_error_std", "n_channels"]))
    layout = {"figsize": (FULL_WIDTH, 0.5 + 1.75 * len(cases)), "sharex": True, "sharey": True, "squeeze": False}
    figure, rows = plt.subplots(len(cases), len(scores), **layout)
    for panels, ((noise, channels), of_case) in zip(rows, cases, strict=True):
        for axes, (score, label) in zip(panels, scores.items(), strict=True):
            for place, method in enumerate(methods):
                values, look = of_case.loc[of_case["method"] == method, score].dropna(), LOOKS[method]
                axes.plot(values, np.full(len(values), place), "o", mfc="none", mec=look.color, ms=4)
                axes.plot(values.mean(), place, look.marker, color=look.color, ms=6)
            axes.set_title(label if axes in rows[0] else "", fontsize=10)
        panels[0].set_ylabel(f"{channels} channels,\nnoise {noise:g}")
    rows[0, 0].set_yticks(range(len(methods)), methods)
    rows[0, 0].set(ylim=(len(methods) - 0.5, -0.5), xlim=(0, None))
    figure.supxlabel("analysis RMSE (state units)", fontsize=10)
    return figure
