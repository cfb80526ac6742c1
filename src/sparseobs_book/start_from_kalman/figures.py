"""Figures of an ensemble that is corrected some cycles back."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.filter_scores import plain_numbers
from sparseobs.figures.moving import Moving, moving
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.start_from_kalman.run import Learned

SHARES = {0.65: "fixed-lag smoother", 0.5: "fixed-lag smoother, half the gain"}


def errors_by_lag(tables: dict[str, pd.DataFrame], climatology: float) -> Figure:
    """Draw RMSE against lag, a panel an experiment: circles are truths, a marker their mean, a bar its 95 % interval.

    Args:
        tables: columns lag, reduction, truth and rmse, by the panel's title.
        climatology: what knowing nothing costs, a dotted line.
    """
    figure, panels = plt.subplots(1, len(tables), figsize=(FULL_WIDTH, 3.6), sharey=True, squeeze=False)
    for axes, (title, table) in zip(panels[0], tables.items(), strict=True):
        lags = sorted(set(table["lag"]))
        for aside, (share, method) in zip((-0.1, 0.1), SHARES.items(), strict=True):
            own = table[table["reduction"] == share]
            _draw_repeats(axes, aside + np.arange(len(lags)), [own[own["lag"] == lag]["rmse"] for lag in lags], method)
        axes.axhline(climatology, color="black", linestyle=":", linewidth=1, label="climatology")
        axes.set_title(title, fontsize=10)
        axes.set(xlabel="lag (cycles)", yscale="log")
        plain_numbers(axes.yaxis)
        axes.set_xticks(range(len(lags)), lags)
    panels[0][0].set_ylabel("analysis RMSE (state units)")
    legend_above(figure, 1)
    return figure


def _draw_repeats(axes: Axes, places: ArrayLike, repeats: list[pd.Series], method: str) -> None:
    """Draw one method at several places along an axis; what diverged (NaN) is left out."""
    look, finite = LOOKS[method], [each.dropna() for each in repeats]
    axes.plot(places, [each.mean() for each in finite], **look._asdict(), ms=6, label=method)
    for place, each in zip(places, finite, strict=True):
        axes.plot(np.full(len(each), place), each, "o", mfc="none", mec=look.color, ms=3.5, alpha=0.6)
        if len(each) > 1:
            _, low, high, _ = repeat_interval(each)
            axes.plot([place] * 2, [low, high], color=look.color, linewidth=4, alpha=0.3)


def then_and_now(profiles: dict[int, ArrayLike], centres: dict[int, float], table: pd.DataFrame) -> Figure:
    """Draw where the ensemble of then knew of what is seen now, and what a moving taper makes of it.

    Args:
        profiles: (offset,) squared correlations by lag, offsets from minus half the ring up.
        centres: where each is centred, sites.
        table: columns shift, truth and rmse of one smoother.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(FULL_WIDTH, 3.6))
    shades, dashes = plt.get_cmap("cividis")(np.linspace(0, 0.75, len(profiles))), ("-", "--", "-.", ":", (0, (1, 3)))
    for (lag, profile), shade, dash in zip(profiles.items(), shades, dashes, strict=False):
        offsets = np.arange(len(profile)) - len(profile) // 2
        left.plot(offsets, profile, color=shade, linestyle=dash, label=f"lag {lag}")
        left.plot([centres[lag]], [0], "^", color=shade, ms=7, clip_on=False, zorder=4)
    left.axvline(0, color="black", linewidth=0.6)
    left.set(xlabel="site then, less the site now", ylabel="squared correlation", xlim=(-10, 10), ylim=(0, 1))
    left.legend(handlelength=1.8)
    shifts = sorted(set(table["shift"]))
    _draw_repeats(right, shifts, [table[table["shift"] == shift]["rmse"] for shift in shifts], "fixed-lag smoother")
    right.set(xlabel="shift of the taper\n(sites a cycle)", ylabel="analysis RMSE (state units)")
    return figure


def moving_training(found: Learned, climatology: float) -> Moving:
    """Draw what two trainings have reached, by the number of steps done.

    Args:
        found: errors and analyses at some steps.
        climatology: what knowing nothing costs, a dotted line.
    """
    at = {step: look for look, step in enumerate(found.steps)}
    values = torch.cat([found.truth[None].double(), *(each.double() for each in found.analyses.values())])
    limits = values.min().item() - 1, values.max().item() + 1
    highest = max(climatology, *(error for errors in found.errors.values() for error in errors))

    def draw(step: int) -> Figure:
        figure, (above, below) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 4.8))
        below.plot(found.truth, color=LOOKS["truth"].color, linewidth=2, label="truth")
        for name, errors in found.errors.items():
            look = LOOKS[name]
            line = {"color": look.color, "linestyle": look.linestyle}
            above.plot(found.steps, errors, linewidth=1.4, label=name, **line)
            above.plot(step, errors[at[step]], look.marker, color=look.color, ms=8)
            below.plot(found.analyses[name][at[step]], linewidth=1.4, **line)
        above.axhline(climatology, **LOOKS["climatology"]._asdict(), label="climatology")
        above.set(xlabel="training steps", ylabel="analysis RMSE\n(state units)", ylim=(0, 1.1 * highest))
        below.set(xlabel="site $k$", ylabel="state at one cycle", ylim=limits)
        below.margins(x=0)
        legend_above(figure, 2)
        return figure

    def says(step: int) -> str:
        parts = [f"{name} {errors[at[step]]:.2f}" for name, errors in found.errors.items()]
        return f"After {step} steps, analysis RMSE: {'; '.join(parts)}; climatology {climatology:.2f}."

    alt = (
        "Above, error against training steps: that of the AmEnS is low and level from the start, that of the AmEnF "
        "falls from climatology's and stays far above. Below, the state at all sites: the AmEnS lies on the truth's "
        "waves, the AmEnF begins nearly level and takes on some of them."
    )
    return moving(draw, {"training steps": found.steps}, (found.steps[-1],), alt=alt, says=says)


def error_and_lag(errors: dict[str, ArrayLike], lags: dict[str, ArrayLike], exchanged: int, start: int) -> Figure:
    """Draw error and lag of filters before and after the truth is exchanged, means over truths.

    Args:
        errors: (cycle, truth) by filter.
        lags: the same.
        exchanged: the cycle of the new truth's first observation.
        start: first cycle drawn.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 5.0), sharex=True, height_ratios=(3, 2))
    for axes, curves in ((above, errors), (below, lags)):
        for method, curve in curves.items():
            look, mean = LOOKS[method], np.asarray(curve, dtype=float)[start:].mean(1)
            cycles = np.arange(start, start + len(mean)) - exchanged
            axes.plot(cycles, mean, color=look.color, linestyle=look.linestyle, linewidth=1.4, label=method)
        axes.axvline(-0.5, color="black", linewidth=0.8)
        axes.margins(x=0)
    above.set(ylabel="analysis RMSE\n(state units)", ylim=(0, None))
    below.set(xlabel="cycles since the truth was exchanged", ylabel="mean lag (cycles)", ylim=(0, None))
    legend_above(figure, 2)
    return figure
