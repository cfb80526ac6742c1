"""What the page on two numbers runs: the analysis of any number of readings, and the numbers of the page."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparseobs.errors import InputError, require_number, require_whole_numbers


@dataclass(frozen=True)
class TwoNumbers:
    """The numbers of the page: a buoy's position and speed, of which the position is read.

    Args:
        seed: decides the drift of the truth and the readings' errors.
        position_variance: of the forecast, km².
        speed_variance: of the forecast, (km/h)².
        correlation: of the two errors of the forecast.
        reading: of the position, km.
        reading_variance: of its error, km².
        memory: share of the speed that is left an hour later.
        model_variance: of what an hour adds to the speed, (km/h)².
        forecast_position: km.
        forecast_speed: km/h.
        n_hours: that a filter runs until it has settled, and again after the repair.
        n_long: hours of the long series that errors are measured on.
    """

    seed: int = 0
    position_variance: float = 4.0
    speed_variance: float = 1.0
    correlation: float = 0.8
    reading: float = 23.0
    reading_variance: float = 1.0
    memory: float = 0.9
    model_variance: float = 0.25
    forecast_position: float = 20.0
    forecast_speed: float = 1.0
    n_hours: int = 48
    n_long: int = 20_000

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_hours=8, n_long=200)
        for name in ("position_variance", "speed_variance", "reading_variance", "model_variance"):
            require_number(name, getattr(self, name), least=0.1, most=10)
        require_number("correlation", self.correlation, least=-0.95, most=0.95)
        require_number("reading", self.reading, least=10, most=30)
        require_number("memory", self.memory, least=0, most=0.99)


PRESETS = {
    "smoke": TwoNumbers(n_long=400),
    "lesson": TwoNumbers(),
    "paper": TwoNumbers(n_long=200_000),
}


def covariance_of(variances: ArrayLike, correlation: float) -> NDArray:
    """Return the covariance matrix (2, 2) of two numbers.

    Args:
        variances: (2,), > 0.
        correlation: of the two, between -1 and 1, both excluded.

    Raises:
        InputError: no such two numbers exist.
    """
    variances = np.asarray(variances, dtype=float)
    if variances.shape != (2,) or not (variances > 0).all():
        raise InputError("variances", variances.tolist(), "two numbers > 0", "variances=(4, 1)")
    if not abs(correlation) < 1:
        raise InputError("correlation", correlation, "a number between -1 and 1", "correlation=0.8")
    return np.sqrt(np.outer(variances, variances)) * [[1, correlation], [correlation, 1]]


def analysis(
    mean: ArrayLike, covariance: ArrayLike, reading: ArrayLike, H: ArrayLike, R: ArrayLike
) -> tuple[NDArray, NDArray]:
    """Return mean and covariance of a Gaussian state after a reading {cite:p}`kalman1960`.

    Args:
        mean: (n,), of the forecast.
        covariance: (n, n), of the forecast's errors.
        reading: (reading,), H times the state, with an error.
        H: (reading, n), the observation operator.
        R: (reading, reading), covariance of the readings' errors.
    """
    mean, covariance, reading, H, R = (np.asarray(each, dtype=float) for each in (mean, covariance, reading, H, R))
    gain = np.linalg.solve(H @ covariance @ H.T + R, H @ covariance).T
    return mean + gain @ (reading - H @ mean), covariance - gain @ H @ covariance
