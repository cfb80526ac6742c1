"""What a system does when nobody looks: states on its attractor, their mean and spread."""

from typing import NamedTuple

import torch

from sparseobs.dynamics.integrate import System, advance

SPIN_UP_TIME = 40.0  # time units after which a random start has forgotten itself
SPIN_UP_STEP = 0.05


def attractor_states(system: System, n_states: int, generator: torch.Generator) -> torch.Tensor:
    """Return independent states after a long free run, (state, variable, site), float64."""
    shape = (n_states, system.n_variables, system.n_sites)
    state = torch.randn(shape, generator=generator, dtype=torch.float64)
    return advance(system, state, SPIN_UP_STEP, round(SPIN_UP_TIME / SPIN_UP_STEP))


class Climate(NamedTuple):
    """Mean and standard deviation of state and tendency, over time and sites; from the model alone."""

    mean: float
    standard_deviation: float
    tendency_standard_deviation: float


def climate(system: System, generator: torch.Generator, n_states: int = 256) -> Climate:
    """Return the climate of a one-variable system from `n_states` independent attractor states."""
    states = attractor_states(system, n_states, generator)
    return Climate(states.mean().item(), states.std().item(), system.tendency(states).std().item())


def climatological_ensemble(bank: torch.Tensor, shape: tuple[int, int], generator: torch.Generator) -> torch.Tensor:
    """Return `shape` = (batch, member) states drawn from the climate, knowing nothing of the truth.

    Args:
        bank: (state, variable, site), attractor states; each draw is also turned by a random number of
            sites, which on a homogeneous ring gives another equally likely state.
        shape: batch and member counts.
        generator: source of the draws.

    Returns:
        (batch, member, variable, site).
    """
    n_states, _, n_sites = bank.shape
    draws = torch.randint(n_states, shape, generator=generator)
    turns = torch.randint(n_sites, shape, generator=generator)
    sites = (torch.arange(n_sites) - turns[..., None]) % n_sites  # (batch, member, site)
    return bank[draws].gather(-1, sites[:, :, None, :].expand(*shape, bank.shape[1], n_sites))
