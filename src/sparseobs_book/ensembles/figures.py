"""Figures of ensembles: where their members go."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

CYCLE = 0.1  # model time units


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
