"""Figures of FiLM against all weights: on Gaussian processes, and within the networks of the twin."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
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
        for name in (method, exact):
            axes.plot(x, predictions[name][0], color=LOOKS[name].color, linestyle=LOOKS[name].linestyle, label=name)
        mean, std = predictions[method]
        axes.fill_between(x, mean - 2 * std, mean + 2 * std, color=LOOKS[method].color, alpha=0.2, linewidth=0)
        mean, std = predictions[exact]
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


def changes_by_block(changes: pd.DataFrame) -> Figure:
    """Draw by how much each block of a network changed, a panel a kind of parameter.

    Args:
        changes: `method`, `block` (in the order of the network), `kind` and `change` (relative, norm of the difference
            to norm before).
    """
    kinds = list(dict.fromkeys(changes["kind"]))
    figure, axes = plt.subplots(1, len(kinds), figsize=(FULL_WIDTH, 3.6), sharey=True, squeeze=False)
    for kind, ax in zip(kinds, axes[0], strict=True):
        for method, rows in changes[changes["kind"] == kind].groupby("method", sort=False):
            ax.plot(rows["block"], rows["change"], **LOOKS[method]._asdict(), ms=5, label=method)
        ax.set_title(kind)
        ax.tick_params(axis="x", rotation=90)
    axes[0][0].set_ylabel("relative change")
    legend_above(figure)
    return figure


def responses(profiles: pd.DataFrame) -> Figure:
    """Draw what a degree more at one station does around it, a panel a case with an axis of its own, a line a network.

    Args:
        profiles: `method`, `case`, `distance` (km), `response` (K per K).
    """
    cases = list(dict.fromkeys(profiles["case"]))
    figure, axes = plt.subplots(1, len(cases), figsize=(FULL_WIDTH, 3.4), squeeze=False)
    for case, ax in zip(cases, axes[0], strict=True):
        for method, rows in profiles[profiles["case"] == case].groupby("method", sort=False):
            look = LOOKS[method]
            ax.plot(rows["distance"], rows["response"], linestyle=look.linestyle, color=look.color, label=method)
        ax.axhline(0, color="black", lw=0.8)
        ax.set(title=case, xlabel="distance (km)")
    axes[0][0].set_ylabel("response (K per K)")
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
