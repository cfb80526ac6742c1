"""Figures of why a filter may learn from noise: parts of a loss, gradients, growth and bounds."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, Look

VARIANCES = "noise variances"
TERM_COLOURS = {
    "true squared error": "#009E73",
    "noise variance": "#999999",
    "cross term": "#CC79A7",
    "self-supervised loss": "#D55E00",
}
OBJECTIVE_LOOKS = {"forecast": Look("#D55E00", "D", "-"), "analysis": Look("#0072B2", "s", "--")}


def decomposition(table: pd.DataFrame) -> Figure:
    """Draw the parts of the loss against noisy observations, a panel an estimate: bars of means, with intervals.

    Args:
        table: columns estimate, term, mean, low, high, in noise variances; the last term is the others' sum.
    """
    estimates = list(dict.fromkeys(table["estimate"]))
    figure, panels = plt.subplots(1, len(estimates), figsize=(FULL_WIDTH, 2.4), sharey=True, sharex=True, squeeze=False)
    for axes, estimate in zip(panels[0], estimates, strict=True):
        rows = table[table["estimate"] == estimate]
        colours = [TERM_COLOURS[term] for term in rows["term"]]
        axes.barh(rows["term"], rows["mean"], color=colours, height=0.6)
        _intervals(axes, rows, range(len(rows)))
        for place, (mean, high) in enumerate(zip(rows["mean"], rows["high"], strict=True)):
            note = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate(f"{mean:+.3f}", (max(high, 0), place), **note)
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set(title=f"{estimate} against observations", xlabel=VARIANCES)
        axes.margins(x=0.4)
        axes.grid(axis="y", visible=False)
    panels[0][0].invert_yaxis()
    return figure


def _intervals(axes: Axes, rows: pd.DataFrame, places: range) -> None:
    for place, low, high in zip(places, rows["low"], rows["high"], strict=True):
        axes.plot([low, high], [place, place], color="black", linewidth=1.5, marker="|", ms=6)


def precision(errors: Mapping[str, ArrayLike], lengths: ArrayLike) -> Figure:
    """Draw how the mean of each part of a loss scatters, against the cycles that it is averaged over.

    Args:
        errors: (length,) by term, in noise variances.
        lengths: (length,), cycles.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.0))
    lengths = np.asarray(lengths, dtype=float)
    for (term, scatter), marker, style in zip(errors.items(), "D^so", ("-", ":", "--", "-."), strict=False):
        scatter = np.asarray(scatter)
        axes.loglog(lengths, scatter, color=TERM_COLOURS[term], marker=marker, linestyle=style, ms=5, label=term)
        axes.loglog(lengths, scatter[0] / np.sqrt(lengths), color="0.6", linewidth=0.7, zorder=1)
    axes.plot([], [], color="0.6", linewidth=0.7, label="independent cycles")
    axes.set(xlabel="cycles averaged", ylabel=f"standard deviation ({VARIANCES})")
    _plain(axes.xaxis, axes.yaxis)
    axes.set_xticks(lengths, [f"{length:g}" for length in lengths])
    axes.legend(fontsize=8)
    return figure


def _plain(*scales: object) -> None:
    for scale in scales:
        scale.set_major_formatter("{x:g}")
        scale.set_minor_formatter("")


