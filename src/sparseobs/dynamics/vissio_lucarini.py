"""Vissio and Lucarini's 2020 model: Lorenz-96 that carries a temperature around, and is driven by it."""

from dataclasses import dataclass

import torch

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number


@dataclass(frozen=True)
class VissioLucarini(System):
    r"""The Vissio-Lucarini system: momentum `X` is variable 0, temperature `theta` variable 1, at the same sites.

    .. math::
        \dot X_k &= (X_{k+1} - X_{k-2})\, X_{k-1} - \alpha\theta_k - \gamma X_k + F

        \dot\theta_k &= X_{k+1}\theta_{k+2} - X_{k-1}\theta_{k-2} + \alpha X_k - \gamma\theta_k + G

    Args:
        n_sites: points on the ring, at least 5.
        momentum_forcing: F.
        heating: G.
        conversion: alpha, between kinetic and available potential energy.
        friction: gamma, of both variables.
        n_variables: 2, and no other.

    References: [vissio2020].
    """

    n_sites: int = 36
    momentum_forcing: float = 10.0
    heating: float = 10.0
    conversion: float = 1.0
    friction: float = 1.0
    n_variables: int = 2

    schedule = Schedule(step=0.05, steps_per_cycle=2)
    spin_up_time = 40.0

    def __post_init__(self) -> None:
        require_number("n_sites", self.n_sites, least=5, whole=True)
        for name in ("momentum_forcing", "heating", "conversion", "friction"):
            require_number(name, getattr(self, name))
        if self.n_variables != 2:
            raise InputError("n_variables", self.n_variables, "2: momentum and temperature", "n_variables=2")

    def tendency(self, state: torch.Tensor) -> torch.Tensor:
        """Return d(X, theta)/dt at `state` (..., 2, site); batched and differentiable."""
        # Views into one copy that runs around the ring: faster than rolling the state five times.
        around = torch.cat([state[..., -2:], state, state[..., :2]], -1)
        (x, theta), (second_left, theta_left) = state.unbind(-2), around[..., :-4].unbind(-2)
        right, left, theta_right = around[..., 0, 3:-1], around[..., 0, 1:-3], around[..., 1, 4:]
        momentum = (right - second_left) * left - self.conversion * theta + self.momentum_forcing
        temperature = right * theta_right - left * theta_left + self.conversion * x + self.heating
        return torch.stack([momentum, temperature], -2) - self.friction * state
