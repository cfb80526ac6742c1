"""Gaussian random fields that drift with a wind, as sums of plane waves."""

import numpy as np


def red_noise(generator: np.random.Generator, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Return unit-variance AR(1) noise along the first axis, with correlation exp(-1 / memory) a step."""
    noise = generator.standard_normal(shape, dtype=np.float32)
    keep = float(np.exp(-1.0 / memory))
    for step in range(1, shape[0]):
        noise[step] = keep * noise[step - 1] + float(np.sqrt(1 - keep**2)) * noise[step]
    return noise


class MovingField:
    """A random field on a plane grid, carried along, covariance std^2 exp(-r^2 / 2 length^2).

    Args:
        generator: source of its coefficients.
        weather: `std`, `length` (km), `memory` (hours).
        displacement: (hour, 2), km north and east that the air has moved since the first hour.
        north: (row,), km.
        east: (column,), km.
    """

    def __init__(self, generator: np.random.Generator, weather, displacement, north, east):
        extent = np.hypot(np.ptp(north), np.ptp(east))
        period = extent + 5 * weather.length  # the field repeats itself only beyond the region's sight
        n = int(np.ceil(3 * period / (2 * np.pi * weather.length)))  # waves up to 3 standard deviations
        waves_north, waves_east = (2 * np.pi / period * np.arange(first, n + 1) for first in (-n, 0))
        power = np.exp(-0.5 * weather.length**2 * (waves_north[:, None] ** 2 + waves_east**2))
        power[:, 0] *= 0.5  # waves along the meridian come twice, with either sign
        amplitude = weather.std * np.sqrt(power / power.sum())
        noise = red_noise(generator, (len(displacement), 2, *power.shape), weather.memory)
        self._rows = np.exp(1j * np.outer(north, waves_north)).astype(np.complex64)
        self._columns = np.exp(1j * np.outer(waves_east, east)).astype(np.complex64)
        drift = np.exp(-1j * displacement[:, 0, None, None] * waves_north[:, None]).astype(np.complex64)
        drift = drift * np.exp(-1j * displacement[:, 1, None, None] * waves_east).astype(np.complex64)
        self._coefficients = drift * amplitude.astype(np.float32) * (noise[:, 0] + 1j * noise[:, 1])

    def __getitem__(self, hour: int) -> np.ndarray:
        """Return the field (row, column) at an hour, float32."""
        return (self._rows @ self._coefficients[hour] @ self._columns).real