def pulled(table: pd.DataFrame) -> Figure:
    """Draw what each objective says of analyses pulled towards their observations, and what is true of them.

    Args:
        table: columns weight, objective, supervised, self_supervised, in noise variances.
    """
    figure, panels = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.3))
    for axes, objective in zip(panels, OBJECTIVE_LOOKS, strict=True):
        rows = table[table["objective"] == objective]
        noisy, true = rows["self_supervised"].to_numpy(), rows["supervised"].to_numpy()
        for series, colour, marker, label in (
            (noisy - 1, TERM_COLOURS["self-supervised loss"], "D", "self-supervised loss, less one"),
            (true, TERM_COLOURS["true squared error"], "^", "true squared error"),
        ):
            style = "-" if marker == "D" else "--"
            axes.plot(rows["weight"], series, color=colour, marker=marker, linestyle=style, ms=3.5, label=label)
            best = series.argmin()
            axes.plot(rows["weight"].iloc[best], series[best], "o", mfc="none", mec=colour, ms=12)
        axes.set(title=f"{objective} objective", xlabel="pull towards the observations")
    panels[0].set_ylabel(VARIANCES)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def gradients(table: pd.DataFrame) -> Figure:
    """Draw the agreement of noisy and true gradients, and what is left of the noise, against cycles averaged.

    Args:
        table: columns objective, length, cosine, noise.
    """
    figure, (angle, size) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.2))
    for objective, look in OBJECTIVE_LOOKS.items():
        rows = table[table["objective"] == objective]
        how = {"color": look.color, "marker": look.marker, "linestyle": look.linestyle, "ms": 5, "label": objective}
        angle.semilogx(rows["length"], rows["cosine"], **how)
        size.loglog(rows["length"], rows["noise"], **how)
    first = table[table["objective"] == "forecast"].iloc[0]
    lengths = np.sort(table["length"].unique())
    line = first["noise"] * np.sqrt(first["length"] / lengths)
    size.loglog(lengths, line, color="0.6", linewidth=0.7, zorder=1, label="inverse square root")
    angle.axhline(1, color="black", linewidth=0.8)
    angle.set(ylabel="cosine with the true gradient", xlabel="cycles averaged")
    size.set(ylabel="length of the noise's part", xlabel="cycles averaged")
    _plain(angle.xaxis, size.xaxis, size.yaxis)
    for axes in (angle, size):
        axes.set_xticks(lengths, lengths)
    figure.legend(*size.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


CASE_LOOKS = {
    "free run": Look("#000000", "", "-"),
    "untrained filter": Look("#56B4E9", "", ":"),
    "trained filter": LOOKS["AmEnF"]._replace(marker=""),
}


def stability(growth: Mapping[str, ArrayLike], gradients: Mapping[str, ArrayLike], cycle_time: float) -> Figure:
    """Draw how small differences grow forwards, and how the gradient of a loss changes backwards.

    Args:
        growth: logarithms (cycle, run) by case.
        gradients: lengths (lag, run) by case, drawn relative to lag 0.
        cycle_time: time units.
    """
    figure, (forwards, backwards) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.4))
    for case, look in CASE_LOOKS.items():
        how = {"color": look.color, "linestyle": look.linestyle, "label": case}
        grown = np.concatenate([np.zeros((1, np.shape(growth[case])[1])), np.cumsum(growth[case], axis=0)])
        lengths = np.log(gradients[case])
        for axes, logarithms in ((forwards, grown), (backwards, lengths - lengths[:1])):
            places = np.arange(len(logarithms)) * (cycle_time if axes is forwards else 1)
            low, high = np.exp(np.quantile(logarithms, (0.1, 0.9), axis=1))
            axes.semilogy(places, np.exp(logarithms.mean(1)), **how)
            axes.fill_between(places, low, high, color=look.color, alpha=0.15, linewidth=0)
    forwards.set(xlabel="model time", ylabel="size of a small difference (start: 1)")
    backwards.set(xlabel="cycles back", ylabel="gradient by the members (now: 1)")
    figure.legend(*forwards.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def bounds(errors: pd.DataFrame, leading: float, ladder: Mapping[str, float]) -> Figure:
    """Draw how fast an analysis's error grows, and the factors by which a forecast's error bounds it.

    Args:
        errors: columns lead, rmse.
        leading: the largest Lyapunov exponent per time unit.
        ladder: factors on the squared error by what they rest on.
    """
    figure, (growth, rungs) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.2), width_ratios=(2, 3))
    start = errors["rmse"].iloc[0]
    growth.plot(errors["lead"], errors["rmse"], color=LOOKS["AmEnF"].color, label="forecast error")
    line = start * np.exp(leading * errors["lead"])
    growth.plot(errors["lead"], line, color="black", linestyle="--", label="leading exponent")
    growth.set(xlabel="lead (model time)", ylabel="RMSE (state units)", ylim=(0, None))
    growth.legend(fontsize=8)
    names = [name.replace(", ", ",\n") for name in ladder]
    factors = list(ladder.values())
    rungs.plot(factors, range(len(names)), "o", color="black")
    rungs.hlines(range(len(names)), 1, factors, color="0.6")
    for place, factor in enumerate(factors):
        rungs.annotate(f"{factor:.3g}", (factor, place), xytext=(7, 0), textcoords="offset points", va="center")
    rungs.set(xscale="log", xlabel="analysis error / forecast error, squared", xlim=(0.5, 6 * max(factors)))
    rungs.set_yticks(range(len(names)), names, fontsize=8)
    rungs.invert_yaxis()
    _plain(rungs.xaxis)
    return figure


def cross_terms(table: pd.DataFrame) -> Figure:
    """Draw cross terms that should be zero, with their intervals, a panel an instrument.

    Args:
        table: columns instrument, target, mean, low, high, in noise variances.
    """
    instruments = list(dict.fromkeys(table["instrument"]))
    figure, panels = plt.subplots(1, len(instruments), figsize=(FULL_WIDTH, 2.2), sharey=True, sharex=True)
    for axes, instrument in zip(np.atleast_1d(panels), instruments, strict=True):
        rows = table[table["instrument"] == instrument]
        axes.plot(rows["mean"], range(len(rows)), "o", color=TERM_COLOURS["cross term"], ms=6)
        _intervals(axes, rows, range(len(rows)))
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set(title=f"{instrument} instruments", xlabel=f"cross term ({VARIANCES})", ylim=(len(rows) - 0.5, -0.5))
        axes.set_yticks(range(len(rows)), rows["target"])
    return figure
