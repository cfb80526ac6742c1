"""Figures of ensembles: whether they collapse, where their members go, and whether their spread is honest."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

LEAST_SPREAD = 1e-7  # of a state of order one in single precision: below it all members are one
CYCLE = 0.1  # model time units


def spread_over_time(spreads: dict[str, ArrayLike], error_std: float) -> Figure:
    """Draw each filter's ensemble spread (cycle,), in state units, on a logarithmic axis, and an observation's noise.

    What is below single precision is drawn at its floor.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    for method, spread in spreads.items():
        look, times = LOOKS[method], CYCLE * np.arange(1, len(spread) + 1)
        drawn = np.maximum(np.asarray(spread), LEAST_SPREAD)
        axes.plot(times, drawn, color=look.color, linestyle=look.linestyle, linewidth=1.5, label=method)
    axes.axhline(error_std, color="black", linewidth=0.8, zorder=1, label="noise of an observation")
    axes.set(xlabel="model time", ylabel="ensemble spread (state units)", yscale="log")
    axes.margins(x=0)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def members_at_a_site(panels: dict[str, tuple[ArrayLike, ...]]) -> Figure:
    """Draw members, truth and observations of one site over time, a panel a case.

    Args:
        panels: by title: members (cycle, member), truth (cycle,), observed values (cycle,), mask (cycle,).
    """
    size = (FULL_WIDTH, 0.6 + 1.8 * len(panels))
    figure, rows = plt.subplots(len(panels), 1, figsize=size, sharex=True, sharey=True, squeeze=False)
    look = LOOKS["observations"]
    for axes, (title, case) in zip(rows.flat, panels.items(), strict=True):
        members, truth, values, mask = (np.asarray(each) for each in case)
        times = CYCLE * np.arange(len(truth))
        axes.plot(times, truth, color=LOOKS["truth"].color, linewidth=1.6, label="truth")
        lines = axes.plot(times, members, color=LOOKS["AmEnF"].color, linewidth=0.6, alpha=0.6)
        lines[0].set_label("members")
        axes.plot(times[mask], values[mask], "o", mfc="white", mec=look.color, ms=4, label="observations")
        axes.set_title(title, loc="left", fontsize=10)
        axes.set_ylabel("$x_k$ (state units)")
        axes.margins(x=0)
    rows[-1, 0].set_xlabel("model time")
    figure.legend(*rows[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
