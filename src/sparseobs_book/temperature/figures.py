"""Figures of the temperature pages: what a ConvCNP sees, how it learns, how it is judged, stations by hours."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from sparseobs.figures.maps import DEGREES, draw_field, draw_stations, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.stations.regions import Region
from sparseobs_book.temperature.verdicts import verdicts

APART = 1.4  # factor from one method's symbol to the next


def score_panels(rows: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """Return one panel a score, at most two side by side, one row a method: its mean and 95 % interval.

    Args:
        rows: `method`, `score`, `mean`, `low`, `high`; a score may lack some of the methods.
        labels: axis label, with its unit, of every score to show.
    """
    methods = list(dict.fromkeys(rows["method"]))
    n_columns, n_rows = min(2, len(labels)), -(-len(labels) // 2)
    size = FULL_WIDTH, n_rows * (0.7 + 0.3 * len(methods))
    figure, axes = plt.subplots(n_rows, n_columns, figsize=size, sharey=True, squeeze=False)
    for ax in axes.flat[len(labels) :]:
        ax.remove()
    for ax, (score, label) in zip(axes.flat, labels.items(), strict=False):
        part = rows[rows["score"] == score].set_index("method").reindex(methods)
        for height, (method, row) in enumerate(part.iterrows()):
            look = LOOKS[method]
            ax.plot([row["low"], row["high"]], [height, height], color=look.color, linewidth=2)
            ax.plot(row["mean"], height, color=look.color, marker=look.marker, markersize=8)
        ax.set_xlabel(label)
        ax.set_yticks(range(len(methods)), methods)
        ax.set_ylim(len(methods) - 0.5, -0.5)
    return figure


def loss_curves(pretraining: pd.DataFrame, adapting: dict[str, pd.DataFrame]) -> Figure:
    """Return the loss against epochs: of pre-training and, below, of adapting, with a ring at the epoch kept.

    Args:
        pretraining: a training's history.
        adapting: histories by the method's name; none leaves the lower panel out.
    """
    titles = ["pre-training on the reanalysis", "adapting to stations"][: 1 + bool(adapting)]
    figure, axes = plt.subplots(len(titles), 1, figsize=(FULL_WIDTH, 0.3 + 2.6 * len(titles)), squeeze=False)
    for column, label, linestyle in (
        ("train_nll", "training hours", ":"),
        ("validation_nll", "validation hours", "-"),
    ):
        look = {"linestyle": linestyle, "color": LOOKS["sim-only"].color}
        axes[0, 0].plot(pretraining["epoch"], pretraining[column], **look, label=label)
    for method, history in adapting.items():
        look, epochs, losses = LOOKS[method], history["epoch"], history["validation_nll"]
        axes[1, 0].plot(epochs, losses, **look._asdict(), markersize=4, label=method)
        best = losses.idxmin()
        axes[1, 0].plot(epochs[best], losses[best], "o", color=look.color, markersize=11, fillstyle="none")
    for ax, title in zip(axes[:, 0], titles, strict=True):
        ax.set(title=title, xlabel="epoch", ylabel="loss (nats)")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.legend()
    return figure


def two_maps(region: Region, fields: dict[str, xr.DataArray]) -> Figure:
    """Return two small maps side by side.

    Args:
        region: what to show.
        fields: (latitude, longitude) by title, with `units`; where the attribute `limits` is given, it ends a scale
            of two colours.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.0))
    for panel, (title, field) in enumerate(fields.items()):
        ax = map_axes(region, figure=figure, position=(1, len(fields), panel + 1))
        limits = field.attrs.get("limits")
        mesh = draw_field(ax, field, limits=limits, cmap="RdBu_r" if limits else None)
        bar = figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.9, extend="both" if limits else "neither")
        bar.set_label(field.attrs["units"])
        ax.set_title(title)
    return figure


def prediction_map(region: Region, prediction: xr.Dataset, stations: xr.Dataset) -> Figure:
    """Return maps of the predicted mean, with the stations on the same colours, and of its standard deviation.

    Args:
        region: what to show.
        prediction: `mean` and `std` (latitude, longitude), degC.
        stations: `temperature` (station,) of the hour, degC.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.2))
    left, right = (map_axes(region, figure=figure, position=(1, 2, panel)) for panel in (1, 2))
    low, high = np.nanquantile(
        np.concatenate([prediction["mean"].values.ravel(), stations["temperature"].values]), [0.005, 0.995]
    )
    mean = draw_field(left, prediction["mean"], limits=(low, high))
    draw_stations(left, stations, stations["temperature"].values, limits=(low, high))
    spread = tuple(float(np.nanquantile(prediction["std"], q)) for q in (0, 0.95))
    std = draw_field(right, prediction["std"], limits=spread, cmap="cividis")
    right.scatter(stations["longitude"], stations["latitude"], s=5, color="white", transform=DEGREES, zorder=4)
    left.set_title("mean and readings")
    right.set_title("std. deviation")
    figure.colorbar(mean, ax=left, orientation="horizontal", shrink=0.9, extend="both").set_label("temperature (°C)")
    figure.colorbar(std, ax=right, orientation="horizontal", shrink=0.9, extend="max").set_label("K")
    return figure


def error_by_number(rows: pd.DataFrame, shown: str = "stations shown") -> Figure:
    """Return the error against how much is shown, a line a method, a band its interval if it has one.

    Args:
        rows: `method`, `n_shown`, `mean` and perhaps `low` and `high`, degC.
        shown: label of the axis.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    for method, part in rows.groupby("method", sort=False):
        look = LOOKS[method]
        if "low" in part:
            ax.fill_between(part["n_shown"], part["low"], part["high"], color=look.color, alpha=0.15, linewidth=0)
        ax.plot(part["n_shown"], part["mean"], **look._asdict(), label=method)
    ax.set_xscale("symlog", linthresh=1)
    ticks = sorted(rows["n_shown"].unique())
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.set(xlabel=shown, ylabel="mean absolute error (°C)", ylim=(0, None))
    ax.legend()
    return figure


