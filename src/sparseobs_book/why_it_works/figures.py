"""Figures of why a filter may learn from noise: parts of a loss, growth and bounds."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, Look, legend_above

VARIANCES = "noise variances"
TERM_COLOURS = {
    "true squared error": "#6F7D00",
    "noise variance": "#5B6C82",
    "cross term": "#8B5FBF",
    "self-supervised loss": "#C2334D",
}


def _intervals(axes: Axes, rows: pd.DataFrame) -> None:
    for place, (low, high) in enumerate(zip(rows["low"], rows["high"], strict=True)):
        axes.plot([low, high], [place, place], color="black", linewidth=1.5, marker="|", ms=6)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def decomposition(table: pd.DataFrame) -> Figure:
    """Draw the parts of the loss against noisy observations, a panel an estimate: bars of means, with intervals.

    Args:
        table: columns estimate, term, mean, low, high, in noise variances; the last term is the others' sum.
    """
    estimates = list(dict.fromkeys(table["estimate"]))
    layout = {"figsize": (FULL_WIDTH, 2.2 * len(estimates)), "sharex": True, "squeeze": False}
    figure, panels = plt.subplots(len(estimates), 1, **layout)
    for axes, estimate in zip(panels.flat, estimates, strict=True):
        rows = table[table["estimate"] == estimate]
        axes.barh(rows["term"], rows["mean"], color=[TERM_COLOURS[term] for term in rows["term"]], height=0.6)
        _intervals(axes, rows)
        for place, (mean, high) in enumerate(zip(rows["mean"], rows["high"], strict=True)):
            note = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(f"{mean:+.3f}", (max(high, 0), place), **note)
        axes.set_title(f"{estimate} against observations", fontsize=10)
        axes.margins(x=0.3)
    panels[-1, 0].set_xlabel(VARIANCES)
    return figure


def pulled(table: pd.DataFrame) -> Figure:
    """Draw what each objective says of analyses pulled towards their observations, and what is true of them.

    Args:
        table: columns weight, objective, supervised, self_supervised, in noise variances.
    """
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.6))
    for axes, objective in zip(panels, ("forecast", "analysis"), strict=True):
        rows = table[table["objective"] == objective]
        for series, term, style, label in (
            (rows["self_supervised"].to_numpy() - 1, "self-supervised loss", "D-", "loss, less one"),
            (rows["supervised"].to_numpy(), "true squared error", "^--", "true squared error"),
        ):
            axes.plot(rows["weight"], series, style, color=TERM_COLOURS[term], ms=3.5, label=label)
            best = series.argmin()
            axes.plot(rows["weight"].iloc[best], series[best], "o", mfc="none", mec=TERM_COLOURS[term], ms=12)
        axes.set_title(f"{objective} objective", fontsize=10)
        axes.set_xlabel("pull")
    panels[0].set_ylabel(VARIANCES)
    legend_above(figure)
    return figure


CASE_LOOKS = {
    "free run": Look("#39475A", "", "-"),
    "untrained filter": Look("#8294AD", "", ":"),
    "trained filter": LOOKS["AmEnF"]._replace(marker=""),
}


def stability(growth: Mapping[str, ArrayLike], gradients: Mapping[str, ArrayLike], cycle_time: float) -> Figure:
    """Draw how small differences grow forwards, and how the gradient of a loss changes backwards.

    Args:
        growth: logarithms (cycle, run) by case.
        gradients: lengths (lag, run) by case, drawn relative to lag 0.
        cycle_time: time units.
    """
    figure, (forwards, backwards) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.6))
    for case, look in CASE_LOOKS.items():
        grown = np.concatenate([np.zeros((1, np.shape(growth[case])[1])), np.cumsum(growth[case], axis=0)])
        lengths = np.log(gradients[case])
        for axes, logarithms, unit in ((forwards, grown, cycle_time), (backwards, lengths - lengths[:1], 1)):
            places = np.arange(len(logarithms)) * unit
            low, high = np.exp(np.quantile(logarithms, (0.1, 0.9), axis=1))
            mean = np.exp(logarithms.mean(1))
            axes.semilogy(places, mean, color=look.color, linestyle=look.linestyle, label=case)
            axes.fill_between(places, low, high, color=look.color, alpha=0.15, linewidth=0)
    forwards.set(xlabel="model time", ylabel="size of a difference")
    backwards.set(xlabel="cycles back", ylabel="gradient by the members")
    legend_above(figure)
    return figure


def error_growth(errors: pd.DataFrame, leading: float) -> Figure:
    """Draw how fast an analysis's error grows, beside the growth at the leading exponent.

    Args:
        errors: columns lead, rmse.
        leading: the largest Lyapunov exponent per time unit.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    axes.plot(errors["lead"], errors["rmse"], color=LOOKS["AmEnF"].color, label="error of the forecast")
    line = errors["rmse"].iloc[0] * np.exp(leading * errors["lead"])
    axes.plot(errors["lead"], line, color="black", linestyle="--", label="growth at the leading exponent")
    axes.set(xlabel="lead (model time)", ylabel="RMSE (state units)", ylim=(0, None))
    legend_above(figure)
    return figure


def cross_terms(table: pd.DataFrame) -> Figure:
    """Draw cross terms that should be zero, with their intervals, a panel an instrument.

    Args:
        table: columns instrument, target, mean, low, high, in noise variances.
    """
    instruments = list(dict.fromkeys(table["instrument"]))
    layout = {"figsize": (FULL_WIDTH, 1.9 * len(instruments)), "sharex": True, "squeeze": False}
    figure, panels = plt.subplots(len(instruments), 1, **layout)
    for axes, instrument in zip(panels.flat, instruments, strict=True):
        rows = table[table["instrument"] == instrument]
        axes.plot(rows["mean"], rows["target"], "o", color=TERM_COLOURS["cross term"], ms=6)
        _intervals(axes, rows)
        axes.set_title(f"{instrument} instruments", fontsize=10)
    panels[-1, 0].set_xlabel(f"cross term ({VARIANCES})")
    return figure
