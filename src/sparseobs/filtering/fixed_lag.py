"""A localized fixed-lag ensemble Kalman smoother, used as a filter.

What is seen now corrects the ensemble of some cycles ago, by its covariance with today's forecast, and the model
carries the corrected members to now. Each observation is used once. At lag 0 this is the deterministic ensemble Kalman
filter with localized covariances [sakov2008deterministic]; beyond, it is one Gauss-Newton step of an iterative ensemble
smoother [bocquet2014], localized, and the model makes the update at the time of the analysis a non-linear one.

All runs of a batch have their own settings, lag and trust in their ensemble; everything is differentiable.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.climate import Climate
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.cycle import LARGEST_DEPARTURE
from sparseobs.filtering.letkf_analysis import gaspari_cohn

SURPRISE_MEMORY = 0.7  # share of the running mean of squared innovations that a cycle keeps
LARGEST_SURPRISE = 4.0  # of that mean, 1 where the ensemble is honest, before a run counts as lost


@dataclass(frozen=True)
class FixedLagSettings:
    """What the smoother needs tuned.

    Args:
        lag: cycles back at which the ensemble is corrected; 0 for the filter.
        radius: localization radius in sites, as of `gaspari_cohn`.
        shift: sites a cycle by which information travels: what is seen now at j is most about `j - shift * lag` then.
        inflation: factor on the anomalies, at least 1.
        reduction: share of the gain by which the anomalies shrink, 0.5 to 1. One half is the deterministic filter's and
            leaves them too large where much is learned; an exact square root lies between.
        rotation: whether the anomalies are turned at random each cycle, which keeps mean and covariance.
        growth: cycles after which the lag of a run that starts from the climate grows by one.
        largest_surprise: running mean of squared innovations, in units of what the ensemble lets expect, above which a
            run has lost the truth and goes back to lag 0; infinity for no way back.
    """

    lag: int = 3
    radius: float = 5.5
    shift: float = 0.6
    inflation: float = 1.02
    reduction: float = 0.5
    rotation: bool = False
    growth: int = 20
    largest_surprise: float = LARGEST_SURPRISE

    def __post_init__(self) -> None:
        require_number("lag", self.lag, least=0, whole=True)
        require_number("radius", self.radius, above=0)
        require_number("shift", self.shift)
        require_number("inflation", self.inflation, least=1)
        require_number("reduction", self.reduction, least=0.5, most=1)
        require_number("growth", self.growth, least=1, whole=True)
        require_surprise(self.largest_surprise)


def require_surprise(largest: float) -> None:
    """Raise `InputError` unless a bound of the surprise is above 1, that of an honest ensemble."""
    if not largest > 1:  # nor is NaN
        raise InputError("largest_surprise", largest, "above 1, or infinity", f"largest_surprise={LARGEST_SURPRISE}")


class FixedLagState(NamedTuple):
    """What is carried from cycle to cycle.

    Attributes:
        forecast: (run, member, variable, site), the ensemble now.
        past: the same ensemble `lag` cycles ago, after all observations used so far.
        memory: (run, memory channel, site), of a network; no channels without one.
        lag: (run,), whole numbers.
        age: (run,), cycles since the lag last grew, or the run began.
        surprise: (run,), running mean of squared innovations over the ensemble's expectation, 1 where it is honest.
    """

    forecast: Tensor
    past: Tensor
    memory: Tensor
    lag: Tensor
    age: Tensor
    surprise: Tensor

    def detach(self) -> "FixedLagState":
        """Return the same state, cut off from the past's gradients."""
        return FixedLagState(*(part.detach() for part in self))

    def streams(self, chosen: slice) -> "FixedLagState":
        """Return the state of some runs of the batch."""
        return FixedLagState(*(part[chosen] for part in self))

    def advanced(self, system: System, schedule: Schedule) -> "FixedLagState":
        """Return the forecast of the next cycle; without a lag it is the past that is corrected there."""
        forecast = schedule.forecast(system, self.forecast)
        return self._replace(forecast=forecast, past=replaced(self.lag == 0, lambda: forecast, self.past))


