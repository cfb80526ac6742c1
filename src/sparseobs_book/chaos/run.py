"""How small differences grow in the three systems, and how wrong integrators are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System, advance, solve
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.observing.patterns import EveryKth
from sparseobs.randomness import torch_stream

# Time units in which a difference of a millionth grows until it is as large as any.
GROWTH_TIMES = {"lorenz96": 16.0, "kuramoto_sivashinsky": 300.0, "vissio_lucarini": 16.0}
LARGEST_ERROR = 10.0  # an integration that is further off has blown up
EXPLICIT = {"Euler": "euler", "midpoint": "midpoint", "3/8 rule, torchdiffeq": "rk4"}  # torchdiffeq's names


@dataclass(frozen=True)
class Chaos:
    """The numbers of the page on chaos.

    Args:
        seed: decides states, differences and first tangents.
        n_pairs: pairs of nearly equal states, of each system.
        separation: root-mean-square difference that a pair begins with, state units; less drowns in rounding.
        stride: every how many sites is one observed.
        n_trajectories: independent trajectories of the spectrum measured on the page.
        duration: time units averaged over, of each of them.
    """

    seed: int = 0
    n_pairs: int = 64
    separation: float = 1e-6
    stride: int = 4
    n_trajectories: int = 8
    duration: float = 20.0

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_pairs=2, n_trajectories=2)
        require_number("separation", self.separation, least=1e-12, most=1e-4)
        EveryKth(self.stride).sites(0, named_system("lorenz96").n_sites)
        require_number("duration", self.duration, least=0.5)


PRESETS = {
    "smoke": Chaos(n_pairs=4, n_trajectories=2, duration=0.5),
    "lesson": Chaos(),
    "paper": Chaos(n_pairs=256, n_trajectories=32, duration=100.0),
}


class ErrorGrowth(NamedTuple):
    """How pairs of nearly equal states part.

    Attributes:
        times: (time,), in the system's units.
        difference: (time, pair), root-mean-square over variables and sites.
        saturation: the same between states that have nothing to do with each other.
    """

    times: Tensor
    difference: Tensor
    saturation: float


def error_growth(system: System, duration: float, n_pairs: int, separation: float, seed: int) -> ErrorGrowth:
    """Return how far pairs are apart, once a cycle, that begin `separation` apart in a random direction.

    Args:
        system: the model.
        duration: time units that a millionth needs to grow up; smaller differences are given more, in proportion.
        n_pairs: pairs of states on the attractor.
        separation: root-mean-square difference at the start.
        seed: decides states and directions.
    """
    stream = torch_stream(seed, "error growth")
    states = attractor_states(system, n_pairs, stream)
    saturation = _rms(states - states.roll(1, 0)).square().mean().sqrt().item()
    push = system.random_states(n_pairs, stream)
    others = states + separation * push / _rms(push)[:, None, None]
    cycle_time = system.schedule.step * system.schedule.steps_per_cycle
    differences = [_rms(others - states)]
    for _ in range(round(duration * max(1, math.log(separation) / math.log(1e-6)) / cycle_time)):
        states, others = system.schedule.forecast(system, torch.stack([states, others]))
        differences.append(_rms(others - states))
    times = cycle_time * torch.arange(len(differences), dtype=states.dtype)
    return ErrorGrowth(times, torch.stack(differences), saturation)


def growth_rates(growth: ErrorGrowth, low: float, high: float) -> Tensor:
    """Return each pair's mean rate of exponential growth between two sizes of its difference, (pair,).

    Args:
        growth: of the pairs.
        low: share of the saturated difference from which the rate counts.
        high: share at which it ends; NaN for a pair that did not get there.
    """
    sizes = growth.difference.log()
    begin, end = ((growth.difference >= share * growth.saturation).int().argmax(0) for share in (low, high))
    gained = (sizes.gather(0, end[None]) - sizes.gather(0, begin[None]))[0]
    return torch.where(end > begin, gained / (growth.times[end] - growth.times[begin]), torch.nan)


def _rms(states: Tensor) -> Tensor:
    return states.square().mean((-1, -2)).sqrt()


def integration_errors(system: System, steps: Sequence[float], duration: float, seed: int) -> pd.DataFrame:
    """Return how wrong integrators are after `duration`, against torchdiffeq's adaptive dopri8 at tight tolerances.

    Args:
        system: its own way of stepping is `ours`, the others are torchdiffeq's.
        steps: step lengths that `duration` is a multiple of.
        duration: time units.
        seed: decides the state.

    Returns:
        The largest difference at any site (step, scheme); NaN where it is beyond `LARGEST_ERROR`.
    """
    state = attractor_states(system, 1, torch_stream(seed, "integration errors"))
    times = torch.tensor([0.0, duration], dtype=state.dtype)
    exact = solve(system, state, times, method="dopri8", rtol=1e-12, atol=1e-12)[-1]
    errors = pd.DataFrame(index=pd.Index(steps, name="step"))
    for step in steps:
        ends = {"ours": advance(system, state, step, round(duration / step))}
        for scheme, method in EXPLICIT.items():
            ends[scheme] = solve(system, state, times, method=method, options={"step_size": step})[-1]
        for scheme, end in ends.items():
            errors.loc[step, scheme] = (end - exact).abs().max().item()
    return errors.where(errors < LARGEST_ERROR)
