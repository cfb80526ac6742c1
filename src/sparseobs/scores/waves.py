"""How much of a wave an interpolation brings back, how cleanly, and the shortest wave that it resolves."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sparseobs.errors import InputError

RESOLVED = 0.5  # of a wave's power: with less error than this the wave counts as resolved


class Transfer(NamedTuple):
    """What becomes of a wave, or of a band of waves.

    Attributes:
        gain: share of the amplitude that comes back in phase, the regression of the answer on the wave.
        coherence: correlation of answer and wave; 0 for an answer of nothing.
        error: power of the answer's error over the wave's; 0 for the wave itself, 1 for an answer of nothing.
    """

    gain: float
    coherence: float
    error: float


def wave_transfer(wave: ArrayLike, answer: ArrayLike) -> Transfer:
    """Return the transfer of a wave at the places where it was asked for.

    Args:
        wave: its true values, any shape, in any unit; not all 0.
        answer: what came back, of the same shape and unit.

    Raises:
        InputError: shapes that differ, values that are not finite, or no wave at all.
    """
    wave, answer = np.asarray(wave, dtype=float), np.asarray(answer, dtype=float)
    if wave.shape != answer.shape or not np.isfinite([wave, answer]).all() or not wave.any():
        given = f"a wave {wave.shape} and an answer {answer.shape}"
        raise InputError("wave", given, "finite values of one shape, not all 0", "the same places for both")
    return transfer_of_powers(*(np.square(part).mean() for part in (wave, answer, answer - wave)))


def transfer_of_powers(wave: float, answer: float, error: float) -> Transfer:
    """Return the transfer from the powers of a truth, of an answer to it, and of their difference.

    Args:
        wave: power of the truth, such as its spectral density in a band, above 0.
        answer: of what came back.
        error: of the difference of the two.
    """
    if not wave > 0 or answer < 0 or error < 0:
        raise InputError("powers", (wave, answer, error), "a positive one and two not below 0", "mean squares")
    shared = (wave + answer - error) / 2
    coherence = shared / np.sqrt(wave * answer) if answer > 0 else 0.0
    return Transfer(float(shared / wave), float(coherence), float(error / wave))


def resolved_scale(wavelengths: ArrayLike, errors: ArrayLike, level: float = RESOLVED) -> float:
    """Return the shortest wavelength down to which all waves come back with an error of at most `level`.

    Between two wavelengths the error is taken to be linear in the logarithm. If even the longest has a larger error,
    nothing is resolved: infinity. If all are resolved, the shortest is returned, an upper bound.

    Args:
        wavelengths: (wave,), positive, in any order.
        errors: (wave,), as `Transfer.error`.
        level: share of the wave's power.

    References: [ballarotta2019] for an error of half the power.
    """
    wavelengths, errors = np.asarray(wavelengths, dtype=float), np.asarray(errors, dtype=float)
    fits = wavelengths.shape == errors.shape and wavelengths.ndim == 1 and wavelengths.size > 0
    if not fits or not np.isfinite(errors).all() or not (wavelengths > 0).all():
        given = f"{wavelengths.size} wavelengths, {errors.size} errors"
        raise InputError("errors", given, "a finite error for each positive wavelength", "one row a wavelength")
    order = np.argsort(-wavelengths)
    logs, errors = np.log(wavelengths[order]), errors[order]
    beyond = np.flatnonzero(errors > level)
    if not beyond.size:
        return float(wavelengths.min())
    if beyond[0] == 0:
        return float("inf")
    pair = slice(beyond[0] - 1, beyond[0] + 1)
    return float(np.exp(np.interp(level, errors[pair], logs[pair])))
