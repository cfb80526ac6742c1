"""Twin experiments: a truth from the simulator, and the noisy, sparse observations one would have had of it."""

from dataclasses import dataclass, replace

import torch

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import System, advance
from sparseobs.errors import require_number
from sparseobs.observing.patterns import EveryKth
from sparseobs.randomness import torch_stream


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

    def forecast(self, system: System, state: torch.Tensor) -> torch.Tensor:
        """Return the state one cycle later."""
        return advance(system, state, self.step, self.steps_per_cycle)


@dataclass(frozen=True)
class Observations:
    """What a filter may read: noisy values where the instrument looked, and nothing else.

    Args:
        values: (cycle, batch, variable, site); zero where unobserved.
        mask: (cycle, site), true where observed.
        error_std: standard deviation of the independent Gaussian noise.
    """

    values: torch.Tensor
    mask: torch.Tensor
    error_std: float

    @property
    def n_cycles(self) -> int:
        """Number of assimilation cycles."""
        return self.values.shape[0]

    def to(self, dtype: torch.dtype) -> "Observations":
        """Return the same observations in another floating-point type."""
        return replace(self, values=self.values.to(dtype))


@dataclass(frozen=True)
class TwinExperiment:
    """A truth (cycle, batch, variable, site) and its observations at the same times."""

    truth: torch.Tensor
    observations: Observations


def simulate(
    system: System,
    pattern: EveryKth,
    *,
    n_cycles: int,
    batch: int,
    obs_error_std: float,
    seed: int,
    schedule: Schedule = Schedule(),
    noise_seed: int | None = None,
) -> TwinExperiment:
    """Return `batch` independent truths on the attractor and noisy, partial observations of each, in float64.

    Args:
        system: the world; the filters use the same one, so there is no model error.
        pattern: which sites are seen.
        n_cycles: number of observation times.
        batch: independent trajectories.
        obs_error_std: standard deviation of the observation noise, > 0.
        seed: decides the truth, and the noise unless `noise_seed` is given.
        schedule: step and steps between observations.
        noise_seed: decides the noise alone, to repeat an experiment over noise samples.
    """
    require_number("n_cycles", n_cycles, least=1, whole=True)
    require_number("batch", batch, least=1, whole=True)
    require_number("obs_error_std", obs_error_std, above=0)
    mask = pattern.mask(n_cycles, system.n_sites)
    state = attractor_states(system, batch, torch_stream(seed, "truth"))
    truth = state.new_empty(n_cycles, *state.shape)
    for cycle in range(n_cycles):
        state = schedule.forecast(system, state)
        truth[cycle] = state
    stream = torch_stream(seed if noise_seed is None else noise_seed, "observation noise")
    noise = torch.randn(truth.shape, generator=stream, dtype=truth.dtype)
    values = (truth + obs_error_std * noise) * mask[:, None, None, :]
    return TwinExperiment(truth, Observations(values, mask, obs_error_std))
