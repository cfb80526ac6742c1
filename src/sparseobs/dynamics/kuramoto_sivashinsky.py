"""The Kuramoto-Sivashinsky equation: the simplest partial differential equation with chaos in space and time."""

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.fft import irfft, rfft

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number

CONTOUR_POINTS = 32  # around the circle of radius one on which the coefficients are averaged


@dataclass(frozen=True)
class KuramotoSivashinsky(System):
    r"""The Kuramoto-Sivashinsky equation on a periodic interval, its derivatives by Fourier transform.

    .. math:: u_t = -u\,u_x - u_{xx} - u_{xxxx}

    The shortest wave of the grid has no derivative here, as in DAPPER: like the mean, it never changes.

    Args:
        n_sites: equidistant points, even, at least 8.
        period: length of the interval.
        n_variables: 1, and no other.

    References: [kassam2005] for the scheme.
    """

    n_sites: int = 128
    period: float = 32 * math.pi
    n_variables: int = 1

    schedule = Schedule(step=0.5, steps_per_cycle=2)
    spin_up_time = 150.0

    def __post_init__(self) -> None:
        require_number("n_sites", self.n_sites, least=8, whole=True)
        if self.n_sites % 2:
            raise InputError("n_sites", self.n_sites, "an even number", f"n_sites={self.n_sites + 1}")
        require_number("period", self.period, above=0)
        if self.n_variables != 1:
            raise InputError("n_variables", self.n_variables, "1: there is one variable", "n_variables=1")

    def tendency(self, state: Tensor) -> Tensor:
        """Return du/dt at `state` (..., site); batched and differentiable."""
        linear, flux = _symbols(self, state.dtype, state.device)
        return irfft(linear * rfft(state) + flux * rfft(state.square()), n=self.n_sites)

    def step(self, state: Tensor, length: float) -> Tensor:
        """Return the state one step of `length` later, by fourth-order exponential time differencing."""
        full, half, stage, first, middle, last = _etd_symbols(self, length, state.dtype, state.device)

        def squared(spectrum: Tensor) -> Tensor:
            return rfft(irfft(spectrum, n=self.n_sites).square())

        start, energy = rfft(state), rfft(state.square())
        damped = half * start
        one = damped + stage * energy
        energy_one = squared(one)
        energy_two = squared(damped + stage * energy_one)
        energy_three = squared(half * one + stage * (2 * energy_two - energy))
        end = full * start + first * energy + middle * (energy_one + energy_two) + last * energy_three
        return irfft(end, n=self.n_sites)

    def without_constants(self, states: Tensor) -> Tensor:
        """Return `states` (..., site) without their mean and the shortest wave."""
        spectrum = rfft(states)
        spectrum[..., 0] = 0
        spectrum[..., -1] = 0
        return irfft(spectrum, n=self.n_sites)


class EtdSymbols(NamedTuple):
    """What one ETD-RK4 step multiplies a spectrum (the first two) or a square's spectrum (the others) by."""

    full: Tensor
    half: Tensor
    stage: Tensor
    first: Tensor
    middle: Tensor
    last: Tensor


def _exact_symbols(system: KuramotoSivashinsky) -> tuple[Tensor, Tensor]:
    wave = torch.arange(system.n_sites // 2 + 1, dtype=torch.float64) * (2 * math.pi / system.period)
    wave[-1] = 0
    return wave**2 - wave**4, -0.5j * wave


def _placed(symbols: Iterable[Tensor], dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    return [
        symbol.to(device, torch.promote_types(dtype, torch.complex64) if symbol.is_complex() else dtype)
        for symbol in symbols
    ]


@functools.lru_cache(maxsize=64)
def _symbols(system: KuramotoSivashinsky, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the Fourier symbols of `-u_xx - u_xxxx` on u and of `-u u_x` on u squared, (wave,)."""
    return tuple(_placed(_exact_symbols(system), dtype, device))


@functools.lru_cache(maxsize=64)
def _etd_symbols(system: KuramotoSivashinsky, length: float, dtype: torch.dtype, device: torch.device) -> EtdSymbols:
    """Return the factors of Cox and Matthews' scheme, each an average over a circle around its argument.

    The formulas cancel catastrophically near zero; by Cauchy's theorem the average is the value at the centre.
    References: [kassam2005], section 2.
    """
    linear, flux = _exact_symbols(system)
    angle = 2 * math.pi * (torch.arange(CONTOUR_POINTS, dtype=torch.float64) + 0.5) / CONTOUR_POINTS
    z = length * linear[:, None] + torch.exp(1j * angle)

    def average(values: Tensor) -> Tensor:
        return length * flux * values.mean(-1).real

    symbols = (
        torch.exp(length * linear),
        torch.exp(length * linear / 2),
        average((torch.exp(z / 2) - 1) / z),
        average((-4 - z + torch.exp(z) * (4 - 3 * z + z**2)) / z**3),
        2 * average((2 + z + torch.exp(z) * (z - 2)) / z**3),
        average((-4 - 3 * z - z**2 + torch.exp(z) * (4 - z)) / z**3),
    )
    return EtdSymbols(*_placed(symbols, dtype, device))
