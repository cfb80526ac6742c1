"""How differences and gradients grow or fade, in a free run and through a filter, and what that bounds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd import grad

from sparseobs.filtering.amenf import AmEnF, draw
from sparseobs.filtering.cycle import FilterState, analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations
from sparseobs.randomness import seeded_weights, torch_stream
from sparseobs_book.why_it_works.run import SYSTEM, Theory, first_members

CYCLE_TIME = SYSTEM.schedule.step * SYSTEM.schedule.steps_per_cycle
SETTLING = 20  # cycles in which a difference finds its direction
SMALL = 1e-2  # length of a difference over members, sites and memory: small beside the climate, not beside rounding

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
    stream = torch_stream(settings.seed, "dropout of differences")
    draws = draw(network.config, observations.n_cycles, members.shape[:2], members, stream)
    values = observations.values.to(members)

    def free(_: int, state: FilterState) -> FilterState:
        return predict(SYSTEM, SYSTEM.schedule, state)

    def filtered(which: AmEnF) -> Step:
        def step(cycle: int, state: FilterState) -> FilterState:
            seen = values[cycle], observations.mask[cycle]
            return predict(SYSTEM, SYSTEM.schedule, analyse(which, SYSTEM, state, *seen, draws.cycle(cycle)))

        return step

    return {
        "free run": Case(free, first_state(network, members.flatten(0, 1)[:, None])),
        "untrained filter": Case(filtered(untrained), first_state(network, members)),
        "trained filter": Case(filtered(network), first_state(network, members)),
    }


@torch.no_grad()
def growth(case: Case, settings: Theory, n_cycles: int) -> Tensor:
    """Return the logarithm of a small difference's growth in each cycle after the burn-in, (cycle, batch).

    Members, sites and memory count alike; both states are given the same observations and random numbers.

    Args:
        case: what carries the states.
        settings: burn-in and seed.
        n_cycles: cycles returned.
    """
    state, difference, logarithms = case.first, None, []
    stream = torch_stream(settings.seed, "first difference")
    for cycle in range(settings.burn_in + n_cycles):
        if cycle < settings.burn_in - SETTLING:
            state = case.step(cycle, state)
            continue
        difference = difference or [torch.randn(part.shape, generator=stream) for part in state]
        shrink = (SMALL / _length(difference))[:, None, None, None]
        other = FilterState(*(part + shrink * change for part, change in zip(state, difference, strict=True)))
        state, other = case.step(cycle, state), case.step(cycle, other)
        difference = [after - before for before, after in zip(state, other, strict=True)]
        if cycle >= settings.burn_in:
            logarithms.append((_length(difference) / SMALL).log())
    return torch.stack(logarithms)


def _length(parts: Sequence[Tensor]) -> Tensor:
    return sum(part.square().sum((1, 2, 3)) for part in parts).sqrt()


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
