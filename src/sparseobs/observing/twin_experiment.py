"""Twin experiments: a truth from the simulator, and the noisy, sparse observations one would have had of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number
from sparseobs.observing.patterns import EveryKth
from sparseobs.randomness import torch_stream


@dataclass(frozen=True)
class Observations:
    """What a filter may read: noisy values where the instrument looked, and nothing else.

    Args:
        values: (cycle, batch, variable, site), finite where observed; elsewhere NaN and infinity become zero.
        mask: (cycle, site), true where observed, or (cycle, batch, site) where the trajectories are not seen alike; a
            cycle may see nothing.
        error_std: standard deviation of the independent Gaussian noise; one number, or one of each variable.

    All three may come as NumPy's arrays and scalars.

    Raises:
        InputError: an observed value is NaN or infinite, or the shapes do not fit.
    """

    values: torch.Tensor
    mask: torch.Tensor
    error_std: float | tuple[float, ...]

    def __post_init__(self) -> None:
        values, mask = torch.as_tensor(self.values), torch.as_tensor(self.mask)
        values = values if values.is_floating_point() else values.double()
        if values.ndim != 4:
            raise InputError("values", tuple(values.shape), "(cycle, batch, variable, site)", "values[:, None, None]")
        cycles, batch, variables, sites = values.shape
        if mask.shape not in ((cycles, sites), (cycles, batch, sites)) or mask.dtype != torch.bool:
            given = f"{mask.dtype} {tuple(mask.shape)}"
            expected = f"booleans {(cycles, sites)}, or {(cycles, batch, sites)}"
            raise InputError("mask", given, expected, "one row a cycle")
        error_std = _noise(self.error_std)
        _require_noise("error_std", error_std, variables)
        broken = ~torch.isfinite(values)
        wrong = broken.any(2) & mask if mask.ndim == 3 else broken.any(2).any(1) & mask
        if wrong.any():
            at = wrong.nonzero()[0].tolist()
            place = f"NaN or infinity at cycle {at[0]}, site {at[-1]}"
            hint = f"mask[{', '.join(map(str, at))}] = False"
            raise InputError("observations", place, "finite values where observed", hint)
        if broken.any():  # where nobody looked: a gradient through a NaN is NaN, though the NaN itself is not used
            values = values.masked_fill(broken, 0)
        for name, value in (("values", values), ("mask", mask), ("error_std", error_std)):
            object.__setattr__(self, name, value)

    @property
    def n_cycles(self) -> int:
        """Number of assimilation cycles."""
        return self.values.shape[0]

    @property
    def error_stds(self) -> tuple[float, ...]:
        """Standard deviation of each variable's noise."""
        many = isinstance(self.error_std, tuple)
        return self.error_std if many else (self.error_std,) * self.values.shape[2]

    def trajectories(self) -> Iterator["Observations"]:
        """Yield those of each trajectory alone, with its own mask (cycle, site)."""
        for index in range(self.values.shape[1]):
            mask = self.mask if self.mask.ndim == 2 else self.mask[:, index]
            yield replace(self, values=self.values[:, index : index + 1], mask=mask)

    def to(self, dtype: torch.dtype) -> "Observations":
        """Return the same observations in another floating-point type."""
        return replace(self, values=self.values.to(dtype))


@dataclass(frozen=True)
class TwinExperiment:
    """A truth (cycle, batch, variable, site) and its observations at the same times.

    Args:
        truth: the states that nobody knows.
        observations: all that a filter may read of them.
    """

    truth: torch.Tensor
    observations: Observations

    def part(self, cycles: slice, truths: slice = slice(None)) -> "TwinExperiment":
        """Return some cycles of the experiment, on all or some of its truths."""
        seen = self.observations
        mask = seen.mask[cycles] if seen.mask.ndim == 2 else seen.mask[cycles, truths]
        kept = replace(seen, values=seen.values[cycles, truths], mask=mask)
        return TwinExperiment(self.truth[cycles, truths], kept)


def simulate(
    system: System,
    pattern: EveryKth,
    *,
    n_cycles: int,
    batch: int,
    obs_error_std: float | Sequence[float],
    seed: int,
    schedule: Schedule | None = None,
    noise_seed: int | None = None,
    start: torch.Tensor | None = None,
) -> TwinExperiment:
    """Return `batch` independent truths on the attractor and noisy, partial observations of each, in float64.

    Args:
        system: the world; the filters use the same one, so there is no model error.
        pattern: which sites are seen.
        n_cycles: number of observation times.
        batch: independent trajectories.
        obs_error_std: standard deviation of the observation noise, > 0; one number, or one of each variable.
        seed: decides the truth, and the noise unless `noise_seed` is given.
        schedule: step and steps between observations; the system's own by default.
        noise_seed: decides the noise alone, to repeat an experiment over noise samples.
        start: the truths one cycle before the first, `(batch, variable, site)`, if not anywhere on the attractor.
    """
    require_number("n_cycles", n_cycles, least=1, whole=True)
    require_number("batch", batch, least=1, whole=True)
    error_std = _noise(obs_error_std)
    _require_noise("obs_error_std", error_std, system.n_variables)
    schedule = schedule or system.schedule
    mask = pattern.mask(n_cycles, system.n_sites)
    state = attractor_states(system, batch, torch_stream(seed, "truth")) if start is None else start.double()
    if state.shape != (batch, system.n_variables, system.n_sites):
        expected = f"{(batch, system.n_variables, system.n_sites)}: truths, variables, sites"
        raise InputError("start", tuple(state.shape), expected, "start=None")
    truth = state.new_empty(n_cycles, *state.shape)
    for cycle in range(n_cycles):
        state = schedule.forecast(system, state)
        truth[cycle] = state
    stream = torch_stream(seed if noise_seed is None else noise_seed, "observation noise")
    noise = torch.randn(truth.shape, generator=stream, dtype=truth.dtype)
    scale = torch.tensor(error_std, dtype=truth.dtype).expand(system.n_variables)[:, None]
    values = (truth + scale * noise) * mask[:, None, None, :]
    return TwinExperiment(truth, Observations(values, mask, error_std))


def _noise(given: object) -> object:
    """Return NumPy's and torch's numbers as Python's, and a list or an array of them as a tuple."""
    given = given.tolist() if isinstance(given, (np.generic, np.ndarray, torch.Tensor)) else given
    return tuple(map(_noise, given)) if isinstance(given, (list, tuple)) else given


def _require_noise(name: str, error_std: float | tuple[float, ...], n_variables: int) -> None:
    if isinstance(error_std, tuple) and len(error_std) != n_variables:
        expected = f"one number, or {n_variables}: one of each variable"
        raise InputError(name, error_std, expected, f"{name}={(error_std or (1.0,))[0]}")
    for each in error_std if isinstance(error_std, tuple) else (error_std,):
        require_number(name, each, above=0)
