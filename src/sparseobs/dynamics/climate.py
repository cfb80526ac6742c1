"""What a system does when nobody looks: states on its attractor, their mean and spread."""

from typing import NamedTuple

import torch

from sparseobs.dynamics.integrate import System, advance


def attractor_states(system: System, n_states: int, generator: torch.Generator) -> torch.Tensor:
    """Return independent states after a long free run, (state, variable, site), float64.

    Args:
        system: the system.
        n_states: how many.
        generator: draws the starts of the free runs.
    """
    step = system.schedule.step
    return advance(system, system.random_states(n_states, generator), step, round(system.spin_up_time / step))


class Climate(NamedTuple):
    """Mean and standard deviation of each variable and of its tendency, over time and sites; from the model alone.

    Args:
        mean: of each variable.
        standard_deviation: of each variable.
        tendency_standard_deviation: of each variable's time derivative, per time unit.
    """

    mean: tuple[float, ...]
    standard_deviation: tuple[float, ...]
    tendency_standard_deviation: tuple[float, ...]


def climate(system: System, generator: torch.Generator, n_states: int = 256) -> Climate:
    """Return a system's climate from `n_states` independent attractor states."""
    states = attractor_states(system, n_states, generator)
    tendencies = system.tendency(states)

    def each(statistic: str, values: torch.Tensor) -> tuple[float, ...]:
        return tuple(getattr(values[:, index], statistic)().item() for index in range(system.n_variables))

    return Climate(each("mean", states), each("std", states), each("std", tendencies))


def climatological_ensemble(bank: torch.Tensor, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
    """Return `shape` = (batch, member) states drawn from the climate, knowing nothing of the truth.

    Args:
        bank: (state, variable, site), attractor states; each draw is also turned by a random number of
            sites, which on a homogeneous ring gives another equally likely state.
        shape: batch and member counts.
        generator: source of the draws, on the bank's device.

    Returns:
        (batch, member, variable, site).
    """
    n_states, _, n_sites = bank.shape
    place = {"generator": generator, "device": bank.device}
    draws = torch.randint(n_states, shape, **place)
    turns = torch.randint(n_sites, shape, **place)
    sites = (torch.arange(n_sites, device=bank.device) - turns[..., None]) % n_sites  # (batch, member, site)
    return bank[draws].gather(-1, sites[:, :, None, :].expand(*shape, bank.shape[1], n_sites))
