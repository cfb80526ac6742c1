"""Figures of one number: two sources and what they make together, a filter in time, and a prior that is bent."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from sparseobs.figures.style import FULL_WIDTH, LOOKS, legend_above
from sparseobs_book.one_number.run import Curves

WIDTH = 2.0  # linewidth of what a figure is about


def bayes(curves: Curves) -> Figure:
    """Draw prior, likelihood and posterior over the temperature."""
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 3.2))
    named = {
        "prior: the forecast": ("prior", curves.prior),
        "likelihood: the reading": ("observations", curves.likelihood),
    }
    named["posterior: the analysis"] = "posterior", curves.posterior
    for label, (look, density) in named.items():
        style = {"color": LOOKS[look].color, "linestyle": LOOKS[look].linestyle}
        axes.plot(curves.x, density, linewidth=WIDTH, label=label, **style)
    axes.fill_between(curves.x, curves.posterior, color=LOOKS["posterior"].color, alpha=0.15, linewidth=0)
    axes.set(xlabel="temperature (°C)", ylabel="density (1/K)", ylim=(0, None))
    axes.margins(x=0)
    legend_above(figure, 2)
    return figure


def filter_in_time(truth: ArrayLike, readings: ArrayLike, mean: ArrayLike, std: ArrayLike) -> Figure:
    """Draw the filter beside truth and readings, and below its error beside what it believes its error to be.

    Args:
        truth: (cycle,), K.
        readings: (cycle,), K.
        mean: (cycle,), of the analysis, K.
        std: (cycle,), of the analysis, K.
    """
    truth, mean, std = (np.asarray(each, dtype=float) for each in (truth, mean, std))
    cycles, look = np.arange(1, len(truth) + 1), LOOKS["posterior"]
    figure, (above, below) = plt.subplots(2, 1, figsize=(FULL_WIDTH, 5.0), sharex=True, height_ratios=(3, 2))
    above.fill_between(cycles, mean - 2 * std, mean + 2 * std, color=look.color, alpha=0.2, linewidth=0)
    above.plot(
        cycles, mean, color=look.color, linestyle="--", linewidth=1.5, label="analysis, band: 2 standard deviations"
    )
    above.plot(cycles, truth, color=LOOKS["truth"].color, linewidth=1.2, label="truth")
    above.plot(cycles, readings, "o", mfc="none", mec=LOOKS["observations"].color, ms=4, label="readings")
    above.set_ylabel("departure (K)")
    below.plot(cycles, np.abs(mean - truth), color=LOOKS["truth"].color, linewidth=1, label="error, absolute")
    below.plot(cycles, std, color=look.color, linestyle="--", linewidth=WIDTH, label="spread")
    below.set(xlabel="cycle", ylabel="error and spread (K)", ylim=(0, None))
    below.margins(x=0)
    for axes in (above, below):
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


def told(
    variances: ArrayLike, errors: tuple[ArrayLike, ArrayLike], innovations: tuple[ArrayLike, ArrayLike], right: float
) -> Figure:
    """Draw what filters that are told other variances of the readings do, and what they believe.

    Args:
        variances: (filter,), what each is told, K².
        errors: (filter,) each, the analysis error that came and the spread that was claimed, K.
        innovations: (filter,) each, the mean square of the innovations and what was expected of it, K².
        right: the variance of the readings, K².
    """
    figure, panels = plt.subplots(2, 1, figsize=(FULL_WIDTH, 5.0), sharex=True)
    rows = (("analysis error (K)", errors), ("mean square of the\ninnovations (K²)", innovations))
    for axes, (label, (came, claimed)) in zip(panels, rows, strict=True):
        axes.plot(variances, came, color=LOOKS["truth"].color, linewidth=1.5, label="what came")
        claims = {"color": LOOKS["posterior"].color, "linestyle": "--", "linewidth": WIDTH}
        axes.plot(variances, claimed, label="what the filter expects", **claims)
        axes.axvline(right, color="0.4", linewidth=0.8, linestyle=":", label="the readings' own variance")
        axes.set(ylabel=label, xscale="log")
    panels[0].set_ylim(0, None)
    panels[1].set_yscale("log")
    panels[1].set_xlabel("variance of the readings that the filter is told (K²)")
    legend_above(figure, 2)
    return figure


def bent_prior(
    prior: ArrayLike, posterior: ArrayLike, mean: ArrayLike, covariance: ArrayLike, reading: float
) -> Figure:
    """Draw winds before a reading, after it by Bayes' rule, and what the Kalman formula makes of it.

    Args:
        prior: (particle, 2), wind towards east and towards north, m/s.
        posterior: the same, after the reading.
        mean: (2,), the Kalman formula's analysis.
        covariance: (2, 2), its covariance, drawn as an ellipse of two standard deviations.
        reading: the wind towards east that was read.
    """
    prior, posterior = np.asarray(prior), np.asarray(posterior)
    angle = np.linspace(0, 2 * np.pi, 100)
    root = np.linalg.cholesky(np.asarray(covariance))
    ellipse = np.asarray(mean)[:, None] + 2 * root @ np.array([np.cos(angle), np.sin(angle)])
    figure, axes = plt.subplots(figsize=(FULL_WIDTH, 4.6))
    axes.plot(*prior.T, ".", color="0.7", ms=3, label="prior, particles")
    axes.plot(*posterior.T, "x", color=LOOKS["posterior"].color, ms=5, alpha=0.6, label="posterior by Bayes' rule")
    kalman = {"color": LOOKS["EnKF"].color, "linestyle": LOOKS["EnKF"].linestyle}
    axes.plot(*ellipse, linewidth=WIDTH, label="Kalman: two standard deviations", **kalman)
    axes.plot(*mean, LOOKS["EnKF"].marker, color=LOOKS["EnKF"].color, ms=7)
    axes.axvline(reading, color=LOOKS["observations"].color, linestyle=":", label="reading")
    axes.set(xlabel="wind towards east (m/s)", ylabel="wind towards north (m/s)", aspect="equal")
    legend_above(figure, 2)
    return figure
