"""Gaussian random fields that drift with a wind, as sums of plane waves."""

from collections.abc import Iterator

import numpy as np

from sparseobs.errors import InputError


def red_noise(generator: np.random.Generator, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Return unit-variance AR(1) noise along the first axis, with correlation exp(-1 / memory) a step."""
    steps = _red_noise_steps(generator, shape[1:], memory)
    return np.stack([next(steps) for _ in range(shape[0])])


def _red_noise_steps(generator: np.random.Generator, shape: tuple[int, ...], memory: float) -> Iterator[np.ndarray]:
    """Yield the same noise step by step, without end: only one step is in memory."""
    keep = float(np.exp(-1.0 / memory))
    fresh = float(np.sqrt(1 - keep**2))
    noise = generator.standard_normal(shape, dtype=np.float32)
    while True:
        yield noise
        noise = keep * noise + fresh * generator.standard_normal(shape, dtype=np.float32)


class MovingField:
    """A random field on a plane grid, carried along, covariance std^2 exp(-r^2 / 2 length^2).

    Its coefficients are drawn hour by hour: a run of years needs no more memory than one of days, and begins as
    the shorter one does.

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
        self._waves = tuple(2 * np.pi / period * np.arange(first, n + 1) for first in (-n, 0))
        waves_north, waves_east = self._waves
        power = np.exp(-0.5 * weather.length**2 * (waves_north[:, None] ** 2 + waves_east**2))
        power[:, 0] *= 0.5  # waves along the meridian come twice, with either sign
        self._amplitude = (weather.std * np.sqrt(power / power.sum())).astype(np.float32)
        self._rows = np.exp(1j * np.outer(north, waves_north)).astype(np.complex64)
        self._columns = np.exp(1j * np.outer(waves_east, east)).astype(np.complex64)
        self._displacement = displacement
        self._steps = _red_noise_steps(generator, (2, *power.shape), weather.memory)
        self._hour, self._noise = -1, None

    def __getitem__(self, hour: int) -> np.ndarray:
        """Return the field (row, column) at an hour, float32.

        Raises:
            InputError: an hour before the last one asked for.
        """
        earliest = max(self._hour, 0)
        if hour < earliest:
            raise InputError("hour", hour, f"{earliest} or later: hours are drawn in order", "a new field")
        north, east = self._displacement[hour]
        while self._hour < hour:
            self._hour, self._noise = self._hour + 1, next(self._steps)
        drift_north, drift_east = (
            np.exp(-1j * moved * waves).astype(np.complex64)
            for moved, waves in zip((north, east), self._waves, strict=True)
        )
        drift = drift_north[:, None] * drift_east
        coefficients = drift * self._amplitude * (self._noise[0] + 1j * self._noise[1])
        return (self._rows @ coefficients @ self._columns).real
