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


NEEDED = {  # of a system, and what it may look like
    "n_sites": "40",
    "n_variables": "1",
    "schedule": "Schedule(step=0.05, steps_per_cycle=2)",
    "spin_up_time": "40.0",
}


class System(ABC):
    """An autonomous system on a ring of sites, and the experiment that is usually done with it.

    States are (..., variable, site). A new system needs a tendency, unless its own way of stepping is better too.

    Attributes:
        n_sites: sites on the ring.
        n_variables: variables at each site.
        schedule: step and steps between observations of the standard experiment.
        spin_up_time: time units after which a random start has forgotten itself.

    Raises:
        InputError: where a class is defined that has a tendency but lacks one of these.
    """

    n_sites: int
    n_variables: int
    schedule: ClassVar[Schedule]
    spin_up_time: ClassVar[float]

    def __init_subclass__(cls, **options: object):
        super().__init_subclass__(**options)
        if cls.tendency is System.tendency:
            return  # abstract itself
        known = {name for base in cls.__mro__ if base not in System.__mro__ for name in _defined(base)}
        for name, example in NEEDED.items():
            made_later = name in ("n_sites", "n_variables") and "__init__" in known
            if name not in known and not made_later:
                raise InputError(f"class {cls.__name__}", f"no {name}", f"{name} in its body", f"{name} = {example}")

    def __repr__(self) -> str:  # a checkpoint keeps it, so it must not name a place in memory
        numbers = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({numbers})"

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


def _defined(base: type) -> set[str]:
    """Return the names in a class's body, those of a dataclass's fields included."""
    return vars(base).keys() | vars(base).get("__annotations__", {}).keys()


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
    """Return the state `n_steps` of the system's own integration steps of length `step` later.

    Args:
        system: the system.
        state: (..., variable, site).
        step: time step, in the system's time unit.
        n_steps: how many.
    """
    for _ in range(n_steps):
        state = system.step(state, step)
    return state


def solve(system: System, state: torch.Tensor, times: torch.Tensor, **options: object) -> torch.Tensor:
    """Return the states at `times` by any of torchdiffeq's methods (`method`, `rtol`, `atol`, `options`).

    Args:
        system: the system.
        state: (..., variable, site), the state at `times[0]`.
        times: (time,), strictly increasing or decreasing.
        options: handed on to `torchdiffeq.odeint`.

    Returns:
        (time, ..., variable, site).

    References: [chen2018].
    """
    from torchdiffeq import odeint  # it imports scipy's integrators, and only one page solves this way

    if not torch.isfinite(state).all():
        raise InputError("state", "a state with NaN or infinity", "finite numbers", "an earlier state")
    return odeint(lambda _, current: system.tendency(current), state, times, **options)
