"""Figures of what adapting changes within a network, and in what it makes of a station."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS


def changes_by_block(changes: pd.DataFrame) -> Figure:
    """Draw by how much each block of a network changed, a panel a kind of parameter.

    Args:
        changes: `method`, `block` (in the order of the network), `kind` and `change` (relative, norm of the difference
            to norm before).
    """
    kinds = list(dict.fromkeys(changes["kind"]))
    figure, axes = plt.subplots(1, len(kinds), figsize=(FULL_WIDTH, 3.0), sharey=True, squeeze=False)
    for kind, ax in zip(kinds, axes[0], strict=True):
        part = changes[changes["kind"] == kind]
        for method, rows in part.groupby("method", sort=False):
            ax.plot(rows["block"], rows["change"], **LOOKS[method]._asdict(), ms=5, label=method)
        ax.set_title(kind)
        ax.tick_params(axis="x", rotation=90)
    axes[0][0].set_ylabel("relative change")
    axes[0][0].legend(fontsize=9)
    return figure


def filters(kernels: dict[str, np.ndarray]) -> Figure:
    """Draw convolution kernels, a row a network and a column a filter, on one symmetric scale of colours.

    Args:
        kernels: (filter, row, column) by the network's name.
    """
    n_filters = len(next(iter(kernels.values())))
    figure, axes = plt.subplots(len(kernels), n_filters, figsize=(FULL_WIDTH, 0.4 + 0.75 * len(kernels)))
    limit = max(np.abs(values).max() for values in kernels.values())
    for row, (name, values) in zip(axes, kernels.items(), strict=True):
        for ax, kernel in zip(row, values, strict=True):
            image = ax.imshow(kernel, cmap="RdBu_r", vmin=-limit, vmax=limit)
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
        row[0].set_ylabel(name.replace(" (", "\n("), rotation=0, ha="right", va="center", fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.9, label="weight")
    return figure


def responses(profiles: pd.DataFrame) -> Figure:
    """Draw what a degree more at one station does around it, a panel a case, a line a network.

    Args:
        profiles: `method`, `case`, `distance` (km), `response` (K per K).
    """
    cases = list(dict.fromkeys(profiles["case"]))
    figure, axes = plt.subplots(1, len(cases), figsize=(FULL_WIDTH, 3.2), sharey=True, squeeze=False)
    for case, ax in zip(cases, axes[0], strict=True):
        for method, rows in profiles[profiles["case"] == case].groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["distance"], rows["response"], linestyle=look.linestyle, color=look.color, label=method)
        ax.axhline(0, color="black", lw=0.8)
        ax.set(title=case, xlabel="distance from the station (km)")
    axes[0][0].set_ylabel("response (K per K)")
    axes[0][0].legend()
    return figure
