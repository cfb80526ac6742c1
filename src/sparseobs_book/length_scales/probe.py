"""Plane waves added to what is read at some places, and what comes back of them at others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sparseobs.errors import require_number
from sparseobs.randomness import numpy_stream
from sparseobs.scores.waves import wave_transfer

# Predicted mean (wave, target) from readings (wave, place), NaN where nobody reads.
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Probe:
    """Where waves are read, where they are asked for, and what else is read there.

    Attributes:
        predict: the method.
        places: (wave or 1, place, axis), km or another unit of length.
        targets: (wave or 1, target, axis), in the same unit.
        background: (wave, place), what is read without the wave, NaN where nobody reads.
        amplitude: of the waves, in the unit of the background.

    Raises:
        InputError: no amplitude.
    """

    predict: Predict
    places: np.ndarray
    targets: np.ndarray
    background: np.ndarray
    amplitude: float

    def __post_init__(self):
        require_number("amplitude", self.amplitude, above=0)


def plane_waves(wavelength: float, n_waves: int, n_axes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return wave vectors (wave, axis), radians a unit of length, of random directions, and random phases (wave,)."""
    require_number("wavelength", float(wavelength), above=0)
    generator = numpy_stream(seed, f"waves of {wavelength:g}")
    direction = generator.standard_normal((n_waves, n_axes))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return 2 * np.pi / wavelength * direction, generator.uniform(0, 2 * np.pi, n_waves)


def at_places(waves: tuple[np.ndarray, np.ndarray], places: np.ndarray) -> np.ndarray:
    """Return the waves, of amplitude 1, at places (wave or 1, place, axis): (wave, place)."""
    vectors, phases = waves
    return np.cos((places * vectors[:, None]).sum(-1) + phases[:, None])


def answers(probe: Probe, waves: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return what comes back of waves of amplitude 1, (wave, target).

    It is half the difference of the predictions with the wave and with its opposite, so that the background, which a
    network needs to feel at home, drops out.
    """
    wave = probe.amplitude * at_places(waves, probe.places)
    above, below = (probe.predict(probe.background + sign * wave) for sign in (1, -1))
    return (above - below) / (2 * probe.amplitude)


def transfer_function(probe: Probe, wavelengths: Sequence[float], seed: int) -> pd.DataFrame:
    """Return a row a wavelength: `wavelength`, `gain`, `coherence`, `error`, pooled over waves and targets.

    Args:
        probe: see `Probe`; as many waves of each length as it has backgrounds.
        wavelengths: in the unit of the places.
        seed: of directions and phases, the same for every method.
    """
    rows = []
    for wavelength in wavelengths:
        waves = plane_waves(wavelength, len(probe.background), probe.places.shape[2], seed)
        transfer = wave_transfer(at_places(waves, probe.targets), answers(probe, waves))
        rows.append({"wavelength": float(wavelength), **transfer._asdict()})
    return pd.DataFrame(rows)
