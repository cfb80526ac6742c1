"""Figures of an instrument nobody calibrated: what it shows, what was learned of it, what it is worth."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS


def two_instruments(values: ArrayLike, mask: ArrayLike, channels: ArrayLike, time_step: float = 0.1) -> Figure:
    """Draw what both instruments show over time, each at its own cycles.

    Args:
        values: (cycle, site), known observations.
        mask: (cycle, site), true where observed.
        channels: (cycle, channel) of the unknown instrument, which reads where nothing is observed.
        time_step: length of a cycle in model time units.
    """
    values, mask, channels = np.asarray(values), np.asarray(mask), np.asarray(channels)
    seen = np.where(mask, values, np.nan)
    read = np.where(mask.any(1)[:, None], np.nan, channels)
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.4), sharey=True, width_ratios=(3, 1))
    titles = ("known: every fourth site", "unknown: channels")
    for axes, field, title in zip(panels, (seen, read), titles, strict=True):
        limit = np.nanmax(np.abs(field))
        extent = (-0.5, field.shape[1] - 0.5, len(field) * time_step, 0)
        look = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "interpolation": "nearest"}
        image = axes.imshow(field, aspect="auto", extent=extent, **look)
        axes.set(title=title)
        axes.grid(False)
        figure.colorbar(image, ax=axes, label="state units")
    panels[0].set(xlabel="site $k$", ylabel="model time (downwards)")
    panels[1].set(xlabel="channel")
    return figure


def learned_maps(true: ArrayLike, learned: ArrayLike, inverse: ArrayLike, spreading: ArrayLike) -> Figure:
    """Draw an instrument's weights beside what was learned of them, and how its surprise is spread over the sites.

    Args:
        true: (channel, site), the weights.
        learned: (channel, site), the operator that the network has learned.
        inverse: (site, channel), the pseudo-inverse of the weights.
        spreading: (site, channel), the learned map from channels to sites.
    """
    figure, rows = plt.subplots(2, 3, figsize=(FULL_WIDTH, 4.6), width_ratios=(3, 3, 2.4))
    cases = {
        ("true weights", "learned weights"): (np.asarray(true), np.asarray(learned)),
        ("pseudo-inverse", "learned spreading"): (np.asarray(inverse).T, np.asarray(spreading).T),
    }
    for panels, (titles, fields) in zip(rows, cases.items(), strict=True):
        for axes, title, field in zip(panels[:2], titles, fields, strict=True):
            limit = np.abs(field).max()
            axes.imshow(field, aspect="auto", cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
            axes.set(title=title, xlabel="site $k$", ylabel="channel")
            axes.grid(False)
        look = LOOKS["AmEnF + instrument"]
        panels[2].plot(*(field.ravel() for field in fields), look.marker, ms=2, color=look.color, alpha=0.6)
        panels[2].set(xlabel=titles[0], ylabel="learned", title=_agreement(*fields))
    return figure


def _agreement(first: np.ndarray, second: np.ndarray) -> str:
    return f"correlation {np.corrcoef(first.ravel(), second.ravel())[0, 1]:.2f}"


def worth(table: pd.DataFrame, scores: dict[str, str]) -> Figure:
    """Draw stored errors of every method, a row of panels a score and a panel a case, a dot a seed and their mean.

    Args:
        table: columns method, n_channels, channel_error_std, seed and the scores.
        scores: label by column.
    """
    methods = list(dict.fromkeys(table["method"]))
    cases = list(table.groupby(["channel_error_std", "n_channels"]))
    size = (FULL_WIDTH, 0.9 + 1.7 * len(scores))
    figure, rows = plt.subplots(len(scores), len(cases), figsize=size, sharex=True, sharey=True, squeeze=False)
    for panels, (score, label) in zip(rows, scores.items(), strict=True):
        for axes, ((noise, channels), rows_of_case) in zip(panels, cases, strict=True):
            for place, method in enumerate(methods):
                values = rows_of_case.loc[rows_of_case["method"] == method, score].dropna()
                look = LOOKS[method]
                axes.plot(values, np.full(len(values), place), "o", mfc="none", mec=look.color, ms=4)
                axes.plot(values.mean(), place, look.marker, color=look.color, ms=6)
            if axes in rows[0]:
                axes.set_title(f"{channels} channels\nnoise {noise:g}")
        panels[0].set_yticks(range(len(methods)), methods)
        panels[0].set_ylabel(label)
    rows[0][0].invert_yaxis()
    figure.supxlabel("analysis RMSE (state units)")
    return figure
