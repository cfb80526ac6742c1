"""What a forecast's error says of the analysis it began from, in one system after another [mccabe2021, prop. 2]."""

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System
from sparseobs.dynamics.tangent import along_tangents
from sparseobs.randomness import torch_stream
from sparseobs_book.why_it_works.run import SYSTEM, Run

N_STATES = 64  # attractor states over which the largest slopes are looked for


def slopes(system: System, seed: int, *, of_cycle: bool = False) -> Tensor:
    """Return the singular values of the derivative at `N_STATES` states drawn from the attractor, largest first.

    Of the tendency, or of the state one cycle later; (state, direction). The largest over all states is no smaller.
    """
    return _slopes(system, attractor_states(system, N_STATES, torch_stream(seed, "slopes")), of_cycle)


def _slopes(system: System, states: Tensor, of_cycle: bool = False) -> Tensor:
    size = system.n_variables * system.n_sites
    directions = torch.eye(size, dtype=states.dtype).unflatten(-1, states.shape[1:])
    function = (lambda now: system.schedule.forecast(system, now)) if of_cycle else system.tendency
    derivatives = along_tangents(function, states, directions.expand(len(states), *directions.shape))[1]
    return torch.linalg.svdvals(derivatives.flatten(-2))


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
    members, truth, step, rows = run.members.double(), run.truth[:, :, None], SYSTEM.schedule.step, []
    for number in range(n_steps + 1):
        mean = (members.mean(2) - truth[:, :, 0]).square().mean()
        each = (members - truth).square().mean((-1, -2))
        if number == 0:
            first_mean, first_each = mean, each
        row = (mean.sqrt(), first_mean / mean, (first_each / each).max())
        rows.append((number * step, *(value.item() for value in row)))
        members, truth = (SYSTEM.step(states, step) for states in (members, truth))
    return pd.DataFrame(rows, columns=["lead", "rmse", "ratio", "largest"])
