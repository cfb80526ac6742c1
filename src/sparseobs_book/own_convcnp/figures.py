"""Figures of a reader's own ConvCNP: predictions from few readings, its two channels, and what the density is for."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.moving import Moving, moving
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.own_convcnp.run import Shown

BEST = "exact GP"


def few_readings(panels: Sequence[Shown], best: str = BEST) -> Figure:
    """Draw a panel for each number of readings: the methods' means, and bands of two standard deviations.

    Args:
        panels: with the same methods; the band of the best possible prediction is outlined, that of others filled.
        best: its name.
    """
    figure, axes = plt.subplots(len(panels), 1, figsize=(FULL_WIDTH, 1.2 + 1.6 * len(panels)), sharex=True, sharey=True)
    for ax, shown in zip(np.atleast_1d(axes), panels, strict=True):
        alone = list(shown.predictions) == [best]
        ax.plot(shown.at, shown.truth, color="black", linewidth=1, label="curve")
        for name, (mean, std) in shown.predictions.items():
            look = LOOKS[name]
            ax.plot(shown.at, mean, color=look.color, linestyle=look.linestyle, label=name)
            if name != best or alone:
                ax.fill_between(shown.at, mean - 2 * std, mean + 2 * std, color=look.color, alpha=0.2, linewidth=0)
            else:
                for edge in (mean - 2 * std, mean + 2 * std):
                    ax.plot(shown.at, edge, color=look.color, linestyle=":", linewidth=1)
        ax.plot(shown.x, shown.y, "o", color=LOOKS["observations"].color, fillstyle="none", markersize=5)
        ax.set(ylabel="value", title=f"{len(shown.x)} reading{'s' * (len(shown.x) != 1)}", ylim=(-3.5, 3.5))
    np.atleast_1d(axes)[-1].set_xlabel("position (units of length)")
    legend_above(figure)
    return figure


def moving_readings(frames: Mapping[int, Shown], start: int) -> Moving:
    """Draw `few_readings` of one curve by the number of readings shown.

    Args:
        frames: by the number of readings, with the same methods.
        start: the number at which it opens.
    """

    def says(n_readings: int) -> str:
        shown = frames[n_readings]
        parts = []
        for name, (mean, std) in shown.predictions.items():
            off = np.abs(mean - shown.truth).mean()
            parts.append(f"{name}: absolute error {off:.2f}, standard deviation {std.mean():.2f}")
        return f"Means over the line. {'. '.join(parts)}."

    alt = (
        "One curve, circles for the readings, and two predictions that lie almost on each other, each with a band: "
        "wide everywhere without readings, narrow at the circles, and narrow nearly everywhere with twenty."
    )
    return moving(lambda n: few_readings([frames[n]]), {"readings": list(frames)}, (start,), alt=alt, says=says)


def two_channels(nodes: ArrayLike, channels: ArrayLike, readings: tuple[ArrayLike, ArrayLike]) -> Figure:
    """Draw density and signal at the nodes, one above the other, with the readings.

    Args:
        nodes: (node,).
        channels: (2, node).
        readings: x and y, (reading,) each.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 3.6), sharex=True)
    for ax, values, name in ((above, channels[0], "density"), (below, channels[1], "signal")):
        ax.plot(nodes, values, ".-", color="#4B5A8C", linewidth=1, markersize=4)
        ax.set_ylabel(name)
    above.plot(readings[0], np.zeros(len(readings[0])), "o", color=LOOKS["observations"].color, fillstyle="none")
    below.plot(*readings, "o", color=LOOKS["observations"].color, fillstyle="none")
    below.set_xlabel("position (units of length)")
    return figure


def std_by_value(values: ArrayLike, stds: Mapping[str, ArrayLike]) -> Figure:
    """Draw the standard deviation said at the place of a single reading against what it reads, a line a method.

    Args:
        values: (value,), what is read.
        stds: (value,) by method.
    """
    figure, ax = plt.subplots(figsize=(FULL_WIDTH, 3.4))
    for name, std in stds.items():
        look = LOOKS[name]
        ax.plot(values, std, color=look.color, linestyle=look.linestyle, label=name)
    ax.set(xlabel="what the one reading says", ylabel="std. deviation there", ylim=(0, None))
    legend_above(figure, 2)
    return figure
