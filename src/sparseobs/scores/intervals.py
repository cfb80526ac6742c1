"""Means with their 95 % intervals: over independent repeats, and over the times of one run."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit, logit

from sparseobs.errors import InputError
from sparseobs.scores.autocorrelation import effective_sample_size

LEAST_EFFECTIVE = 10  # a straight line seems to be worth seven


class Interval(NamedTuple):
    """A mean with its two-sided interval, of `n` independent values; prints as `mean [low, high]`, to any format.

    Args:
        mean: of all values.
        low: lower end.
        high: upper end.
        n: independent values.
    """

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self:.3f}"

    def __format__(self, spec: str) -> str:
        spec = spec or ".3f"
        return f"{self.mean:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def repeat_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the Student-t interval of the mean of independent repeats.

    Args:
        values: (repeat,), one score a repeat, at least two, all finite.
        level: coverage, above 0 and below 1.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise InputError("values", values, "at least two finite repeats", "more seeds")
    return _student_interval(values, values.size, level)


def share_interval(shares: ArrayLike, level: float = 0.95) -> Interval:
    """Return the interval of the mean of independent shares, taken on the logit scale: none leaves the range 0 to 1.

    Args:
        shares: (repeat,), such as a coverage a repeat, at least two, above 0 and below 1.
        level: coverage, above 0 and below 1.
    """
    found = repeat_interval(logit(shares), level)
    return Interval(*(float(expit(value)) for value in found[:3]), found.n)


def time_mean_interval(series: ArrayLike, level: float = 0.95) -> Interval:
    """Return the interval of the time mean of one run, whose neighbouring times are alike.

    It is Student's, with the effective sample size (rounded down) in place of the length. A run worth fewer than
    `LEAST_EFFECTIVE` independent values does not show how alike its times are: its interval is NaN, its mean is not.

    Args:
        series: (time,), after the burn-in, such as the analysis RMSE of every cycle; all finite.
        level: coverage, above 0 and below 1.

    References: [sokal1997].
    """
    series = np.asarray(series, dtype=float)
    effective = int(effective_sample_size(series))
    interval = _student_interval(series, max(effective, 2), level)
    return interval if effective >= LEAST_EFFECTIVE else Interval(interval.mean, np.nan, np.nan, effective)


def _student_interval(values: np.ndarray, n: int, level: float) -> Interval:
    """Return the interval of the mean of `values`, were they `n` independent ones."""
    if not 0 < level < 1:
        raise InputError("level", level, "a coverage between 0 and 1", "level=0.95")
    half = stats.t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) / n**0.5
    return Interval(values.mean(), values.mean() - half, values.mean() + half, n)