def first_fixed_lag_state(ensemble: Tensor, memory_channels: int = 0) -> FixedLagState:
    """Return the state before the first cycle: the ensemble (run, member, variable, site), no lag, no memory."""
    # Two tensors of their own: a checkpoint holds no two names of one.
    lag, age = (ensemble.new_zeros(len(ensemble), dtype=torch.long) for _ in range(2))
    memory = ensemble.new_zeros(len(ensemble), memory_channels, ensemble.shape[-1])
    return FixedLagState(ensemble, ensemble, memory, lag, age, ensemble.new_ones(len(ensemble)))


class Start(NamedTuple):
    """The settings of every run, tensors (run,), of which a network may have learned some.

    Attributes:
        lag: whole numbers; the lag that a run grows to.
        radius: of the covariance between then and now.
        radius_now: of the covariance of the forecast with itself.
        shift: sites a cycle.
        inflation: factor on the anomalies.
        reduction: share of the gain by which they shrink.
        growth: whole numbers of cycles.
        largest_surprise: above which a run has lost the truth.
    """

    lag: Tensor
    radius: Tensor
    radius_now: Tensor
    shift: Tensor
    inflation: Tensor
    reduction: Tensor
    growth: Tensor
    largest_surprise: Tensor

    @classmethod
    def of(cls, settings: Sequence[FixedLagSettings], like: Tensor) -> "Start":
        """Return the settings of many runs, a row each, of the type and on the device of `like`."""

        def of(name: str) -> Tensor:
            values = [getattr(one, name) for one in settings]
            return torch.tensor(values, device=like.device) if name in ("lag", "growth") else like.new_tensor(values)

        names = ("lag", "radius", "radius", "shift", "inflation", "reduction", "growth", "largest_surprise")
        return cls(*map(of, names))

    def to(self, like: Tensor) -> "Start":
        """Return the same settings of the type and on the device of `like`; whole numbers stay whole."""
        return Start(*(part.to(like) if part.is_floating_point() else part.to(like.device) for part in self))


class Centred(NamedTuple):
    """An ensemble as what most of a cycle reads of it.

    Attributes:
        mean: (run, variable, site).
        anomalies: (run, member, variable, site), from the mean.
    """

    mean: Tensor
    anomalies: Tensor

    @classmethod
    def of(cls, ensemble: Tensor) -> "Centred":
        """Return mean and anomalies of (run, member, variable, site)."""
        mean = ensemble.mean(1)
        return cls(mean, ensemble - mean[:, None])

    def spread(self) -> Tensor:
        """Return the standard deviation, (run, variable, site); `std` over the members would take far longer."""
        variance = self.anomalies.square().sum(1) / (self.anomalies.shape[1] - 1)
        return variance.clamp(min=1e-12).sqrt()  # the gradient of a root at 0 is infinite


class Update(NamedTuple):
    """What the observations of now say of an ensemble of then.

    Attributes:
        then: the ensemble of then, before.
        now: the forecast.
        increment: (run, variable, site), of the mean then.
        anomalies: (run, member, variable, site), then, reduced by what was learned; not inflated.
        innovation: (run, variable, observed site), observation minus the mean of the forecast.
        surprise: (run,), mean squared innovation over what the ensemble and the noise let expect.
    """

    then: Centred
    now: Centred
    increment: Tensor
    anomalies: Tensor
    innovation: Tensor
    surprise: Tensor


