"""Time stepping: what every system offers, fixed steps for training, torchdiffeq for everything else."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch

from sparseobs.errors import InputError, require_number


@dataclass(frozen=True)
class Schedule:
    """How time is cut into assimilation cycles.

    Args:
        step: integration step, in the system's time unit.
        steps_per_cycle: integration steps between observations.
    """

    step: float = 0.05
    steps_per_cycle: int = 2

    def __post_init__(self) -> None:
        require_number("step", self.step, above=0)
        require_number("steps_per_cycle", self.steps_per_cycle, least=1, whole=True)

    def forecast(self, system: "System", state: torch.Tensor) -> torch.Tensor:
        """Return the state one cycle later."""
        return advance(system, state, self.step, self.steps_per_cycle)


class System(ABC):
    """An autonomous system on a ring of sites, and the experiment that is usually done with it.

    States are (..., variable, site). A new system needs a tendency, unless its own way of stepping is better too.

    Attributes:
        n_sites: sites on the ring.
        n_variables: variables at each site.
        schedule: step and steps between observations of the standard experiment.
        spin_up_time: time units after which a random start has forgotten itself.
    """

    n_sites: int
    n_variables: int
    schedule: ClassVar[Schedule]
    spin_up_time: ClassVar[float]

    @abstractmethod
    def tendency(self, state: torch.Tensor) -> torch.Tensor:
        """Return the time derivative of `state` (..., variable, site); batched and differentiable."""

    def step(self, state: torch.Tensor, length: float) -> torch.Tensor:
        """Return the state one integration step of `length` later."""
        return runge_kutta_step(self.tendency, state, length)

    def random_states(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Return starts of free runs, not on the attractor: (state, variable, site), float64."""
        shape = (count, self.n_variables, self.n_sites)
        return self.without_constants(torch.randn(shape, generator=generator, dtype=torch.float64))

    def without_constants(self, states: torch.Tensor) -> torch.Tensor:
        """Return `states` without the components that the system never changes; most systems have none."""
        return states


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
    """Return the state `n_steps` of the system's own integration steps of length `step` later."""
    for _ in range(n_steps):
        state = system.step(state, step)
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
    from torchdiffeq import odeint  # it imports scipy's integrators, and only one page solves this way

    if not torch.isfinite(state).all():
        raise InputError("state", "a state with NaN or infinity", "finite numbers", "an earlier state")
    return odeint(lambda _, current: system.tendency(current), state, times, **options)
