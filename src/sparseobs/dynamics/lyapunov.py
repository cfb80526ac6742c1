"""Lyapunov exponents: how fast small differences grow, direction by direction [benettin1980]."""

from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System
from sparseobs.dynamics.tangent import along_tangents, orthonormal_tangents
from sparseobs.errors import require_number


class LyapunovSpectrum(NamedTuple):
    """The leading exponents per time unit, largest first.

    Attributes:
        exponents: (exponent,), means over trajectories.
        standard_error: (exponent,), of these means, from the scatter between independent trajectories.
    """

    exponents: Tensor
    standard_error: Tensor


def lyapunov_spectrum(
    system: System,
    generator: torch.Generator,
    *,
    n_exponents: int | None = None,
    n_trajectories: int = 16,
    duration: float = 50.0,
    settling: float = 10.0,
) -> LyapunovSpectrum:
    """Return a system's Lyapunov spectrum by repeated QR factorization, once a cycle of its standard schedule.

    Args:
        system: the system, differentiable.
        generator: draws trajectories and first tangents.
        n_exponents: how many, from the largest; all of them by default. Directions that shrink by more than a factor
            of 1e15 in a cycle, as the shortest Kuramoto-Sivashinsky waves do, drown in rounding: ask for fewer there.
            What the system never changes (`without_constants`) has no exponent.
        n_trajectories: independent trajectories side by side, at least 2.
        duration: time units averaged over, of each.
        settling: time units before that, in which the tangents find their directions.
    """
    size = system.n_variables * system.n_sites
    n_exponents = size if n_exponents is None else n_exponents
    require_number("n_exponents", n_exponents, least=1, most=size, whole=True)
    require_number("n_trajectories", n_trajectories, least=2, whole=True)
    cycle_time = system.schedule.step * system.schedule.steps_per_cycle
    require_number("duration", duration, least=cycle_time)
    require_number("settling", settling, least=0)
    state = attractor_states(system, n_trajectories, generator)
    tangents = orthonormal_tangents(system, n_trajectories, n_exponents, generator)
    n_settling, n_cycles = round(settling / cycle_time), round(duration / cycle_time)
    growth = state.new_zeros(n_trajectories, n_exponents)
    for cycle in range(-n_settling, n_cycles):
        state, tangents = along_tangents(lambda now: system.schedule.forecast(system, now), state, tangents)
        # Rounding leaks into what never changes, and there outlives every direction that shrinks.
        q, r = torch.linalg.qr(system.without_constants(tangents).flatten(-2).mT)
        tangents = q.mT.unflatten(-1, state.shape[-2:])
        if cycle >= 0:
            growth += r.diagonal(dim1=-2, dim2=-1).abs().log()
    exponents = growth / (n_cycles * cycle_time)
    return LyapunovSpectrum(exponents.mean(0), exponents.std(0) / n_trajectories**0.5)


def kaplan_yorke_dimension(exponents: Tensor) -> float:
    """Return the dimension of the attractor by Kaplan and Yorke's conjecture.

    That many leading exponents, the last one in part, sum to zero; NaN where those given do not reach below zero.

    Args:
        exponents: (exponent,), largest first.
    """
    if exponents[0] <= 0:
        return 0.0
    sums = exponents.cumsum(0)
    beyond = (sums < 0).nonzero()
    if not len(beyond):
        return float("nan")
    whole = int(beyond[0])
    return whole + (sums[whole - 1] / exponents[whole].abs()).item()
