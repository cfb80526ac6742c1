"""Many runs of an ensemble filter at once: every setting on every trajectory, and none of it on another's account."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError
from sparseobs.filtering.letkf_analysis import mean_preserving_rotations
from sparseobs.observing.twin_experiment import Observations

LARGEST_STATE = 1e4  # no atmosphere of these models comes back from there


class Analyses(NamedTuple):
    """All analyses of one cycle; NaN where a run has diverged.

    Attributes:
        mean: (setting, trajectory, variable, site).
        spread: (setting, trajectory), root of the ensemble variance averaged over variables and sites.
        members: (setting, trajectory, member, variable, site).
    """

    mean: Tensor
    spread: Tensor
    members: Tensor


class Runs(NamedTuple):
    """The runs still going: ensembles (run, member, state) and what each is, a tensor of length `run` apiece."""

    ensemble: Tensor
    place: Tensor  # in (setting, trajectory), flattened
    setting: Tensor
    trajectory: Tensor

    @classmethod
    def begin(cls, n_settings: int, ensemble: Tensor) -> "Runs":
        """Return every setting on every trajectory (trajectory, member, variable, site), before the first cycle."""
        place = torch.arange(n_settings * ensemble.shape[0], device=ensemble.device)
        states = ensemble.flatten(-2).repeat(n_settings, 1, 1)
        return cls(states, place, place // ensemble.shape[0], place % ensemble.shape[0])

    def survivors(self) -> tuple["Runs", Tensor]:
        """Return the runs that have not diverged, and which of the present ones they are, (run,)."""
        sound = self.ensemble.abs().amax((-1, -2)) < LARGEST_STATE  # false for NaN
        return (self if bool(sound.all()) else Runs(*(values[sound] for values in self))), sound


class Seen(NamedTuple):
    """What the runs see at one cycle.

    Attributes:
        mask: (site,), true where observed.
        states: (state,), the same for all variables, one after the other.
        values: (run, observation).
        error_stds: (observation,).
    """

    mask: Tensor
    states: Tensor
    values: Tensor
    error_stds: Tensor


@dataclass(frozen=True)
class Problem:
    """What all runs share.

    Args:
        settings: one filter each; what one does never depends on the others, but for rounding.
        system: the model that makes the forecasts; None where these are made elsewhere.
        observations: what is assimilated.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        generator: draws the rotations, one a cycle and trajectory, the same for every setting; None if none does.
        schedule: step and steps between observations; the system's own if None.
    """

    settings: Sequence
    system: System | None
    observations: Observations
    ensemble: Tensor
    generator: torch.Generator | None = None
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        if not self.settings:
            raise InputError("settings", "none", "at least one filter's settings", "[LETKFSettings(1.07, 4.0)]")
        object.__setattr__(self, "ensemble", fitting_ensemble(self.ensemble, self.observations))

    def forecast(self, ensemble: Tensor) -> Tensor:
        """Return the ensembles (run, member, state) one cycle later."""
        states = ensemble.unflatten(-1, self.ensemble.shape[2:])
        return (self.schedule or self.system.schedule).forecast(self.system, states).flatten(-2)

    def seen(self, runs: Runs, cycle: int) -> Seen:
        """Return what each run's trajectory shows at a cycle."""
        mask, values = self.observations.mask[cycle], self.observations.values[cycle].to(self.ensemble)
        error_stds = values.new_tensor(self.observations.error_stds).repeat_interleave(int(mask.sum()))
        states = mask.repeat(values.shape[1])
        return Seen(mask, states, values.flatten(-2)[:, states][runs.trajectory], error_stds)

    def spread_out(self, runs: Runs, ensemble: Tensor) -> Tensor:
        """Return the runs' ensembles, inflated and rotated about their means as the settings say."""
        mean = ensemble.mean(1, keepdim=True)
        inflation = ensemble.new_tensor([one.inflation for one in self.settings])[runs.setting]
        anomalies = inflation[:, None, None] * (ensemble - mean)
        rotation = torch.tensor([one.rotation for one in self.settings], device=ensemble.device)
        if rotation.any():
            turns = mean_preserving_rotations(*self.ensemble.shape[:2], self.generator).to(ensemble)
            turned = rotation[runs.setting].nonzero()[:, 0]
            anomalies[turned] = turns[runs.trajectory[turned]] @ anomalies[turned]
        return mean + anomalies