def kalman_update(
    past: Tensor, forecast: Tensor, values: Tensor, sites: Tensor, error_std: Tensor, start: Start, lag: Tensor
) -> Update:
    """Return the update of the past by the observations of now, its anomalies by a share of the gain.

    Args:
        past: (run, member, variable, site), two members or more.
        forecast: the same members now.
        values: (run, variable, site), read at `sites` alone.
        sites: (observed site,), where all variables are observed, at least one.
        error_std: (variable, 1), standard deviation of the independent observation errors.
        start: radii, shift and reduction.
        lag: (run,), how many cycles ago the past is.

    References: [sakov2008deterministic], equations 12 to 15; [bocquet2016] for a taper that moves with the flow.
    """
    members, variables, n_sites = past.shape[1:]
    then, now = Centred.of(past), Centred.of(forecast)
    seen = now.anomalies.index_select(-1, sites).flatten(-2)  # (run, member, observation)
    scaled = seen / (members - 1)
    innovation = (values - now.mean).index_select(-1, sites)
    taper, taper_now = _tapers(n_sites, sites, variables, start, start.shift * lag)
    noise = torch.diag(error_std.square().expand(variables, len(sites)).flatten())
    cross = taper * (then.anomalies.flatten(-2).mT @ scaled)  # (run, state, observation)
    # A tapered covariance has no negative eigenvalue if the taper has none; a learned or wide one on a small ring may.
    factor, failed = torch.linalg.cholesky_ex(torch.addcmul(noise, taper_now, seen.mT @ scaled))
    factor = replaced(failed > 0, lambda: 1e6 * noise.sqrt(), factor)
    both = torch.cat([innovation.flatten(-2)[:, None], seen], 1)  # (run, 1 + member, observation)
    weights = torch.cholesky_solve(both.mT, factor)
    moved = (cross @ weights).mT.unflatten(-1, (variables, n_sites))
    surprise = (both[:, 0] * weights[..., 0]).mean(-1)
    anomalies = torch.addcmul(then.anomalies, _each(start.reduction), moved[:, 1:], value=-1)
    return Update(then, now, moved[:, 0], anomalies, innovation, surprise)


