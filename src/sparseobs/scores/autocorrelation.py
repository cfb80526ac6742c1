"""How many independent values a correlated series is worth."""

import numpy as np
from numpy.typing import ArrayLike

from sparseobs.errors import InputError

WINDOW = 5  # sums are cut off at so many autocorrelation times: more adds noise, fewer leave out signal [sokal1997]


def integrated_autocorrelation_time(series: ArrayLike) -> float:
    """Return by how much correlation between times inflates the variance of a series' mean, in steps; at least 1.

    It is one plus twice the sum of the autocorrelations, over the shortest window of at least `WINDOW` such times.

    Args:
        series: (time,), at least four values, all finite, equidistant and stationary.

    References: [sokal1997].
    """
    series = np.asarray(series, dtype=float)
    if series.ndim != 1 or series.size < 4 or not np.isfinite(series).all():
        raise InputError("series", f"shape {series.shape}", "at least four finite values", "a run that did not diverge")
    anomalies = series - series.mean()
    # Padded to twice the length, so that the end is not correlated with the beginning.
    spectrum = np.fft.rfft(anomalies, 2 * series.size)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, 2 * series.size)[: series.size]
    if covariance[0] <= np.finfo(float).eps * series.size * np.square(series).max():
        return 1.0  # constant: any value tells the mean
    times = 2 * np.cumsum(covariance / covariance[0]) - 1
    enough = np.arange(series.size) >= WINDOW * times
    return float(max(1.0, times[np.argmax(enough)] if enough.any() else series.size))


def effective_sample_size(series: ArrayLike) -> float:
    """Return the number of independent values whose mean would be known as well as that of `series` (time,).

    Args:
        series: (time,), equally spaced.
    """
    return np.size(series) / integrated_autocorrelation_time(series)