def fitting_ensemble(ensemble: Tensor, observations: Observations, least: int = 2) -> Tensor:
    """Return an ensemble as a tensor of floating-point numbers, if it is one of the observations' trajectories.

    Args:
        ensemble: (trajectory, member, variable, site), a tensor or NumPy's array.
        observations: what is assimilated.
        least: members that the filter needs.

    Raises:
        InputError: another shape, too few members, or NaN or infinity in one of them.
    """
    ensemble = sound_ensemble(ensemble)
    batch, *expected = observations.values.shape[1:]
    if [len(ensemble), *ensemble.shape[2:]] != [batch, *expected]:
        fits = f"({batch}, members, {', '.join(map(str, expected))}), for the trajectories observed"
        raise InputError("ensemble", tuple(ensemble.shape), fits, "an ensemble of the same system and batch")
    if ensemble.shape[1] < least:
        raise InputError("ensemble", f"{ensemble.shape[1]} member(s)", f"at least {least} members", "an ensemble of 10")
    return ensemble


def sound_ensemble(ensemble: Tensor) -> Tensor:
    """Return an ensemble (trajectory, member, variable, site) as a tensor of floating-point numbers, all finite."""
    ensemble = torch.as_tensor(ensemble)
    ensemble = ensemble if ensemble.is_floating_point() else ensemble.double()
    if ensemble.ndim != 4:
        given, expected = tuple(ensemble.shape), "(trajectory, member, variable, site)"
        raise InputError("ensemble", given, expected, "ensemble[None] for one trajectory")
    if not torch.isfinite(ensemble).all():
        raise InputError("ensemble", "NaN or infinity", "finite members", "an ensemble of the climate")
    return ensemble


Cycle = Callable[[Runs, int], tuple[Runs, Tensor]]


ARGUMENTS = """Args:
    settings: one filter each.
    system: the model that makes the forecasts.
    observations: what is assimilated.
    ensemble: (trajectory, member, variable, site), one cycle before the first observation.
    generator: draws the rotations; None if there are none.
    schedule: step and steps between observations; the system's own if None.
"""


def all_cycles(method: Callable[[Problem], Cycle]) -> Callable[..., Iterator[Analyses]]:
    """Return the filter that takes the arguments of a `Problem` and yields its analyses, cycle by cycle.

    Args:
        method: of a problem, returns what does one cycle: given the runs and a cycle's number, those that have not
            diverged, ready for the next cycle, and their analysis ensembles (run, member, state).

    Notes: a run diverges when its members are not finite or exceed `LARGEST_STATE`; it is then no longer computed.
    """

    def cycles(settings, system, observations, ensemble, *, generator=None, schedule=None) -> Iterator[Analyses]:
        if observations.mask.ndim == 3:
            options = {"generator": generator, "schedule": schedule}
            return one_by_one(cycles, settings, system, observations, ensemble, **options)
        problem = Problem(settings, system, observations, ensemble, generator, schedule)
        return _analyses(problem, method(problem))

    cycles.__name__, cycles.__qualname__, cycles.__module__ = method.__name__, method.__name__, method.__module__
    cycles.__doc__ = f"{inspect.cleandoc(method.__doc__)}\n\n{ARGUMENTS}"
    return cycles


def one_by_one(
    cycles: Callable[..., Iterator[Analyses]],
    settings: Sequence,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    **options: object,
) -> Iterator[Analyses]:
    """Yield the analyses of trajectories that are not seen alike, each of them run by itself."""
    ensemble = Problem(settings, system, observations, ensemble).ensemble
    each = [
        cycles(settings, system, seen, ensemble[index : index + 1], **options)
        for index, seen in enumerate(observations.trajectories())
    ]
    for parts in zip(*each, strict=True):
        yield Analyses(*(torch.cat(values, 1) for values in zip(*parts, strict=True)))


def _analyses(problem: Problem, one_cycle: Cycle) -> Iterator[Analyses]:
    ensemble = problem.ensemble
    runs = Runs.begin(len(problem.settings), ensemble)
    everyone = (len(problem.settings), *ensemble[:, 0].shape)
    for cycle in range(problem.observations.n_cycles):
        runs, analysis = one_cycle(runs, cycle)
        mean = ensemble.new_full(everyone, torch.nan)
        spread = ensemble.new_full(everyone[:2], torch.nan)
        members = ensemble.new_full((*everyone[:2], analysis.shape[1], *everyone[2:]), torch.nan)
        mean.view(-1, *everyone[2:])[runs.place] = analysis.mean(1).unflatten(-1, everyone[2:])
        members.flatten(0, 1)[runs.place] = analysis.unflatten(-1, everyone[2:])
        variance = (analysis - analysis.mean(1, keepdim=True)).square().sum(1) / (analysis.shape[1] - 1)
        spread.view(-1)[runs.place] = variance.mean(-1).sqrt()  # torch's own `var` warns when no run is left
        yield Analyses(mean, spread, members)
