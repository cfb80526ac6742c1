"""What a forecast's error says of the analysis it began from, in one system after another [mccabe2021, prop. 2]."""

import math

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System
from sparseobs.dynamics.tangent import along_tangents
from sparseobs.randomness import torch_stream
from sparseobs_book.why_it_works.run import SYSTEM, Run

N_STATES = 64  # attractor states over which the largest slopes are looked for


def jacobians(system: System, states: Tensor, *, of_cycle: bool = False) -> Tensor:
    """Return the tendency's derivative at each state, or that of the state one cycle later, (state, output, input)."""
    size = system.n_variables * system.n_sites
    directions = torch.eye(size, dtype=states.dtype).unflatten(-1, states.shape[1:])
    function = (lambda now: system.schedule.forecast(system, now)) if of_cycle else system.tendency
    return along_tangents(function, states, directions.expand(len(states), *directions.shape))[1].flatten(-2).mT


def lipschitz_constant(system: System, seed: int) -> float:
    """Return the tendency's largest slope at the attractor states drawn; the true constant is no smaller."""
    states = attractor_states(system, N_STATES, torch_stream(seed, "slopes"))
    return torch.linalg.matrix_norm(jacobians(system, states), ord=2).max().item()


def bounds(spectra: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a row a system: how fast errors grow, and how many times the forecast's squared error the analysis's is at
    most, by the Lipschitz constant.

    Args:
        spectra: Lyapunov exponents, columns system, repeat, number, exponent.
        seed: decides the states.

    Returns:
        Indexed by system: cycle (time units), leading exponent, growth over a cycle, Lipschitz constant, and the
        logarithm to base ten of the bound `exp(2 L cycle)`.
    """
    rows = {}
    for name, system in SYSTEMS.items():
        cycle = system.schedule.step * system.schedule.steps_per_cycle
        leading = spectra.query("system == @name and number == 1")["exponent"].mean()
        slope = lipschitz_constant(system, seed)
        rows[name] = {
            "cycle": cycle,
            "leading exponent": leading,
            "growth over a cycle": math.exp(leading * cycle),
            "Lipschitz constant": slope,
            "log10 of the bound": 2 * slope * cycle / math.log(10),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("system")


@torch.no_grad()
def lead_errors(run: Run, n_steps: int) -> pd.DataFrame:
    """Return how an analysis's error grows with lead time: columns lead, rmse, ratio, largest.

    Args:
        run: a filter's run.
        n_steps: integration steps.

    Returns:
        rmse: of the members' mean, all sites, state units; ratio: the analysis's mean squared error over the
        forecast's; largest: the same for the single member and cycle in which it is largest.
    """
    members, truth = run.members.double(), run.truth[:, :, None]
    first_mean, first_each = _squared(members.mean(2) - run.truth).mean(), _squared(members - truth)
    rows = []
    for step in range(n_steps + 1):
        squared, each = _squared(members.mean(2) - truth[:, :, 0]).mean(), _squared(members - truth)
        rows.append(
            {
                "lead": step * SYSTEM.schedule.step,
                "rmse": squared.sqrt().item(),
                "ratio": (first_mean / squared).item(),
                "largest": (first_each / each).max().item(),
            }
        )
        members, truth = (SYSTEM.step(states, SYSTEM.schedule.step) for states in (members, truth))
    return pd.DataFrame(rows)


def ladder(run_errors: pd.DataFrame, spectra: pd.DataFrame, seed: int) -> dict[str, float]:
    """Return factors on the forecast's squared error, from what was measured to what is certain, for Lorenz-96's cycle.

    Args:
        run_errors: of `lead_errors`, up to a cycle or more.
        spectra: as of `bounds`, the whole spectrum.
        seed: decides the states.
    """
    cycle = SYSTEM.schedule.step * SYSTEM.schedule.steps_per_cycle
    at_cycle = run_errors.iloc[SYSTEM.schedule.steps_per_cycle]
    states = attractor_states(SYSTEM, N_STATES, torch_stream(seed, "slopes"))
    weakest = torch.linalg.svdvals(jacobians(SYSTEM, states, of_cycle=True)).min().item()
    last = spectra.query("system == 'lorenz96'").groupby("number")["exponent"].mean().min()
    return {
        "measured, the mean's": at_cycle["ratio"],
        "measured, the worst single member's": at_cycle["largest"],
        "smallest Lyapunov exponent": math.exp(-2 * last * cycle),
        "one cycle's tangent, worst direction and state": weakest**-2,
        "Lipschitz constant": math.exp(2 * lipschitz_constant(SYSTEM, seed) * cycle),
    }


def _squared(difference: Tensor) -> Tensor:
    return difference.square().mean((-1, -2))
