"""What the page on one number runs: the three curves of Bayes' rule, and the numbers of the page."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseobs.errors import require_number, require_whole_numbers

REACH = 4.0  # standard deviations beyond the two means that the curves are computed to


@dataclass(frozen=True)
class OneNumber:
    """The numbers of the page.

    Args:
        seed: decides weather, readings and particles.
        forecast_mean: of the temperature, degC.
        forecast_variance: K².
        reading: of the thermometer, degC.
        reading_variance: of its error, K².
        memory: share of a departure from the normal temperature that is left a cycle later.
        model_variance: of what a cycle adds to the departure, K².
        n_cycles: cycles of the time plot.
        n_long: cycles of the long series that variances are measured on.
        n_particles: of the wind.
    """

    seed: int = 0
    forecast_mean: float = 12.0
    forecast_variance: float = 4.0
    reading: float = 15.0
    reading_variance: float = 1.0
    memory: float = 0.9
    model_variance: float = 1.0
    n_cycles: int = 50
    n_long: int = 20_000
    n_particles: int = 2000

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_cycles=2, n_long=100, n_particles=20)
        for name in ("forecast_mean", "reading"):
            require_number(name, getattr(self, name), least=-60, most=60)
        for name in ("forecast_variance", "reading_variance", "model_variance"):
            require_number(name, getattr(self, name), least=0.01, most=100)
        require_number("memory", self.memory, least=0, most=0.99)


PRESETS = {
    "smoke": OneNumber(n_long=300, n_particles=200),
    "lesson": OneNumber(),
    "paper": OneNumber(n_long=200_000, n_particles=20_000),
}


class Curves(NamedTuple):
    """Densities at the same places, each (place,): what was believed, what the reading says, what is believed now.

    Attributes:
        x: places, in the unit of the means.
        prior: density of the forecast, per unit.
        likelihood: density of the reading, as a function of what the truth may be, per unit.
        posterior: density of the analysis, per unit.
    """

    x: NDArray
    prior: NDArray
    likelihood: NDArray
    posterior: NDArray


def curves(
    forecast_mean: float, forecast_variance: float, reading: float, reading_variance: float, x: ArrayLike | None = None
) -> Curves:
    """Return the three curves of Bayes' rule for a Gaussian forecast and a Gaussian reading.

    Args:
        forecast_mean: mean of the prior.
        forecast_variance: variance of the prior, > 0.
        reading: what the instrument says.
        reading_variance: variance of its error, > 0.
        x: (place,), where the curves are wanted; None for 400 places that hold both.

    Raises:
        InputError: a mean is not finite, or a variance is not above 0.
    """
    for name, value in (("forecast_mean", forecast_mean), ("reading", reading)):
        require_number(name, value)
    for name, value in (("forecast_variance", forecast_variance), ("reading_variance", reading_variance)):
        require_number(name, value, above=0)
    means, stds = np.array([forecast_mean, reading]), np.sqrt([forecast_variance, reading_variance])
    if x is None:
        x = np.linspace((means - REACH * stds).min(), (means + REACH * stds).max(), 400)
    x = np.asarray(x, dtype=float)
    gain = forecast_variance / (forecast_variance + reading_variance)
    analysis = forecast_mean + gain * (reading - forecast_mean)
    return Curves(
        x,
        gaussian(x, forecast_mean, forecast_variance),
        gaussian(x, reading, reading_variance),
        gaussian(x, analysis, (1 - gain) * forecast_variance),
    )


def gaussian(x: ArrayLike, mean: float, variance: float) -> NDArray:
    """Return the normal density at `x` (any shape)."""
    return np.exp(-((np.asarray(x) - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
