"""Figures of what heights explain, of what networks make of the ground, and of heights withheld or given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.heights.ground import Section
from sparseobs_book.heights.run import CLASSICAL, METHODS, PLACES
from sparseobs_book.heights.summary import PREDICTED

TITLES = {"ordinary": "ordinary stations", "VALUE": "VALUE's stations"}
BESIDE = {"withheld": -0.18, "given": 0.18}  # rows up and down
WAYS = {
    "ground as the reanalysis sees it": LOOKS["twin reanalysis"],
    "taught": LOOKS["sim-only"],
    "FiLM": LOOKS["Sim2Real (FiLM)"],
    "all weights": LOOKS["Sim2Real"],
}


def errors(table: pd.DataFrame, score: str, label: str) -> Figure:
    """Draw a score of every method, hollow with heights withheld and filled with heights given, a dot a seed.

    Args:
        table: of the grid `heights`, one number of hours.
        score: column.
        label: of the axis, with its unit.
    """
    methods = list(dict.fromkeys(table["method"]))
    figure, axes = _panels(len(methods))
    for place, ax in zip(PLACES, axes, strict=True):
        for row, method in enumerate(methods):
            for heights, shift in BESIDE.items():
                rows = table.query("places == @place and method == @method and heights == @heights")
                if method in CLASSICAL:  # it knows heights in both
                    if heights == "withheld":
                        continue
                    shift = 0.0
                ax.plot(rows[score], np.full(len(rows), row + shift), ".", color="black", ms=3, zorder=4)
                ax.plot(rows[score].mean(), row + shift, **_marker(method, heights), ms=8)
        _rows(ax, methods, place, label)
    _heights_named(figure)
    return figure


def gaps(found: pd.DataFrame, label: str) -> Figure:
    """Draw by how much Sim2Real errs less, with its interval; grey is what was predicted of sim-only, withheld.

    Args:
        found: of `summary.verdicts`, the methods to draw.
        label: of the axis, with its unit.
    """
    order = {method: number for number, method in enumerate(METHODS)}
    rows = {(one["method"], one["n_times"]) for _, one in found.iterrows()}
    rows = sorted(rows, key=lambda row: (order[row[0]], row[1]))
    figure, axes = _panels(len(rows))
    for place, ax in zip(PLACES, axes, strict=True):
        ax.axvline(0, color="black", lw=0.8)
        if place == PLACES[0]:
            ax.axvspan(*PREDICTED[0][2:], color="0.85", lw=0)
        for _, one in found[found["places"] == place].iterrows():
            height = rows.index((one["method"], one["n_times"])) + BESIDE[one["heights"]]
            ax.plot([one["low"], one["high"]], [height, height], color=LOOKS[one["method"]].color, lw=1.6)
            ax.plot(one["gap"], height, **_marker(one["method"], one["heights"]), ms=7)
        names = [f"{method.replace('Sim2Real (FiLM)', 'FiLM')}, {n_times:,} h" for method, n_times in rows]
        _rows(ax, names, place, label)
    _heights_named(figure)
    return figure


def _panels(n_rows: int) -> tuple[Figure, np.ndarray]:
    return plt.subplots(1, 2, figsize=(FULL_WIDTH, 1.3 + 0.36 * n_rows), sharex=True, sharey=True)


def _marker(method: str, heights: str) -> dict:
    look = LOOKS[method]
    marker = {"color": look.color, "marker": look.marker, "linestyle": "", "zorder": 3}
    return marker | ({"mfc": "white"} if heights == "withheld" else {})


def _rows(ax: Axes, names: list[str], place: str, label: str) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set(title=TITLES[place], xlabel=label)


def _heights_named(figure: Figure) -> None:
    look = {"color": "0.3", "marker": "o", "linestyle": "", "markersize": 7}
    handles = [Line2D([], [], mfc="white", **look), Line2D([], [], **look)]
    figure.legend(handles, ["heights withheld", "heights given"], loc="outside upper center", ncols=2)


def lines_in_height(
    height: np.ndarray, readings: np.ndarray, fixed_rate: float, clock: np.ndarray, rates: np.ndarray
) -> Figure:
    """Draw one hour's readings against height with its own line and the fixed one, and every hour's rate by the clock.

    Args:
        height: (station,), km.
        readings: (station,), degC, NaN in gaps.
        fixed_rate: K per km.
        clock: (hour,), hour of the day, UTC.
        rates: (hour,), K per km.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.3))
    seen = np.isfinite(readings)
    height, readings = height[seen], readings[seen]
    left.plot(height, readings, "o", color=LOOKS["observations"].color, mfc="none", ms=3.5)
    ends = np.array([height.min(), height.max()])
    slope = np.polyfit(height, readings, 1)[0]
    for rate, dash, name in ((-slope, "-", "the hour's own line"), (fixed_rate, ":", f"{fixed_rate:g} K per km")):
        line = readings.mean() - rate * (ends - height.mean())
        left.plot(ends, line, color="#B04A00", linestyle=dash, label=name)
    left.set(xlabel="height (km)", ylabel="temperature (°C)", title="one hour")
    right.plot(clock, rates, "o", color="#B04A00", mfc="none", ms=4)
    right.axhline(fixed_rate, color="#B04A00", linestyle=":")
    right.axhline(0, color="0.5", lw=0.8)
    right.set(
        xlabel="hour (UTC)", ylabel="lapse rate (K per km)", title="every hour", xlim=(0, 24), xticks=range(0, 25, 6)
    )
    legend_above(figure, 2)
    return figure


def cut_through(cut: Section, places: dict[str, tuple[float, float]]) -> Figure:
    """Draw the terrain from west to east, the reanalysis's own ground, and where stations stand.

    Args:
        cut: of `ground.section`.
        places: longitude (degrees east) and height (m) by name.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 2.9))
    ax.fill_between(cut.longitude, cut.true, color="0.88", lw=0)
    ax.plot(cut.longitude, cut.true, color="black", label="terrain, 4 km")
    look = LOOKS["twin reanalysis"]
    ax.plot(cut.longitude, cut.seen, color=look.color, linestyle=look.linestyle, label="the reanalysis's own ground")
    for name, (longitude, height) in places.items():
        ax.plot(longitude, height, "o", color=LOOKS["observations"].color, mfc="white", ms=6)
        ax.annotate(name, (longitude, height), xytext=(4, 5), textcoords="offset points")
    ax.set(xlabel="longitude (°E)", ylabel="height (m)", ylim=(0, None))
    ax.margins(y=0.15)
    legend_above(figure, 2)
    return figure


def gain_curves(gains: pd.DataFrame) -> Figure:
    """Draw which share of the ground's waves each answer has, against wavelength.

    Args:
        gains: of `filters.gains`, columns of `WAYS`.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    ax.axhline(1, color="black", lw=0.8)
    for name, column in gains.items():
        ax.plot(gains.index, column, **WAYS[name]._asdict(), ms=5, label=name)
    ax.set_xscale("log")
    ticks = (200, 100, 50, 20, 10)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="wavelength (km)", ylabel="share of the terrain's waves")
    legend_above(figure, 2)
    return figure