def _tapers(n_sites: int, sites: Tensor, variables: int, start: Start, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Return the tapers of then with now (run, state, observation) and of now with itself, observed places alone.

    Where all runs have the same ones, one run stands for all.
    """
    if start.radius.requires_grad or torch.compiler.is_compiling():
        return _both_tapers(n_sites, sites, variables, start.radius, start.radius_now, shift)
    # Many runs and cycles, few tapers.
    runs = list(zip(start.radius.tolist(), start.radius_now.tolist(), shift.tolist(), strict=True))
    numbers = tuple(sorted(set(runs)))
    tapers = _kept_tapers(n_sites, tuple(sites.tolist()), variables, numbers, shift.dtype, shift.device)
    if len(numbers) == 1:
        return tapers
    place = {one: index for index, one in enumerate(numbers)}
    which = torch.tensor([place[one] for one in runs], device=shift.device)
    return tapers[0][which], tapers[1][which]


@functools.lru_cache(maxsize=8)  # one pattern and one set of runs come back cycle after cycle; some entries are large
def _kept_tapers(
    n_sites: int,
    sites: tuple[int, ...],
    variables: int,
    numbers: tuple[tuple[float, float, float], ...],
    dtype: torch.dtype,
    device: torch.device,
) -> tuple[Tensor, Tensor]:
    columns = torch.tensor(numbers, dtype=dtype, device=device).unbind(1)
    return _both_tapers(n_sites, torch.tensor(sites, device=device), variables, *columns)


def _both_tapers(
    n_sites: int, sites: Tensor, variables: int, radius: Tensor, radius_now: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    then = _weights(n_sites, sites, shift, radius)
    now = _weights(n_sites, sites, 0 * shift, radius_now)[:, sites]
    return tuple(one.repeat(1, variables, variables) for one in (then, now))


def _weights(n_sites: int, sites: Tensor, shift: Tensor, radius: Tensor) -> Tensor:
    return gaspari_cohn(ring_offset(n_sites, sites, shift).abs(), radius[:, None, None])


def ring_offset(n_sites: int, sites: Tensor, shift: Tensor) -> Tensor:
    """Return how far each site is from what was seen, moved upstream, (run, site, observed site), shortest way round.

    Args:
        n_sites: of the ring.
        sites: (observed site,).
        shift: (run,), sites by which the place seen is moved back.
    """
    apart = torch.arange(n_sites, device=sites.device)[:, None] - sites
    half = n_sites / 2
    return (apart + shift[:, None, None] + half) % n_sites - half


class Corrected(NamedTuple):
    """The ensemble of then, corrected, and what else the next cycles need.

    Attributes:
        past: (run, member, variable, site).
        memory: (run, memory channel, site).
        surprise: (run,), of this cycle alone.
    """

    past: Tensor
    memory: Tensor
    surprise: Tensor


def carried_to_now(
    system: System,
    schedule: Schedule,
    state: FixedLagState,
    corrected: Corrected,
    start: Start,
    longest: int,
    climate: Climate,
) -> FixedLagState:
    """Return the analysis now, and the past that the next observations correct.

    The lag of a run grows to that of `start`, one cycle at a time. A run whose innovations are far larger than its
    ensemble lets expect has lost the truth: it goes back to lag 0, its members spread out to what the innovations say.

    Args:
        system: the model.
        schedule: step and steps between observations.
        state: before the update.
        corrected: the ensemble of then.
        start: lag, growth and the largest surprise.
        longest: the largest lag of all runs.
        climate: of the system; no state leaves `LARGEST_DEPARTURE` standard deviations of it, here or in between.
    """
    surprise = torch.lerp(corrected.surprise.detach(), state.surprise, SURPRISE_MEMORY)
    lost = surprise > start.largest_surprise
    grows = (state.lag < start.lag) & (state.age + 1 >= start.growth)
    ensemble = within(corrected.past, climate)
    past = ensemble  # of a run whose lag grows; that of all others is replaced on the way
    for step in range(longest):
        ensemble = _carried_on(system, schedule, ensemble, climate, state.lag <= step)
        if step == 0:
            past = replaced(grows, lambda corrected=past: corrected, ensemble)
    ensemble = replaced(lost, lambda: _spread_out(ensemble, surprise, climate), ensemble)
    lag = torch.where(lost, 0, state.lag + grows)
    age = torch.where(lost | grows, 0, state.age + 1)
    memory = replaced(lost, lambda: torch.zeros_like(corrected.memory), corrected.memory)
    return FixedLagState(ensemble, past, memory, lag, age, torch.where(lost, 1, surprise))


def _carried_on(system: System, schedule: Schedule, ensemble: Tensor, climate: Climate, stays: Tensor) -> Tensor:
    """Return the ensembles one cycle later, but for runs that stay (run,)."""
    return replaced(stays, lambda: ensemble, within(schedule.forecast(system, ensemble), climate))


def replaced(which: Tensor, replacement: Callable[[], Tensor], otherwise: Tensor) -> Tensor:
    """Return `otherwise` (run, ...), but the replacement for the runs of `which` (run,).

    What no run needs is not made, where that is known at once: on a processor, and in no graph of a compiler.
    """
    if which.is_cpu and not torch.compiler.is_compiling() and not which.any():
        return otherwise
    return torch.where(which.view(-1, *[1] * (otherwise.ndim - 1)), replacement(), otherwise)


def within(ensemble: Tensor, climate: Climate) -> Tensor:
    """Return the ensemble with no state further from the climate than `LARGEST_DEPARTURE` standard deviations.

    Far outside the attractor a Runge-Kutta step overflows, and one wild member would spoil the batch.
    """
    return torch.clamp(ensemble, *_bounds(climate, ensemble.shape[-1], ensemble.dtype, ensemble.device))


@functools.lru_cache(maxsize=32)
def _bounds(climate: Climate, n_sites: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the least and the largest state, (variable, site): bounds without sites would be far slower."""
    mean, deviation = (torch.tensor(values, dtype=dtype, device=device)[:, None] for values in climate[:2])
    largest = LARGEST_DEPARTURE * deviation
    return tuple(bound.repeat(1, n_sites) for bound in (mean - largest, mean + largest))


def _spread_out(ensemble: Tensor, surprise: Tensor, climate: Climate) -> Tensor:
    """Return members as far apart as the surprise says, no further than states of the climate."""
    mean = ensemble.mean(1, keepdim=True)
    anomalies = ensemble - mean
    deviation = ensemble.new_tensor(climate.standard_deviation)[:, None]
    variance = (anomalies.square().sum(1, keepdim=True) / (ensemble.shape[1] - 1)).mean(-1, keepdim=True)
    spread = variance.clamp(min=1e-12).sqrt()  # the gradient of a root at 0 is infinite
    factor = torch.minimum(_each(surprise.sqrt()), (deviation / spread).clamp(min=1))
    return mean + factor * anomalies


def _each(values: Tensor) -> Tensor:
    """Return numbers of runs as beside their ensembles, (run, 1, 1, 1)."""
    return values[:, None, None, None]
