"""Mean and 95 % interval over independent repeats."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sparseobs.errors import InputError


class Interval(NamedTuple):
    """A mean with its two-sided interval; prints as `mean [low, high]`."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def repeat_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Return the Student-t interval of the mean of independent repeats.

    Args:
        values: (repeat,), one score a repeat, at least two, all finite.
        level: coverage, above 0 and below 1.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise InputError("values", values, "at least two finite repeats", "more seeds")
    mean = values.mean()
    if not 0 < level < 1:
        raise InputError("level", level, "a coverage between 0 and 1", "level=0.95")
    half = stats.t.ppf((1 + level) / 2, values.size - 1) * stats.sem(values)
    return Interval(mean, mean - half, mean + half, values.size)
