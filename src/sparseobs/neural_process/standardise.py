"""Between temperature at a height, in degC, and the numbers a network sees."""

from dataclasses import dataclass

import numpy as np

from sparseobs.stations.temperature import STANDARD_LAPSE_RATE


@dataclass(frozen=True)
class Standardisation:
    """Reduction to sea level at a fixed lapse rate, then zero mean and unit variance.

    The rate is fixed and not learned: the cells of a reanalysis stand on a ground of their own, smoother than that of
    stations, and a dozen stations teach a rate badly. What departs from it (inversions) is left to the network.

    Attributes:
        mean: degC at sea level.
        std: K.
        lapse_rate: K/m; 0 leaves heights out.
    """

    mean: float
    std: float
    lapse_rate: float = STANDARD_LAPSE_RATE

    @classmethod
    def of(cls, temperature, height, lapse_rate: float = STANDARD_LAPSE_RATE) -> "Standardisation":
        """Return the standardisation of temperatures (degC) at heights (m); NaN is left out."""
        reduced = np.asarray(temperature) + lapse_rate * np.asarray(height)
        return cls(float(np.nanmean(reduced)), float(np.nanstd(reduced)), lapse_rate)

    def normalise(self, temperature, height):
        """Return the dimensionless sea-level value of temperatures (degC) at heights (m)."""
        return (temperature + self.lapse_rate * height - self.mean) / self.std

    def temperature(self, mean, variance, height):
        """Return mean and standard deviation in degC at heights (m) of a normalised Gaussian."""
        return mean * self.std + self.mean - self.lapse_rate * height, np.sqrt(variance) * self.std
