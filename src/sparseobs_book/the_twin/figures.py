"""Figures of the twin beside reality."""

import itertools

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.the_twin.networks import DAY, LEFT_OUT, NIGHT
from sparseobs_book.the_twin.reality import CALM_DAYS, FOUR_DAYS, OTHER, SETTLED

EFFECTIVE = 40.0  # km: some six grid spacings, the shortest waves that ICON-EU itself resolves


def _look(source: str) -> dict:
    """Return how a source is drawn: reality black, the twin and its reanalysis in their colours."""
    return LOOKS.get(source, LOOKS["truth"])._asdict() | {"marker": "o"}


def _part(source: str) -> dict:
    """Return how a part of reality or of the twin is drawn: what is left aside as hollow points."""
    look = _look("twin" if source in (SETTLED, OTHER) else source) | {"linestyle": "-"}
    return look | ({"mfc": "white", "linestyle": ":"} if source in (CALM_DAYS, OTHER) else {})


def nights(table: pd.DataFrame) -> Figure:
    """Draw how far kriging is from stations left out, by the hour, and how far two stations differ by night and by day.

    Args:
        table: of `reality.compare`.
    """
    figure, axes = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.8))
    for source in (FOUR_DAYS, CALM_DAYS, SETTLED, OTHER):
        rows = table[(table["quantity"] == LEFT_OUT) & (table["source"] == source)]
        axes[0].plot(rows["x"], rows["value"], **_part(source), ms=4, label=source)
    for source, (quantity, dash) in itertools.product((FOUR_DAYS, SETTLED), {NIGHT: "-", DAY: "--"}.items()):
        rows = table[(table["quantity"] == quantity) & (table["source"] == source)]
        axes[1].plot(rows["x"], rows["value"], **_part(source) | {"linestyle": dash}, ms=4)
    for ax in axes:
        ax.set_ylim(0, None)
    axes[0].set(xlabel="hour (UTC)", ylabel="error of a station left out (K)", xticks=range(0, 25, 6))
    axes[1].set(xlabel="distance (km)", ylabel="difference (K)", xscale="log")
    axes[1].set_xticks(rows["x"], [f"{x:g}" for x in rows["x"]])
    axes[1].minorticks_off()
    axes[1].text(0.35, 0.72, "night", transform=axes[1].transAxes, ha="right")
    axes[1].text(0.45, 0.2, "day", transform=axes[1].transAxes)
    legend_above(figure, 2)
    return figure


def spectra(table: pd.DataFrame) -> Figure:
    """Draw power against wavelength, and below what wavelength the weather model's own is damped.

    Args:
        table: `quantity`, `source`, `x` (km), `value` (K^2 km).
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.8))
    for source, rows in table[table["quantity"] == "power spectrum"].groupby("source", sort=False):
        look = _part(source) if source in (SETTLED, OTHER) else _look(source)
        ax.loglog(rows["x"], rows["value"], linestyle=look["linestyle"], color=look["color"], label=source)
    ax.axvspan(9, EFFECTIVE, color="0.9", label=f"below {EFFECTIVE:g} km")
    ticks = (200, 100, 50, 40, 20, 10)
    ax.set_xticks(ticks, ticks)
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="wavelength (km)", ylabel="power density (K² km)")
    legend_above(figure, 2)
    return figure


def months(table: pd.DataFrame) -> Figure:
    """Draw monthly means and daily ranges of a real and a synthetic station.

    Args:
        table: `quantity`, `source`, `x` (month), `value` (degC, K).
    """
    figure, axes = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.2))
    labels = {"monthly mean": "mean temperature (°C)", "daily range": "mean daily range (K)"}
    for ax, (quantity, label) in zip(axes, labels.items(), strict=True):
        for source, rows in table[table["quantity"] == quantity].groupby("source", sort=False):
            ax.plot(rows["x"], rows["value"], **_look(source), ms=4, label=source)
        ax.set(xlabel="month", ylabel=label)
        ax.set_xticks([1, 4, 7, 10])
    legend_above(figure, 2)
    return figure
