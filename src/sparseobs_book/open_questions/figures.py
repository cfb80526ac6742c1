"""Figures of the open questions: stations laid out differently, and methods under one change."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.maps import DEGREES, ROLES, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above


def layouts(region, places: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]) -> Figure:
    """Draw maps side by side, one a layout, with the part that each station plays.

    Args:
        region: what to show.
        places: by title, then by role (of `ROLES`), latitudes and longitudes in degrees.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 3.6))
    for number, (title, roles) in enumerate(places.items()):
        ax = map_axes(region, figure=figure, position=(1, len(places), number + 1))
        for role, (latitude, longitude) in roles.items():
            color, marker, size = ROLES[role]
            look = {"s": 0.6 * size, "c": color, "marker": marker, "zorder": 3}
            ax.scatter(longitude, latitude, transform=DEGREES, label=role.replace("_", " "), **look)
        ax.set_title(title)
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def two_sides(panels: dict[str, pd.DataFrame], zero: bool = False) -> Figure:
    """Draw a mean and its interval for each method, panels one below the other; names are told apart by filling.

    Args:
        panels: by the label of the horizontal axis: `name`, `method`, `mean`, `low`, `high`; at most two names each,
            of which the first is drawn hollow.
        zero: whether a line marks zero.
    """
    methods = list(dict.fromkeys(method for rows in panels.values() for method in rows["method"]))
    height = (0.8 + 0.34 * len(methods)) * len(panels)
    figure, axes = plt.subplots(len(panels), 1, figsize=(FULL_WIDTH, height), sharey=True, squeeze=False)
    for ax, (label, rows) in zip(axes.flat, panels.items(), strict=True):
        names = list(dict.fromkeys(rows["name"]))
        for row in rows.itertuples(index=False):
            second, look = names.index(row.name), LOOKS[row.method]
            place = methods.index(row.method) + (0.17 * (2 * second - 1) if len(names) > 1 else 0)
            ax.plot([row.low, row.high], [place, place], color=look.color, lw=1.8, ls="-" if second else ":")
            face = look.color if second or len(names) == 1 else "white"
            ax.plot(row.mean, place, look.marker, color=look.color, mfc=face, ms=7)
        for number, name in enumerate(names if len(names) > 1 else []):
            ax.plot([], [], "o", color="black", mfc="black" if number else "white", label=name)
        if zero:
            ax.axvline(0, color="black", lw=0.8)
        ax.set_xlabel(label)
    axes.flat[0].set_yticks(range(len(methods)), methods)
    axes.flat[0].set_ylim(len(methods) - 0.4, -0.6)
    legend_above(figure)
    return figure
