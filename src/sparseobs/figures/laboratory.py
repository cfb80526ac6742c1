"""Figures of the Gaussian-process laboratory: one task, gaps to the exact prediction, FiLM against all weights."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS

# One look for each reality of a gap, in order; they are no methods.
REALITIES = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."), ("#CC79A7", "v", ":"))


def one_task(
    x: ArrayLike,
    predictions: dict[str, tuple[ArrayLike, ArrayLike]],
    observed: tuple[ArrayLike, ArrayLike],
    exact: str = "exact GP",
) -> Figure:
    """Draw a panel for each method but the exact one, which is outlined in all of them.

    Args:
        x: (point,), where it is predicted.
        predictions: mean and standard deviation of an observation, (point,) each, by method.
        observed: x and y of the observations.
        exact: which of the predictions is the best possible.
    """
    methods = [method for method in predictions if method != exact]
    size = (FULL_WIDTH, 0.6 + 1.75 * len(methods))
    figure, panels = plt.subplots(len(methods), 1, figsize=size, sharex=True, sharey=True, squeeze=False)
    for axes, method in zip(panels[:, 0], methods, strict=True):
        mean, std = predictions[method]
        look = LOOKS[method]
        axes.fill_between(x, mean - 2 * std, mean + 2 * std, color=look.color, alpha=0.2, linewidth=0)
        axes.plot(x, mean, color=look.color, linestyle=look.linestyle, label=method)
        mean, std = predictions[exact]
        axes.plot(x, mean, color=LOOKS[exact].color, linestyle=LOOKS[exact].linestyle, label=exact)
        for edge in (mean - 2 * std, mean + 2 * std):
            axes.plot(x, edge, color=LOOKS[exact].color, linestyle=":", linewidth=1)
        axes.plot(*observed, "o", color=LOOKS["observations"].color, fillstyle="none", markersize=5)
        axes.set_ylabel("value")
        axes.legend(loc="upper right", ncols=2)
    panels[-1, 0].set_xlabel("position (units of length)")
    return figure


def film_lead(rows: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw FiLM's lead against the number of tasks, a panel a gap, a line a reality.

    Args:
        rows: gap, length_scale, noise_variance, n_tasks, mean, low, high (nats a target), as `film_less_global`.
        titles: of the panels, by gap, in order.
    """
    columns = 2 if len(titles) > 1 else 1
    shape = (-(-len(titles) // columns), columns)
    figure, panels = plt.subplots(*shape, figsize=(FULL_WIDTH, 0.4 + 2.5 * shape[0]), squeeze=False)
    for axes, (gap, title) in zip(panels.flat, titles.items(), strict=False):
        part = rows[rows["gap"] == gap]
        axes.axhline(0, color="black", linewidth=1)
        _lines(axes, _named(part), REALITIES, "reality")
        axes.set(title=title, xlabel="tasks of reality", ylabel="FiLM's lead (nats)")
        axes.legend(fontsize="small")
    return figure


def gaps_to_exact(rows: pd.DataFrame, gap: str) -> Figure:
    """Draw how far methods stay below the exact prediction against the number of tasks, a panel a reality of a gap.

    Args:
        rows: gap, length_scale, noise_variance, method, n_tasks, mean, low, high (nats a target), as `gap_to_exact`.
        gap: which one to draw.
    """
    part = rows[rows["gap"] == gap]
    realities = list(part.groupby(["length_scale", "noise_variance"], sort=False))
    figure, panels = plt.subplots(1, len(realities), figsize=(FULL_WIDTH, 3.0), sharey=True, squeeze=False)
    for axes, (where, found) in zip(panels[0], realities, strict=True):
        before = found[found["n_tasks"] == 0]
        for _, row in before.iterrows():
            look = LOOKS[row["method"]]
            axes.axhline(row["mean"], color=look.color, linestyle=look.linestyle, label=row["method"])
            axes.axhspan(row["low"], row["high"], color=look.color, alpha=0.12, linewidth=0)
        found = found[found["n_tasks"] > 0]
        _lines(axes, found, [_plain(LOOKS[name]) for name in found["method"].unique()], "method")
        axes.set(title=_name(gap, *where), xlabel="tasks of reality")
        axes.set_ylim(bottom=0)
    panels[0, 0].set_ylabel("below the exact prediction (nats)")
    panels[0, -1].legend(fontsize="small")
    return figure


def _plain(look) -> tuple:
    return look.color, look.marker, look.linestyle


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    names = [_name(*where) for where in rows[["gap", "length_scale", "noise_variance"]].itertuples(index=False)]
    return rows.assign(reality=names)


def _lines(axes: Axes, rows: pd.DataFrame, looks, by: str) -> None:
    """Draw a line with intervals for every value of a column, over equally spaced numbers of tasks."""
    counts = sorted(rows["n_tasks"].unique())
    groups = list(rows.groupby(by, sort=False))
    for number, (name, part) in enumerate(groups):
        color, marker, linestyle = looks[number]
        part = part.sort_values("n_tasks")
        at = np.searchsorted(counts, part["n_tasks"]) + 0.12 * (number - (len(groups) - 1) / 2)
        axes.plot(at, part["mean"], color=color, marker=marker, linestyle=linestyle, markersize=5, label=name)
        axes.vlines(at, part["low"], part["high"], color=color, linewidth=1.5)
    axes.set_xticks(range(len(counts)), ["∞" if np.isinf(count) else f"{count:g}" for count in counts])


def _name(gap: str, length_scale: float, noise_variance: float) -> str:
    """Return a reality by what sets it apart from the simulator."""
    return f"noise variance {noise_variance:g}" if gap == "noise" else f"length scale {length_scale:g}"
