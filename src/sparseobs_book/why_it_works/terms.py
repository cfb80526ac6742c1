"""The parts of a loss against noisy observations [mccabe2021, lemma 1]."""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from sparseobs.errors import InputError
from sparseobs.observing.twin_experiment import Observations
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.why_it_works.run import Run

TERMS = ("true squared error", "noise variance", "cross term", "self-supervised loss")  # the last is the others' sum


def loss_terms(estimate: Tensor, truth: Tensor, observations: Observations) -> dict[str, Tensor]:
    r"""Return the parts of a self-supervised loss at the observed sites, each (cycle, batch), by `TERMS`.

    .. math:: \|\hat x - y\|^2 = \|\hat x - x\|^2 + \|y - x\|^2 - 2 (\hat x - x) \cdot (y - x)

    Args:
        estimate: (cycle, batch, variable, site), in any floating-point type.
        truth: the same shape.
        observations: of the same cycles, each seeing the same number of sites.

    Returns:
        Means over observed sites, in units of the noise variance.
    """
    shapes = {tuple(series.shape) for series in (estimate, truth, observations.values)}
    if len(shapes) > 1:
        raise InputError("estimate, truth, observations", sorted(shapes), "one shape", "the same cycles")
    counts = observations.mask.sum(1)
    if (counts != counts[0]).any() or not counts[0]:
        raise InputError("mask", counts.tolist(), "as many observed sites in every cycle", "EveryKth")
    unit = torch.tensor(observations.error_stds, dtype=truth.dtype)[:, None]
    error, noise = (estimate.to(truth) - truth) / unit, (observations.values.to(truth) - truth) / unit
    seen = observations.mask[:, None, None] / (counts[0] * truth.shape[2])
    parts = (error.square(), noise.square(), -2 * error * noise, (error - noise).square())
    return {name: (seen * part).sum((-1, -2)) for name, part in zip(TERMS, parts, strict=True)}


def terms_of(run: Run) -> dict[str, dict[str, Tensor]]:
    """Return the loss terms of a run's forecasts and of its analyses."""
    estimates = {"forecast": run.forecast, "analysis": run.members.mean(2)}
    return {name: loss_terms(estimate, run.truth, run.observations) for name, estimate in estimates.items()}


def terms_table(terms: dict[str, dict[str, Tensor]]) -> pd.DataFrame:
    """Return a row an estimate and term: `mean`, `low`, `high` over independent truths, each a mean over its cycles."""
    rows = []
    for estimate, parts in terms.items():
        for term, series in parts.items():
            mean, low, high, _ = repeat_interval(series.mean(0).numpy())
            rows.append({"estimate": estimate, "term": term, "mean": mean, "low": low, "high": high})
    return pd.DataFrame(rows)


def standard_errors(series: Tensor, lengths: Sequence[int]) -> list[float]:
    """Return how much the mean over so many successive cycles scatters: its standard deviation, length by length.

    Args:
        series: (cycle, batch).
        lengths: cycles averaged; windows do not overlap, and two of a length are needed over all of the batch.
    """
    scatter = []
    for length in lengths:
        n_windows = series.shape[0] // length
        if n_windows * series.shape[1] < 2:
            raise InputError("lengths", length, f"windows within {series.shape[0]} cycles", "a longer run")
        windows = series[: n_windows * length].unflatten(0, (n_windows, length)).mean(1)
        scatter.append(windows.std().item())
    return scatter
