"""How differences and gradients grow or fade, in a free run and through a filter, and what that bounds."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor
from torch.autograd import grad

from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations
from sparseobs.randomness import seeded_weights, torch_stream
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.why_it_works.run import SYSTEM, Theory, first_members, unseen_experiment

CYCLE_TIME = SYSTEM.schedule.step * SYSTEM.schedule.steps_per_cycle
SETTLING = 20  # cycles in which a difference finds its direction
SMALL = (
    1e-2  # length of a difference, over all members, sites and memory: small beside the climate, large beside rounding
)

Step = Callable[[int, FilterState], FilterState]  # from one cycle's forecast to the next one's, a pure function


class Case(NamedTuple):
    """Something that carries states from cycle to cycle: its step and its first state."""

    step: Step
    first: FilterState


def cases(network: AmEnF, settings: Theory, observations: Observations) -> dict[str, Case]:
    """Return a free run, a filter whose weights have not been trained, and the trained filter.

    The free run's members are trajectories of their own: one alone would soon outgrow the others of its ensemble.
    """
    members = first_members(settings)
    with seeded_weights(settings.seed):
        untrained = AmEnF(network.config)
    free = Case(
        lambda _, state: predict(SYSTEM, SYSTEM.schedule, state), first_state(network, members.flatten(0, 1)[:, None])
    )
    filters = {"untrained filter": untrained, "trained filter": network}
    return {"free run": free} | {name: _filter(one, settings, observations, members) for name, one in filters.items()}


def _filter(network: AmEnF, settings: Theory, observations: Observations, members: Tensor) -> Case:
    values, mask = observations.values.to(members), observations.mask
    stream = torch_stream(settings.seed, "dropout of differences")
    draws = draw(network.config, len(values), members.shape[:2], members, stream)

    def step(cycle: int, state: FilterState) -> FilterState:
        analysis = analyse(network, SYSTEM, state, values[cycle], mask[cycle], draws.cycle(cycle))
        return predict(SYSTEM, SYSTEM.schedule, analysis)

    return Case(step, first_state(network, members))


@torch.no_grad()
def growth(case: Case, settings: Theory, n_cycles: int, *, as_gradient: bool = False) -> Tensor:
    """Return the logarithm of a small difference's growth in each cycle after the burn-in, (cycle, batch).

    Members, sites and memory count alike; both states are given the same observations and random numbers.

    Args:
        case: what carries the states.
        settings: burn-in and seed.
        n_cycles: cycles returned.
        as_gradient: whether to follow the tangent that automatic differentiation sees, which leaves out that forecasts
            fill the unobserved sites of other members, instead of a pair of states.
    """
    state, difference, logarithms = case.first, None, []
    stream = torch_stream(settings.seed, "first difference")
    follow = _tangent if as_gradient else _pair
    for cycle in range(settings.burn_in + n_cycles):
        if cycle < settings.burn_in - SETTLING:
            state = case.step(cycle, state)
            continue
        difference = difference or FilterState(*(torch.randn(part.shape, generator=stream) for part in state))
        difference = _scaled(difference, SMALL / _length(difference))
        state, difference = follow(case.step, cycle, state, difference)
        if cycle >= settings.burn_in:
            logarithms.append((_length(difference) / SMALL).log())
    return torch.stack(logarithms)


def _pair(step: Step, cycle: int, state: FilterState, difference: FilterState) -> tuple[FilterState, FilterState]:
    one = step(cycle, state)
    other = step(cycle, FilterState(*(part + change for part, change in zip(state, difference, strict=True))))
    return one, FilterState(*(after - before for before, after in zip(one, other, strict=True)))


@torch.enable_grad()
def _tangent(step: Step, cycle: int, state: FilterState, difference: FilterState) -> tuple[FilterState, FilterState]:
    # As in `dynamics.tangent`: a gradient is linear in its weights, so its own gradient is the derivative forwards.
    inputs = [part.detach().requires_grad_() for part in state]
    outputs = step(cycle, FilterState(*inputs))
    weights = [torch.zeros_like(part, requires_grad=True) for part in outputs]
    weighted = grad(outputs, inputs, weights, create_graph=True, materialize_grads=True)
    derivatives = grad(weighted, weights, tuple(difference), materialize_grads=True)
    return outputs.detach(), FilterState(*derivatives)


def _length(difference: FilterState) -> Tensor:
    return sum(part.square().sum((1, 2, 3)) for part in difference).sqrt()


def _scaled(difference: FilterState, factor: Tensor) -> FilterState:
    return FilterState(*(factor[:, None, None, None] * part for part in difference))


def gradient_by_lag(case: Case, settings: Theory, observations: Observations) -> Tensor:
    """Return the length of a forecast loss's gradient by the members so many cycles earlier, (lag, batch), from 0.

    Args:
        case: what carries the states.
        settings: `burn_in` cycles go before, `longest_lag` are followed back.
        observations: `burn_in + longest_lag + 1` cycles; the last is what the loss compares with.
    """
    state = case.first
    last = settings.burn_in + settings.longest_lag
    with torch.no_grad():
        for cycle in range(settings.burn_in):
            state = case.step(cycle, state)
    state = FilterState(state.forecast.requires_grad_(), state.memory)
    forecasts = [state.forecast]
    for cycle in range(settings.burn_in, last):
        state = case.step(cycle, state)
        forecasts.append(state.forecast)
    values = observations.values[last].to(state.forecast)
    misfit = state.forecast.mean(1) - values.repeat_interleave(len(state.forecast) // len(values), 0)
    loss = misfit[..., observations.mask[last]].square().mean((-1, -2)).sum()  # trajectories do not mix
    gradients = grad(loss, forecasts[::-1])
    return torch.stack([gradient.square().sum((1, 2, 3)).sqrt() for gradient in gradients])


class Stability(NamedTuple):
    """What `stability` measures, by case: (cycle, batch) and (lag, batch)."""

    growth: dict[str, Tensor]
    gradients: dict[str, Tensor]


AS_GRADIENT = "trained filter, as its gradient sees it"


def stability(network: AmEnF, settings: Theory) -> Stability:
    """Return growth and gradients of every case, and the growth of the tangent that training sees."""
    n_cycles = 2 * settings.longest_lag
    observations = unseen_experiment(settings, settings.burn_in + n_cycles).observations
    each = cases(network, settings, observations)
    found = {name: growth(case, settings, n_cycles) for name, case in each.items()}
    tangent = growth(each["trained filter"], settings, n_cycles, as_gradient=True)
    gradients = {name: gradient_by_lag(case, settings, observations) for name, case in each.items()}
    return Stability(found | {AS_GRADIENT: tangent}, gradients)


def exponents(growth: dict[str, Tensor]) -> pd.DataFrame:
    """Return each case's leading Lyapunov exponent per time unit: case, mean, low, high, over trajectories; and the
    growth over a cycle that the mean amounts to.
    """
    rows = []
    for name, logarithms in growth.items():
        mean, low, high, _ = repeat_interval(logarithms.mean(0).numpy() / CYCLE_TIME)
        factor = torch.tensor(mean * CYCLE_TIME).exp().item()
        rows.append({"case": name, "mean": mean, "low": low, "high": high, "growth a cycle": factor})
    return pd.DataFrame(rows)