def pit_histograms(shares: dict[str, np.ndarray]) -> Figure:
    """Return a histogram a method, two side by side, of where readings fall in their predicted distributions.

    Args:
        shares: (bin,) by method, each summing to 1; level is calibrated.
    """
    rows = -(-len(shares) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(FULL_WIDTH, 0.5 + 1.7 * rows), sharex=True, sharey=True)
    for ax, (method, share) in zip(axes.flat, shares.items(), strict=False):
        ax.stairs(share, np.linspace(0, 1, len(share) + 1), fill=True, color=LOOKS[method].color)
        ax.axhline(1 / len(share), color="black", linewidth=1)
        ax.set(title=method, xticks=[0, 0.5, 1])
    for ax in axes.flat[len(shares) :]:
        ax.remove()
    figure.supylabel("share of readings")
    figure.supxlabel("probability given to a lower reading (PIT)")
    return figure


def scores_by_hours(table: pd.DataFrame, score: str, label: str, band: pd.DataFrame | None = None) -> Figure:
    """Draw a score against the number of hours, a panel a number of stations, a line a method, a dot a seed.

    Args:
        table: `n_stations`, `n_times`, `seed`, `method` and the score, above zero: its axis is logarithmic.
        score: column.
        label: of the axis, with its unit.
        band: two rows, the scores at its edges, a column a number of stations; None draws none.
    """
    figure, panels = _station_panels(table, label)
    for (n_stations, part), ax in zip(table.groupby("n_stations"), panels, strict=True):
        reach = part[score]
        if band is not None:
            edges = band[n_stations]
            ax.axhspan(edges.min(), edges.max(), color="0.85", lw=0, label="headroom")
            reach = pd.concat([reach, edges])
        for method, rows in part.groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["n_times"], rows[score], ".", color=look.color, ms=3)
            mean = rows.groupby("n_times")[score].mean()
            ax.plot(mean.index, mean, **look._asdict(), ms=5, lw=1.4, label=method)
        ax.set_yscale("log")
        low, high = reach.min() / 1.05, reach.max() * 1.05
        ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50) if low <= tick <= high]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.yaxis.set_minor_locator(NullLocator())
        _finish(ax, n_stations, table)
    legend_above(figure, 2)
    return figure


def gain(table: pd.DataFrame, label: str) -> Figure:
    """Draw Sim2Real's MAE less that of the others: pooled with its interval, see `verdicts`, and a dot a seed.

    Args:
        table: of the grid `adaptation`, with the methods to draw.
        label: of the axis, with its unit.
    """
    found, others = verdicts(table, "mae"), [name for name in dict.fromkeys(table["method"]) if name != "Sim2Real"]
    figure, panels = _station_panels(table, label)
    for n_stations, ax in zip(sorted(table["n_stations"].unique()), panels, strict=True):
        ax.axhline(0, color="black", lw=0.8)
        for number, method in enumerate(others):
            look, shift = LOOKS[method], APART ** (number - (len(others) - 1) / 2)
            pooled, seeds = (
                part[(part["method"] == method) & (part["n_stations"] == n_stations)] for part in (found, table)
            )
            ax.vlines(pooled["n_times"] * shift, pooled["low"], pooled["high"], color=look.color, lw=1.4)
            ax.plot(pooled["n_times"] * shift, pooled["gap"], look.marker, color=look.color, ms=6, label=method)
            ax.plot(seeds["n_times"] * shift, seeds["mae_gap"], ".", color="black", ms=2.5)
        _finish(ax, n_stations, table)
    legend_above(figure, 2)
    return figure


def _station_panels(table: pd.DataFrame, label: str) -> tuple[Figure, np.ndarray]:
    """Return a panel a number of stations, one above the other."""
    n_panels = table["n_stations"].nunique()
    figure, axes = plt.subplots(n_panels, 1, figsize=(FULL_WIDTH, 0.9 + 2.3 * n_panels), squeeze=False)
    figure.supylabel(label, fontsize=10)
    return figure, axes[:, 0]


def _finish(ax: Axes, n_stations: int, table: pd.DataFrame) -> None:
    ticks, beyond = sorted(table["n_times"].unique()), APART**2.2
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(title=f"{n_stations} stations", xlabel="hours, $N_{times}$", xlim=(ticks[0] / beyond, ticks[-1] * beyond))
