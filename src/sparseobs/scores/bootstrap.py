"""Intervals of means over stations and days, both of which are samples of more: a bootstrap over both at once."""

import numpy as np
from numpy.typing import ArrayLike

from sparseobs.errors import InputError, require_number
from sparseobs.scores.intervals import Interval


def two_way_interval(
    scores: ArrayLike, days: ArrayLike, generator: np.random.Generator, *, n_draws: int = 2000, level: float = 0.95
) -> Interval:
    """Return the mean of the scores and its percentile interval when stations and days are drawn again.

    Stations and days are drawn with replacement, independently; a pair counts as often as its station times as often
    as its day. Hours of one day stay together, for neighbouring hours err alike.

    Args:
        scores: (hour, station), such as absolute errors, NaN where nothing was measured.
        days: (hour,), the day of every hour, of any type that can be sorted.
        generator: draws.
        n_draws: bootstrap samples.
        level: coverage, above 0 and below 1.

    Returns:
        The interval; its `n` is the smaller of the numbers of stations and days.

    Raises:
        InputError: shapes that do not fit, an infinite score, or fewer than two stations or days with a score.

    References: [owen2007].
    """
    scores, days = np.asarray(scores, dtype=float), np.asarray(days)
    require_number("n_draws", n_draws, least=100, whole=True)
    if not 0 < level < 1:
        raise InputError("level", level, "a coverage between 0 and 1", "level=0.95")
    if scores.ndim != 2 or days.shape != scores.shape[:1]:
        given = f"scores {scores.shape}, days {days.shape}"
        raise InputError("scores", given, "(hour, station) and (hour,)", "scores[:, None] for one station")
    if np.isinf(scores).any():
        raise InputError("scores", "infinity", "finite scores, NaN where nothing was measured", "mending the forecasts")
    names, day = np.unique(days, return_inverse=True)
    present = ~np.isnan(scores)
    totals, counts = np.zeros((2, len(names), scores.shape[1]))
    np.add.at(totals, day, np.where(present, scores, 0.0))
    np.add.at(counts, day, present)
    totals, counts = (part[counts.any(1)][:, counts.any(0)] for part in (totals, counts))
    if min(totals.shape, default=0) < 2:
        given = f"{totals.shape[0]} days and {totals.shape[1]} stations with a score"
        raise InputError("scores", given, "two or more of each", "other stations or hours")
    draws = [generator.multinomial(n, np.full(n, 1 / n), n_draws) for n in totals.shape]
    sums, numbers = (np.einsum("bd,ds,bs->b", draws[0], part, draws[1], optimize=True) for part in (totals, counts))
    means = sums[numbers > 0] / numbers[numbers > 0]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(totals.sum() / counts.sum(), low, high, min(totals.shape))
