"""Figures of ensemble Kalman filters: what sampling does to correlations, and what tuning does about it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

KINDS = {"LETKF": "rmse", "LETKF, no inflation": "no inflation", "LETKF, no localization": "no localization"}


def tuning_gain(table: pd.DataFrame, climate_std: float) -> Figure:
    """Draw the best RMSE against ensemble size, tuned and with a part of the tuning taken away, a panel a noise.

    Args:
        table: columns obs_error_std, ensemble_size, rmse, no inflation, no localization; NaN where nothing survived.
        climate_std: error of the climate's mean, drawn as a line.
    """
    noises = sorted(set(table["obs_error_std"]))
    figure, panels = plt.subplots(1, len(noises), figsize=(FULL_WIDTH, 3.8), squeeze=False, sharey=True)
    for axes, noise in zip(panels[0], noises, strict=True):
        part = table[table["obs_error_std"] == noise].sort_values("ensemble_size")
        places = np.arange(len(part))
        for method, column in KINDS.items():
            look = LOOKS[method]
            axes.plot(places, part[column], **look._asdict(), label=method)
            for place in places[part[column].isna()]:
                axes.text(place, climate_std + 0.1, "none", ha="center", va="bottom", color=look.color)
        axes.axhline(climate_std, color=LOOKS["climatology"].color, linewidth=1, label="climatology")
        axes.set(title=f"noise {noise:g}", xlabel="ensemble members", ylim=(0, None))
        axes.set_xticks(places, part["ensemble_size"])
    panels[0][0].set_ylabel("analysis RMSE (state units)")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def sampled_correlations(
    many: ArrayLike, few: ArrayLike, weights: dict[str, ArrayLike], site: int, ensemble_size: int
) -> Figure:
    """Draw one site's correlation with all others, from many members and from small ensembles, and tapers.

    Args:
        many: (site,), from many members.
        few: (ensemble, site), from small ensembles.
        weights: (site,), localization weights by name.
        site: the one.
        ensemble_size: members of the small ensembles.
    """
    many, few = np.asarray(many), np.asarray(few)
    sites = np.arange(len(many))
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 4.2))
    low, high = np.quantile(few, [0.05, 0.95], axis=0)
    label = f"90 % of the ensembles of {ensemble_size}"
    axes.fill_between(sites, low, high, color=LOOKS["LETKF"].color, alpha=0.2, linewidth=0, label=label)
    one = {"color": LOOKS["LETKF"].color, "linestyle": "--", "linewidth": 1}
    axes.plot(sites, few[0], label="one of them", **one)
    axes.plot(sites, many, color="black", linewidth=2, label="many members")
    for (name, weight), dash in zip(weights.items(), (":", "-."), strict=False):
        axes.plot(sites, weight, color="0.35", linestyle=dash, label=name)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlabel="site $k$", ylabel=f"correlation with site {site}", ylim=(-1.05, 1.05))
    axes.margins(x=0)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def heat_map(table: pd.DataFrame, chosen: tuple[float, float], largest: float) -> Figure:
    """Draw RMSE over inflation and radius; cells where a run diverged are hatched and say how many of all.

    Args:
        table: columns inflation, radius, rmse, n_diverged, n_runs.
        chosen: inflation and radius framed in the map.
        largest: error at which the colours end, such as climatology's.
    """
    grid = table.pivot(index="inflation", columns="radius", values="rmse")
    lost = table.pivot(index="inflation", columns="radius", values="n_diverged").to_numpy()
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 4.2))
    errors = np.where(lost > 0, np.nan, grid.to_numpy())
    least = np.nanmin(errors, initial=largest)
    image = axes.imshow(errors, cmap="viridis_r", vmin=least, vmax=largest, aspect="auto")
    for (row, column), count in np.ndenumerate(lost):
        if count:
            cell = {"facecolor": "0.92", "edgecolor": "0.6", "hatch": "xx", "linewidth": 0}
            axes.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **cell))
        text = f"{count}/{int(table['n_runs'].max())}" if count else f"{errors[row, column]:.2f}"
        dark = not count and errors[row, column] > (least + largest) / 2
        box = {"facecolor": "white", "linewidth": 0, "pad": 1} if count else None
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black", bbox=box)
    if chosen[0] in grid.index and chosen[1] in grid.columns:
        corner = grid.columns.get_loc(chosen[1]) - 0.5, grid.index.get_loc(chosen[0]) - 0.5
        axes.add_patch(plt.Rectangle(corner, 1, 1, fill=False, edgecolor="black", linewidth=2.5, clip_on=False))
    axes.set(xlabel="localization radius (sites)", ylabel="inflation factor")
    axes.set_xticks(range(grid.shape[1]), [f"{radius:g}" for radius in grid.columns])
    axes.set_yticks(range(grid.shape[0]), [f"{inflation:g}" for inflation in grid.index])
    axes.grid(False)
    figure.colorbar(image, ax=axes, label="analysis RMSE (state units)", extend="max")
    return figure


def error_and_spread(
    errors: dict[str, ArrayLike], spreads: dict[str, ArrayLike], largest: float, cycle_time: float = 0.1
) -> Figure:
    """Draw every filter's error and what it believes its error to be, over time; a cross where it diverged.

    Args:
        errors: (cycle,) by filter, NaN once diverged.
        spreads: the same.
        largest: where the axes end, state units.
        cycle_time: time units from cycle to cycle.
    """
    figure, panels = plt.subplots(2, 1, figsize=(FULL_WIDTH, 5.2), sharex=True, sharey=True)
    for axes, title, curves in zip(panels, ("analysis RMSE", "ensemble spread"), (errors, spreads), strict=True):
        for method, curve in curves.items():
            look, curve = LOOKS[method], np.asarray(curve)
            times = cycle_time * np.arange(1, len(curve) + 1)
            axes.plot(times, curve, color=look.color, linestyle=look.linestyle, linewidth=1.3, label=method)
            last = int(np.isfinite(curve).sum())
            if last < len(curve):
                mark = {"color": look.color, "ms": 9, "mew": 2, "clip_on": False, "zorder": 5}
                axes.plot(times[max(last - 1, 0)], min(curve[max(last - 1, 0)], largest), "X", **mark)
        axes.set(ylabel=f"{title}\n(state units)", ylim=(0, largest))
        axes.margins(x=0)
    panels[1].set_xlabel("model time since the tuning was taken away")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
