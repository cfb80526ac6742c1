"""The local ensemble transform Kalman filter for many settings and trajectories at once [hunt2007].

Its analysis equals DAPPER's, which the reported figures come from; this one is for tuning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.letkf_analysis import letkf_analysis, mean_preserving_rotations, ring_taper
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.twin_experiment import Observations

LARGEST_STATE = 1e4  # no atmosphere of these models comes back from there


@dataclass(frozen=True)
class LETKFSettings:
    """What an LETKF needs tuned.

    Args:
        inflation: factor on the analysis anomalies, at least 1.
        radius: localization radius in sites; an observation at this distance keeps 0.63 of its weight.
        rotation: whether a random rotation that keeps mean and covariance follows.
    """

    inflation: float = 1.0
    radius: float = 4.0
    rotation: bool = False

    def __post_init__(self) -> None:
        require_number("inflation", self.inflation, least=1)
        require_number("radius", self.radius, above=0)


class Analyses(NamedTuple):
    """All analyses of one cycle; NaN where a run has diverged.

    Attributes:
        mean: (setting, trajectory, variable, site).
        spread: (setting, trajectory), root of the ensemble variance averaged over variables and sites.
    """

    mean: Tensor
    spread: Tensor


def letkf_cycles(
    settings: Sequence[LETKFSettings],
    system: System,
    observations: Observations,
    ensemble: Tensor,
    *,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> Iterator[Analyses]:
    """Yield the analyses of every setting on every trajectory, cycle by cycle.

    Args:
        settings: one filter each; what one does never depends on the others.
        system: the model that makes the forecasts.
        observations: what is assimilated.
        ensemble: (trajectory, member, variable, site), one cycle before the first observation.
        generator: draws the rotations, one a cycle and trajectory, the same for every setting.
        schedule: step and steps between observations; the system's own by default.

    Notes: a run diverges when its members are not finite or exceed `LARGEST_STATE`; it is then no longer computed.
    """
    _check(settings, observations, ensemble)
    schedule = schedule or system.schedule
    runs = _Runs.begin(settings, ensemble)
    values = observations.values.to(ensemble).flatten(-2)
    turning = any(one.rotation for one in settings)
    everyone = (len(settings), *ensemble[:, 0].shape)
    for cycle in range(observations.n_cycles):
        forecast = schedule.forecast(system, runs.ensemble.unflatten(-1, ensemble.shape[2:])).flatten(-2)
        turns = mean_preserving_rotations(*ensemble.shape[:2], generator).to(ensemble) if turning else None
        runs = runs._replace(ensemble=forecast).survivors().analysed(values[cycle], observations, cycle, turns)
        mean = ensemble.new_full(everyone, torch.nan)
        spread = ensemble.new_full(everyone[:2], torch.nan)
        mean.view(-1, *everyone[2:])[runs.place] = runs.ensemble.mean(1).unflatten(-1, everyone[2:])
        spread.view(-1)[runs.place] = _spread(runs.ensemble)
        yield Analyses(mean, spread)


def run_letkf(
    settings: LETKFSettings,
    system: System,
    observations: Observations,
    ensemble: Tensor,
    *,
    generator: torch.Generator,
    schedule: Schedule | None = None,
) -> FilterRun:
    """Return one setting's run over all trajectories; arguments as of `letkf_cycles`."""
    cycles = letkf_cycles([settings], system, observations, ensemble, generator=generator, schedule=schedule)
    means, spreads = zip(*cycles, strict=True)
    return FilterRun(torch.cat(means), torch.cat(spreads))


def _spread(ensemble: Tensor) -> Tensor:
    """Return the root of the variance over members, averaged over the state: (run,)."""
    anomalies = ensemble - ensemble.mean(1, keepdim=True)
    return (anomalies.square().sum(1) / (ensemble.shape[1] - 1)).mean(-1).sqrt()


class _Runs(NamedTuple):
    """The runs still going: ensembles (run, member, state) and what each is, a tensor of length `run` apiece."""

    ensemble: Tensor
    place: Tensor  # in (setting, trajectory), flattened
    trajectory: Tensor
    inflation: Tensor
    radius: Tensor
    rotation: Tensor

    @classmethod
    def begin(cls, settings: Sequence[LETKFSettings], ensemble: Tensor) -> "_Runs":
        """Return every setting on every trajectory, before the first cycle."""
        count = ensemble.shape[0]

        def each(values: list, dtype: torch.dtype) -> Tensor:
            return torch.tensor(values, dtype=dtype, device=ensemble.device).repeat_interleave(count)

        return cls(
            ensemble.flatten(-2).repeat(len(settings), 1, 1),
            torch.arange(len(settings) * count, device=ensemble.device),
            torch.arange(count, device=ensemble.device).repeat(len(settings)),
            each([one.inflation for one in settings], ensemble.dtype),
            each([one.radius for one in settings], ensemble.dtype),
            each([one.rotation for one in settings], torch.bool),
        )

    def of(self, chosen: Tensor) -> "_Runs":
        """Return some of the runs."""
        return _Runs(*(values[chosen] for values in self))

    def analysed(self, values: Tensor, observations: Observations, cycle: int, turns: Tensor | None) -> "_Runs":
        """Return the runs after analysis, inflation and rotation; `values` is (trajectory, state)."""
        analysis = torch.empty_like(self.ensemble)
        mask = observations.mask[cycle]
        n_variables = observations.values.shape[2]
        seen = mask.repeat(n_variables)
        error_stds = values.new_tensor(observations.error_stds).repeat_interleave(int(mask.sum()))
        for radius in self.radius.unique().tolist():
            chosen = (self.radius == radius).nonzero()[:, 0]
            taper = ring_taper(mask, radius, n_variables).to(values)
            observed = values[self.trajectory[chosen]][:, seen]
            analysis[chosen] = letkf_analysis(self.ensemble[chosen], observed, seen, taper, error_stds)
        mean = analysis.mean(1, keepdim=True)
        anomalies = self.inflation[:, None, None] * (analysis - mean)
        if turns is not None:
            turned = self.rotation.nonzero()[:, 0]
            anomalies[turned] = turns[self.trajectory[turned]] @ anomalies[turned]
        return self._replace(ensemble=mean + anomalies)

    def survivors(self) -> "_Runs":
        """Return the runs that have not diverged."""
        size = self.ensemble.abs().amax((-1, -2))
        sound = size < LARGEST_STATE  # false for NaN
        return self if bool(sound.all()) else self.of(sound)


def _check(settings: Sequence[LETKFSettings], observations: Observations, ensemble: Tensor) -> None:
    if not settings:
        raise InputError("settings", "none", "at least one LETKFSettings", "[LETKFSettings(1.07, 4.0)]")
    if ensemble.shape[1] < 2:
        raise InputError("ensemble", f"{ensemble.shape[1]} member", "at least 2 members", "an ensemble of 10")
    expected = (observations.values.shape[1], *observations.values.shape[2:])
    given = (ensemble.shape[0], *ensemble.shape[2:])
    if given != expected:
        raise InputError("ensemble", given, f"trajectories, variables and sites {expected}", "one made for them")
    if not torch.isfinite(ensemble).all():
        raise InputError("ensemble", "NaN or infinity", "finite members", "an ensemble of the climate")
