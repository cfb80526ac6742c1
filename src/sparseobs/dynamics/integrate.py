"""Time stepping: a fixed-step Runge-Kutta path for training, torchdiffeq for everything else."""

from collections.abc import Callable
from typing import Protocol

import torch
from torchdiffeq import odeint

from sparseobs.errors import InputError


class System(Protocol):
    """An autonomous system of ordinary differential equations on a ring of sites."""

    n_sites: int
    n_variables: int

    def tendency(self, state: torch.Tensor) -> torch.Tensor:
        """Return the time derivative of `state` (..., variable, site)."""


def runge_kutta_step(tendency: Callable, state: torch.Tensor, step: float) -> torch.Tensor:
    """Return the state one classic fourth-order Runge-Kutta step later.

    Args:
        tendency: maps a state to its time derivative.
        state: (..., variable, site).
        step: time step, in the system's time unit.
    """
    first = tendency(state)
    second = tendency(state + 0.5 * step * first)
    third = tendency(state + 0.5 * step * second)
    fourth = tendency(state + step * third)
    return state + (step / 6) * (first + 2 * (second + third) + fourth)


def advance(system: System, state: torch.Tensor, step: float, n_steps: int = 1) -> torch.Tensor:
    """Return the state `n_steps` Runge-Kutta steps of length `step` later."""
    for _ in range(n_steps):
        state = runge_kutta_step(system.tendency, state, step)
    return state


def solve(system: System, state: torch.Tensor, times: torch.Tensor, **options: object) -> torch.Tensor:
    """Return the states at `times` by any of torchdiffeq's methods (`method`, `rtol`, `atol`, `options`).

    Args:
        system: the system.
        state: (..., variable, site), the state at `times[0]`.
        times: (time,), strictly increasing or decreasing.

    Returns:
        (time, ..., variable, site).

    References: [chen2018].
    """
    if not torch.isfinite(state).all():
        raise InputError("state", "a state with NaN or infinity", "finite numbers", "an earlier state")
    return odeint(lambda _, current: system.tendency(current), state, times, **options)
