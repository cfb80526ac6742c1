"""Figures of the temperature pages: what a ConvCNP sees, how it learns, how it is judged."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sparseobs.figures.maps import DEGREES, draw_field, draw_stations, map_axes
from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.stations.regions import Region


def score_panels(rows: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """Return one panel a score, one row a method: its mean and 95 % interval.

    Args:
        rows: `method`, `score`, `mean`, `low`, `high`; a score may lack some of the methods.
        labels: axis label, with its unit, of every score to show.
    """
    methods = list(dict.fromkeys(rows["method"]))
    figure, axes = plt.subplots(1, len(labels), figsize=(FULL_WIDTH, 0.7 + 0.42 * len(methods)), sharey=True)
    for ax, (score, label) in zip(np.atleast_1d(axes), labels.items(), strict=True):
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
    """Return the validation loss against epochs, of pre-training on the left, of adapting on the right.

    Args:
        pretraining: a training's history.
        adapting: histories by the method's name.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 2.9))
    for column, label, linestyle in (
        ("train_nll", "training cells", ":"),
        ("validation_nll", "validation hours", "-"),
    ):
        left.plot(pretraining["epoch"], pretraining[column], linestyle, color=LOOKS["sim-only"].color, label=label)
    for method, history in adapting.items():
        look = LOOKS[method]
        right.plot(
            history["epoch"],
            history["validation_nll"],
            **look._asdict(),
            markersize=4,
            label=method,
        )
        best = history.loc[history["validation_nll"].idxmin()]
        right.plot(best["epoch"], best["validation_nll"], "o", color=look.color, markersize=11, fillstyle="none")
    for ax, title in ((left, "pre-training on the reanalysis"), (right, "adapting to stations")):
        ax.set(title=title, xlabel="epoch", ylabel="loss (nats, standardised)")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.legend()
    return figure


def channels(region: Region, fields: dict[str, xr.DataArray]) -> Figure:
    """Return small maps side by side, each of one channel that the network reads.

    Args:
        region: what to show.
        fields: (latitude, longitude) by title.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 3.4))
    for panel, (title, field) in enumerate(fields.items()):
        ax = map_axes(region, figure=figure, position=(1, len(fields), panel + 1))
        mesh = draw_field(ax, field)
        figure.colorbar(mesh, ax=ax, orientation="horizontal", shrink=0.9).set_label(field.attrs["units"])
        ax.set_title(title)
    return figure


def prediction_map(region: Region, prediction: xr.Dataset, stations: xr.Dataset) -> Figure:
    """Return maps of the predicted mean, with the stations on the same colours, and of its standard deviation.

    Args:
        region: what to show.
        prediction: `mean` and `std` (latitude, longitude), degC.
        stations: `temperature` (station,) of the hour, degC.
    """
    figure = plt.figure(figsize=(FULL_WIDTH, 4.6))
    left, right = (map_axes(region, figure=figure, position=(1, 2, panel)) for panel in (1, 2))
    low, high = np.nanquantile(
        np.concatenate([prediction["mean"].values.ravel(), stations["temperature"].values]), [0.005, 0.995]
    )
    mean = draw_field(left, prediction["mean"], limits=(low, high))
    draw_stations(left, stations, stations["temperature"].values, limits=(low, high))
    std = draw_field(right, prediction["std"], cmap="cividis")
    right.scatter(stations["longitude"], stations["latitude"], s=5, color="white", transform=DEGREES, zorder=4)
    left.set_title("mean, and what stations read")
    right.set_title("standard deviation")
    figure.colorbar(mean, ax=left, orientation="horizontal", shrink=0.9, extend="both").set_label("temperature (°C)")
    figure.colorbar(std, ax=right, orientation="horizontal", shrink=0.9).set_label("standard deviation (°C)")
    return figure


def error_by_stations(rows: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Return the error against the number of stations shown, a line a method, a band its interval.

    Args:
        rows: `method`, `n_shown`, `mean`, `low`, `high`, degC.
        ax: where to draw; None makes a figure.
    """
    if ax is None:
        _, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    for method, part in rows.groupby("method", sort=False):
        look = LOOKS[method]
        ax.fill_between(part["n_shown"], part["low"], part["high"], color=look.color, alpha=0.15, linewidth=0)
        ax.plot(
            part["n_shown"],
            part["mean"],
            **look._asdict(),
            label=method,
        )
    ax.set_xscale("log")
    ticks = sorted(rows["n_shown"].unique())
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.set(xlabel="stations shown", ylabel="mean absolute error (°C)")
    ax.legend()
    return ax.figure


def spectra(rows: pd.DataFrame, label: str = "power density (K² km)") -> Figure:
    """Draw power against wavelength, a line a name.

    Args:
        rows: `name` (of `LOOKS`, or drawn black), `wavelength` (km), `power`.
        label: of the vertical axis.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    for name, part in rows.groupby("name", sort=False):
        look = LOOKS.get(name, LOOKS["truth"])
        ax.loglog(part["wavelength"], part["power"], linestyle=look.linestyle, color=look.color, label=name)
    ticks = [
        tick for tick in (400, 200, 100, 50, 30, 20, 10) if rows["wavelength"].min() <= tick <= rows["wavelength"].max()
    ]
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="wavelength (km)", ylabel=label)
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
