"""Figures of the page on stations by the hundred."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.real_stations.summary import paired


def differences(table: pd.DataFrame, reference: str, methods: tuple[str, ...], scores: dict[str, str]) -> Figure:
    """Return a panel a score: its difference to a reference against the number of stations, a line a method.

    Args:
        table: rows of one source.
        reference: the method at zero.
        methods: those shown.
        scores: label of every score, one panel below the other.
    """
    gaps = paired(table, reference, tuple(scores))
    numbers = sorted(gaps["n_stations"].unique())
    figure, axes = plt.subplots(len(scores), 1, figsize=(FULL_WIDTH, 2.7 * len(scores)), sharex=True)
    for ax, (score, label) in zip(axes, scores.items(), strict=True):
        ax.axhline(0, color="0.3", linewidth=1)
        for shift, method in enumerate(methods):
            own = gaps[(gaps["method"] == method) & (gaps["score"] == score)].set_index("n_stations").loc[numbers]
            at = [place + 0.07 * (shift - (len(methods) - 1) / 2) for place in range(len(numbers))]
            bars = own["difference"] - own["low"], own["high"] - own["difference"]
            ax.errorbar(at, own["difference"], bars, capsize=2, label=method, **LOOKS[method]._asdict())
        ax.set_ylabel(f"{label}, less\n{reference}")
        ax.set_xticks(range(len(numbers)), numbers)
    axes[-1].set_xlabel("stations shown")
    legend_above(figure, 2)
    return figure
