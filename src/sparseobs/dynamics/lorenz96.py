"""Lorenz's 1996 model of an atmospheric quantity around a circle of latitude."""

from dataclasses import dataclass

import torch

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number


@dataclass(frozen=True)
class Lorenz96(System):
    r"""The Lorenz-96 system, in Lorenz's own orientation (waves travel towards smaller `k`).

    .. math:: \dot x_k = (x_{k+1} - x_{k-2})\, x_{k-1} - x_k + F

    Args:
        n_sites: points on the ring, at least 4.
        forcing: F; 8 is chaotic with 40 sites.
        n_variables: 1, and no other.

    References: [lorenz1996].
    """

    n_sites: int = 40
    forcing: float = 8.0
    n_variables: int = 1

    schedule = Schedule(step=0.05, steps_per_cycle=2)
    spin_up_time = 40.0

    def __post_init__(self) -> None:
        require_number("n_sites", self.n_sites, least=4, whole=True)
        require_number("forcing", self.forcing)
        if self.n_variables != 1:
            raise InputError("n_variables", self.n_variables, "1: Lorenz-96 has one variable", "n_variables=1")

    def tendency(self, state: torch.Tensor) -> torch.Tensor:
        """Return dx/dt at `state` (..., site); batched and differentiable."""
        # Views into one copy that runs around the ring: half the time of rolling the state three times.
        around = torch.cat([state[..., -2:], state, state[..., :1]], -1)
        right, left, second_left = around[..., 3:], around[..., 1:-2], around[..., :-3]
        return (right - second_left) * left - state + self.forcing
