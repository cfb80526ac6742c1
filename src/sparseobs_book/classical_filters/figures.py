"""Figures of ensemble Kalman filters: what sampling does to correlations, and what tuning does about it."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor

from sparseobs.figures.moving import Moving, moving
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.classical_filters import run as classical

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


SIZES, RADII = (5, 10, 40), (1.0, 2.0, 4.0, 10.0)  # members and sites, to choose from by sliders
NOWHERE = "none"  # in the place of a radius: no localization


def moving_influence(
    many: Tensor, site: int, obs_error_std: float, start: tuple[int, float | str], radius: float
) -> Moving:
    """Draw what one observation changes, in small ensembles and in a large one, by members and localization radius.

    Args:
        many: (member, variable, site), of the large ensemble.
        site: the one observed, with an innovation of one.
        obs_error_std: of the observation, state units.
        start: members and radius (or `NOWHERE`) at which it opens.
        radius: a localization radius that can be chosen beside those of `RADII`.
    """
    reference = classical.increments(many, site, obs_error_std)
    sizes, radii = sorted({*SIZES, start[0]}), [*sorted({*RADII, radius}), NOWHERE]
    drawn, errors = {}, {}
    for size, one in itertools.product(sizes, radii):
        small, tapered = classical.in_small_ensembles(many, size), None if one == NOWHERE else one
        found = classical.increments(small, site, obs_error_std, tapered)
        drawn[size, one] = torch.cat([found.quantile(torch.tensor([0.05, 0.95]).to(found), 0), found[:1]]).numpy()
        errors[size, one] = classical.increment_errors(found, reference, site)
    every = np.array(list(drawn.values()))
    limits = 1.1 * min(every.min(), 0), 1.1 * max(every.max(), reference.max().item())

    def draw(size: int, one: float | str) -> Figure:
        weight = classical.weights_of(site, None if one == NOWHERE else one)
        figure = influence(reference, drawn[size, one], weight)
        figure.axes[0].set_ylim(limits)
        return figure

    def says(size: int, one: float | str) -> str:
        off, radius = errors[size, one], one if one == NOWHERE else f"{one:g}"
        return (
            f"{size} members, radius {radius}: wrong by {off.everywhere:.3f} at all sites, {off.near:.3f} up to "
            f"{classical.NEAR} sites away, {off.far:.3f} from {classical.FAR} sites on (root mean square)."
        )

    names = {"members": sizes, "localization radius (sites)": radii}
    alt = (
        f"What one observation at site {site} adds to the analysis at every site. From many members: a peak at the "
        "site and small swings beside it. From few members the range is about as wide far away as beside the peak, "
        "unless a localization radius takes it to zero there; the smallest radius cuts the swings off, too."
    )
    return moving(draw, names, start, alt=alt, says=says)


def influence(reference: ArrayLike, small: ArrayLike, weight: ArrayLike) -> Figure:
    """Draw what an observation adds at every site, and below the weight that it has there.

    Args:
        reference: (site,), increments of many members, state units.
        small: (3, site), of small ensembles: the ends of the range that 90 % of them are in, and one of them.
        weight: (site,), 0 to 1.
    """
    (low, high, one), look = small, LOOKS["LETKF"]
    figure, (above, below) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 4.2), sharex=True, height_ratios=(4, 1))
    label = "90 % of small ensembles"
    above.fill_between(range(len(low)), low, high, color=look.color, alpha=0.2, linewidth=0, label=label)
    above.plot(one, color=look.color, linestyle="--", linewidth=1, label="one of them")
    above.plot(reference, color="black", linewidth=2, label="many members")
    above.axhline(0, color="black", linewidth=0.6)
    below.plot(weight, color="0.35")
    above.set_ylabel("increment (state units)")
    below.set(xlabel="site $k$", ylabel="weight", ylim=(0, 1.1))
    above.margins(x=0)
    legend_above(figure, 2)
    return figure


def moving_heat_map(stored: pd.DataFrame, largest: float) -> Moving:
    """Draw the stored tuning's RMSE over inflation and radius, by noise and ensemble size.

    Args:
        stored: rows of `filter_tuning` of one method on one system; settings that rotate the members are left out.
        largest: error at which the colours end.
    """
    stored = stored[~stored["rotation"]]
    gain = classical.tuning_gain(stored).set_index(["ensemble_size", "obs_error_std"])
    settings = dict(list(stored.groupby(["ensemble_size", "obs_error_std"])))
    least = stored["rmse"].min()

    def draw(size: int, noise: float) -> Figure:
        best = gain.loc[(size, noise)]
        return heat_map(settings[size, noise], (best["inflation"], best["radius"]), largest, least)

    def says(size: int, noise: float) -> str:
        best = gain.loc[(size, noise)]
        return (
            f"{size} members, noise {noise:g}: RMSE {best['rmse']:.2f} at an inflation of {best['inflation']:g} and a "
            f"radius of {best['radius']:g}; {1 - best['survived']:.0%} of the settings lose a run."
        )

    sizes, noises = (sorted(set(stored[name])) for name in ("ensemble_size", "obs_error_std"))
    names = {"members": sizes, "standard deviation of the noise": noises}
    alt = (
        "Heat map of errors over inflation and localization radius. With few members only small radii are unhatched; "
        "with more members the unhatched part grows towards large radii, and the frame moves there."
    )
    return moving(draw, names, (10 if 10 in sizes else sizes[0], noises[0]), alt=alt, says=says)


def heat_map(table: pd.DataFrame, chosen: tuple[float, float], largest: float, least: float | None = None) -> Figure:
    """Draw RMSE over inflation and radius; cells where a run diverged are hatched and say how many of all.

    Args:
        table: columns inflation, radius, rmse, n_diverged, n_runs.
        chosen: inflation and radius framed in the map.
        largest: error at which the colours end, such as climatology's.
        least: error at which they begin; by default the map's own least.
    """
    grid = table.pivot(index="inflation", columns="radius", values="rmse")
    lost = table.pivot(index="inflation", columns="radius", values="n_diverged").to_numpy()
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 4.2))
    errors = np.where(lost > 0, np.nan, grid.to_numpy())
    least = np.nanmin(errors, initial=largest) if least is None else least
    colours = plt.get_cmap("viridis_r", 16)  # so few that a moving figure shows them all
    image = axes.imshow(errors, cmap=colours, vmin=least, vmax=largest, aspect="auto")
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
