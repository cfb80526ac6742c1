"""Figures of what adapting changes within a network, and in what it makes of a station."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above


def changes_by_block(changes: pd.DataFrame) -> Figure:
    """Draw by how much each block of a network changed, a panel a kind of parameter.

    Args:
        changes: `method`, `block` (in the order of the network), `kind` and `change` (relative, norm of the difference
            to norm before).
    """
    kinds = list(dict.fromkeys(changes["kind"]))
    figure, axes = plt.subplots(1, len(kinds), figsize=(FULL_WIDTH, 3.6), sharey=True, squeeze=False)
    for kind, ax in zip(kinds, axes[0], strict=True):
        for method, rows in changes[changes["kind"] == kind].groupby("method", sort=False):
            ax.plot(rows["block"], rows["change"], **LOOKS[method]._asdict(), ms=5, label=method)
        ax.set_title(kind)
        ax.tick_params(axis="x", rotation=90)
    axes[0][0].set_ylabel("relative change")
    legend_above(figure)
    return figure


def filters(kernels: dict[str, np.ndarray]) -> Figure:
    """Draw convolution kernels, a row a network and a column a filter; each column has colours of its own size.

    Args:
        kernels: (filter, row, column) by the network's name.
    """
    limits = np.abs(list(kernels.values())).max(axis=(0, 2, 3))
    figure, axes = plt.subplots(len(kernels), len(limits), figsize=(FULL_WIDTH, 0.3 + 0.6 * len(kernels)))
    for row, (name, values) in zip(axes, kernels.items(), strict=True):
        for ax, kernel, limit in zip(row, values, limits, strict=True):
            ax.imshow(kernel, cmap="RdBu_r", vmin=-limit, vmax=limit)
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        row[0].set_ylabel(name.replace(" (", "\n("), rotation=0, ha="right", va="center")
    return figure


def responses(profiles: pd.DataFrame) -> Figure:
    """Draw what a degree more at one station does around it, a panel a case, a line a network.

    Args:
        profiles: `method`, `case`, `distance` (km), `response` (K per K).
    """
    cases = list(dict.fromkeys(profiles["case"]))
    figure, axes = plt.subplots(1, len(cases), figsize=(FULL_WIDTH, 3.4), sharey=True, squeeze=False)
    for case, ax in zip(cases, axes[0], strict=True):
        for method, rows in profiles[profiles["case"] == case].groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["distance"], rows["response"], linestyle=look.linestyle, color=look.color, label=method)
        ax.axhline(0, color="black", lw=0.8)
        ax.set(title=case, xlabel="distance (km)")
    axes[0][0].set_ylabel("response (K per K)")
    legend_above(figure)
    return figure


def spectra(rows: pd.DataFrame) -> Figure:
    """Draw power density (K^2 km) against wavelength, a line a name.

    Args:
        rows: `name` (of `LOOKS`), `wavelength` (km), `power`.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    for name, part in rows.groupby("name", sort=False):
        look = LOOKS[name]
        ax.loglog(part["wavelength"], part["power"], linestyle=look.linestyle, color=look.color, label=name)
    ticks = [tick for tick in (400, 200, 100, 50, 30, 20, 10) if tick >= rows["wavelength"].min()]
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="wavelength (km)", ylabel="power density (K² km)")
    ax.legend()
    return figure
