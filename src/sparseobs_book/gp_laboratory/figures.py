"""Figures of the Gaussian-process laboratory: one task, gaps to the exact prediction, FiLM against all weights."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, Look, legend_above

# One look for each reality of a gap, in order; they are no methods, and no method of the book looks like them.
REALITIES = (
    Look("#4B5A8C", "p", "-"),
    Look("#882255", "<", "--"),
    Look("#999933", "*", "-."),
    Look("#661100", ">", ":"),
)


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
    size = (FULL_WIDTH, 0.9 + 1.6 * len(methods))
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
    panels[-1, 0].set_xlabel("position (units of length)")
    legend_above(figure, 2)
    return figure


def film_lead(rows: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw FiLM's lead against the number of tasks, a panel a gap, a line a reality.

    Args:
        rows: gap, length_scale, noise_variance, n_tasks, mean, low, high (nats a target), as `summary.film_lead`.
        titles: of the panels, by gap, in order.
    """
    figure, panels = _panels(len(titles), 3.4, "row")
    for axes, (gap, title) in zip(panels.flat, titles.items(), strict=False):
        axes.axhline(0, color="black", linewidth=1)
        varied = "noise_variance" if gap == "noise" else "length_scale"
        _lines(axes, rows[rows["gap"] == gap], REALITIES, varied)
        axes.set(title=title, xlabel="tasks of reality")
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.24), "ncols": 2, "columnspacing": 1.0}
        axes.legend(title=varied.replace("_", " "), **below)
    for axes in panels[:, 0]:
        axes.set_ylabel("FiLM's lead (nats)")
    return figure


def gaps_to_exact(rows: pd.DataFrame, gap: str) -> Figure:
    """Draw how far methods stay below the exact prediction against the number of tasks, a panel a reality of a gap.

    The axis is logarithmic: adapting takes away most of what is lost.

    Args:
        rows: gap, length_scale, noise_variance, method, n_tasks, mean, low, high (nats a target), as `gap_to_exact`.
        gap: which one to draw.
    """
    figure, realities = _realities(rows, gap, "below the exact\nprediction (nats)", "tasks of reality")
    for axes, found in realities:
        for _, row in found[found["n_tasks"] == 0].iterrows():
            look = LOOKS[row["method"]]
            axes.axhline(row["mean"], color=look.color, linestyle=look.linestyle, label=row["method"])
            axes.axhspan(row["low"], row["high"], color=look.color, alpha=0.12, linewidth=0)
        found = found[found["n_tasks"] > 0]
        _lines(axes, found, [LOOKS[name] for name in found["method"].unique()], "method")
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    legend_above(figure)
    return figure


def rates_tried(rows: pd.DataFrame, gap: str) -> Figure:
    """Draw the validation log-likelihood against the learning rate, a panel a reality of a gap, the best ringed.

    Args:
        rows: gap, length_scale, noise_variance, method, learning_rate, validation_loglik (nats a target), a row a try.
        gap: which one to draw.
    """
    figure, realities = _realities(rows, gap, "validation\nlog-likelihood (nats)", "learning rate")
    for axes, found in realities:
        for method, part in found.groupby("method", sort=False):
            means = part.groupby("learning_rate")["validation_loglik"].mean()
            axes.plot(means.index, means, **LOOKS[method]._asdict(), markersize=5, label=method)
            axes.plot(means.idxmax(), means.max(), "o", color="black", fillstyle="none", markersize=12)
        axes.set_xscale("log")
    legend_above(figure)
    return figure


def _panels(count: int, height: float, sharey: bool | str = True) -> tuple[Figure, np.ndarray]:
    """Return a figure and its panels (row, column), at most two side by side."""
    columns = min(count, 2)
    shape = (-(-count // columns), columns)
    figure, panels = plt.subplots(*shape, figsize=(FULL_WIDTH, height * shape[0]), sharey=sharey, squeeze=False)
    for axes in panels.flat[count:]:
        axes.remove()
    return figure, panels


def _realities(
    rows: pd.DataFrame, gap: str, vertical: str, horizontal: str
) -> tuple[Figure, Iterator[tuple[Axes, pd.DataFrame]]]:
    """Return a figure, and with each titled panel the rows of one reality of a gap."""
    realities = list(rows[rows["gap"] == gap].groupby(["length_scale", "noise_variance"], sort=False))
    figure, panels = _panels(len(realities), 2.7)
    for axes, ((length_scale, noise_variance), _) in zip(panels.flat, realities, strict=False):
        name = f"noise variance {noise_variance:g}" if gap == "noise" else f"length scale {length_scale:g}"
        axes.set(title=name, xlabel=horizontal)
    for axes in panels[:, 0]:
        axes.set_ylabel(vertical)
    return figure, zip(figure.axes, (found for _, found in realities), strict=True)


def _lines(axes: Axes, rows: pd.DataFrame, looks, by: str) -> None:
    """Draw a line with intervals for every value of a column, over equally spaced numbers of tasks."""
    counts = sorted(rows["n_tasks"].unique())
    groups = list(rows.groupby(by, sort=False))
    for number, (name, part) in enumerate(groups):
        part = part.sort_values("n_tasks")
        at = np.searchsorted(counts, part["n_tasks"]) + 0.12 * (number - (len(groups) - 1) / 2)
        label = name if isinstance(name, str) else f"{name:g}"
        axes.plot(at, part["mean"], **looks[number]._asdict(), markersize=5, label=label)
        axes.vlines(at, part["low"], part["high"], color=looks[number].color, linewidth=1.5)
    axes.set_xticks(range(len(counts)), ["∞" if np.isinf(count) else f"{count:g}" for count in counts])
