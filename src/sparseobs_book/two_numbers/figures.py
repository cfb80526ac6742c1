"""Figures of two numbers: what a reading of one does to both, what a forecast does, and how a filter settles."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from sparseobs.figures.moving import Moving, moving
from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.two_numbers.run import analysis, covariance_of

WIDTH = 2.0  # linewidth of what a figure is about
CORRELATIONS = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6, 0.9)  # to choose from by a slider
POSITION, SPEED = "position (km)", "speed (km/h)"
READS_POSITION = [[1.0, 0.0]]


def ellipse(mean: ArrayLike, covariance: ArrayLike, deviations: float) -> NDArray:
    """Return a line of equal density of two Gaussian numbers, (2, point), so many standard deviations out."""
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.array([np.cos(angle), np.sin(angle)])
    return np.asarray(mean)[:, None] + deviations * np.linalg.cholesky(np.asarray(covariance)) @ circle


def moving_plane(
    mean: ArrayLike, variances: ArrayLike, correlation: float, reading: float, reading_variance: float
) -> Moving:
    """Draw prior, reading and posterior of position and speed for every correlation of the slider.

    Args:
        mean: (2,), of the forecast, km and km/h.
        variances: (2,), of its errors, km² and (km/h)².
        correlation: of these errors, at which the figure opens.
        reading: of the position, km.
        reading_variance: of its error, km².
    """
    choices = sorted({*CORRELATIONS, float(correlation)})

    def both(correlation: float) -> tuple[tuple, tuple]:
        prior = np.asarray(mean, dtype=float), covariance_of(variances, correlation)
        return prior, analysis(*prior, [reading], READS_POSITION, [[reading_variance]])

    every = np.concatenate([ellipse(*one, 2) for choice in choices for one in both(choice)], axis=1)
    low, high = every.min(1), every.max(1)
    low[0], high[0] = (
        min(low[0], reading - 2 * reading_variance**0.5),
        max(high[0], reading + 2 * reading_variance**0.5),
    )
    room = 0.04 * (high - low)

    def draw(correlation: float) -> Figure:
        figure = plane(*both(correlation), reading, reading_variance)
        figure.axes[0].set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))
        return figure

    def says(correlation: float) -> str:
        _, (new, covariance) = both(correlation)
        return (
            f"Analysis: {new[0]:.2f} km, give or take {covariance[0, 0] ** 0.5:.2f}; "
            f"{new[1]:.2f} km/h, give or take {covariance[1, 1] ** 0.5:.2f}."
        )

    alt = (
        "The plane of position and speed. Dashed ellipses of the prior lean with the correlation. A vertical band is "
        "the reading. Solid, smaller ellipses of the posterior lie between the two in position; in speed they have "
        "moved up for a positive correlation, down for a negative one, and not at all for none."
    )
    return moving(draw, {"correlation of the two errors": choices}, (float(correlation),), alt=alt, says=says)


def plane(prior: tuple, posterior: tuple, reading: float, reading_variance: float) -> Figure:
    """Draw prior and posterior, each a mean (2,) and a covariance (2, 2), and the reading of the position as a band."""
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 4.2))
    seen, std = LOOKS["observations"], reading_variance**0.5
    axes.axvspan(reading - std, reading + std, color=seen.color, alpha=0.15, linewidth=0)
    axes.axvline(reading, color=seen.color, linestyle=seen.linestyle, linewidth=WIDTH, label="reading: position alone")
    _ellipses(axes, *prior, "prior", "prior: the forecast")
    _ellipses(axes, *posterior, "posterior", "posterior: the analysis")
    axes.set(xlabel=POSITION, ylabel=SPEED)
    legend_above(figure, 2)
    return figure


def _ellipses(axes: Axes, mean: ArrayLike, covariance: ArrayLike, name: str, label: str | None) -> None:
    look = LOOKS[name]
    for deviations, width in ((1, WIDTH), (2, WIDTH / 2)):
        line = ellipse(mean, covariance, deviations)
        style = {"color": look.color, "linestyle": look.linestyle, "linewidth": width}
        axes.plot(*line, label=label if deviations == 1 else None, **style)
    axes.plot(*mean, "+", color=look.color, ms=8, mew=WIDTH)


def ahead(forecasts: Mapping[int, tuple]) -> Figure:
    """Draw what a model makes of an analysis.

    Args:
        forecasts: mean (2,) and covariance (2, 2) by hours ahead; zero hours are the analysis.
    """
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.6))
    for hours, (mean, covariance) in forecasts.items():
        look = LOOKS["forecast" if hours else "posterior"]
        line = ellipse(mean, covariance, 1)
        axes.plot(*line, color=look.color, linestyle="--" if hours else "-", linewidth=WIDTH)
        axes.plot(*mean, "+", color=look.color, ms=8, mew=WIDTH)
        top = line[1].argmax()
        words = f"{hours} h ahead" if hours else "analysis"
        axes.annotate(words, line[:, top], (0, 4), textcoords="offset points", ha="center", color=look.color)
    axes.set(xlabel=POSITION, ylabel=SPEED)
    axes.margins(0.05, 0.12)
    return figure


def settling(seen: ArrayLike, unseen: ArrayLike, repaired: int) -> Figure:
    """Draw the standard deviations that two filters claim for their analyses, hour by hour.

    Args:
        seen: (hour, 2), variances where the position is read, km² and (km/h)².
        unseen: the same where only the speed is read, until the repair.
        repaired: hour from which the second filter reads the position too.
    """
    figure, panels = plt.subplots(2, 1, figsize=(FULL_WIDTH, 4.8), sharex=True, height_ratios=(3, 2))
    hours = np.arange(len(np.asarray(seen)))
    lines = (
        (seen, "position is read", LOOKS["posterior"].color, "-"),
        (unseen, "speed is read, later the position", LOOKS["analysis"].color, "--"),
    )
    for number, (axes, unit) in enumerate(zip(panels, ("position (km)", "speed (km/h)"), strict=True)):
        for variances, label, color, dash in lines:
            deviations = np.sqrt(np.asarray(variances)[:, number])
            axes.plot(hours, deviations, color=color, linestyle=dash, linewidth=WIDTH, label=label)
        axes.axvline(repaired, color="0.4", linewidth=0.8)
        axes.set(ylabel=f"spread of the\n{unit}", ylim=(0, None))
        axes.margins(x=0.01)
    panels[1].set_xlabel("hour (h)")
    legend_above(figure, 2)
    return figure
