"""Figures of the page on observing networks."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS
from sparseobs.scores.intervals import repeat_interval


def crps_by_network(scores: dict[str, pd.DataFrame], filters: dict[str, str]) -> Figure:
    """Draw every network's CRPS: a mark a truth, the 95 % interval of their mean, and the mean in words.

    Args:
        scores: a row a truth with its column crps, by network.
        filters: the filter's name by network.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 0.9 + 0.5 * len(scores)))
    for place, (name, table) in enumerate(scores.items()):
        look, interval = LOOKS[filters[name]], repeat_interval(table["crps"])
        axes.plot([interval.low, interval.high], [place, place], color=look.color, linewidth=6, alpha=0.35)
        marks = {"mfc": "none", "mec": look.color, "ms": 6}
        axes.plot(table["crps"], np.full(len(table), place), look.marker, **marks)
        lost = int(table["lost"].sum())
        note = f"{interval.mean:.2f}" + (f", {lost} lost" if lost else "")
        end = max(interval.high, table["crps"].max())
        axes.annotate(note, (end, place), xytext=(8, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(scores)), [f"{name}\n{filters[name]}" for name in scores])
    largest = max(table["crps"].max() for table in scores.values())
    axes.set(xlabel="CRPS (state units)", xlim=(0, 1.3 * largest), ylim=(len(scores) - 0.5, -0.5))
    axes.grid(axis="y", visible=False)
    return figure
