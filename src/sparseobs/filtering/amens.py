"""The amortized ensemble smoother: what a localized fixed-lag smoother leaves wrong, learned.

Its step 0 is the tuned smoother of `fixed_lag`. One pass of the network a run and cycle, not one a member, learns a
correction of the mean of then, the inflation at each site, and a memory; radii, shift and inflation of the smoother are
learned with it. Like the AmEnF it is trained on noisy observations alone.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from sparseobs.dynamics.climate import Climate
from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.errors import InputError, require_number
from sparseobs.filtering.amenf import covariance_band
from sparseobs.filtering.fixed_lag import (
    LARGEST_SURPRISE,
    Corrected,
    FixedLagState,
    Start,
    Update,
    carried_to_now,
    first_fixed_lag_state,
    kalman_update,
    require_surprise,
)
from sparseobs.filtering.letkf_analysis import mean_preserving_rotations
from sparseobs.filtering.ring_network import RingNetwork, fitted_to

LARGEST_LOG_INFLATION = 0.3  # at a site, on top of the smoother's own; bounded smoothly, or the spread runs away
# The smoother is nearly right: what is left to learn is small beside the noise of gradients, which Adam's steps do not
# feel. Correction (in the ensemble's spread) and logarithm of inflation are this much of the network's output.
OUTPUT_SCALE = 0.1
LARGEST_INPUT = 8.0  # of the network; a filter that has lost the truth sees innovations that no training has shown it


@dataclass(frozen=True)
class AmEnSConfig:
    """What defines the filter; climate and noise, a number for each variable, make its inputs of order one.

    The smoother it starts from was tuned at some ensemble sizes; between them its numbers are interpolated in the
    logarithm of the size (the lag is rounded), and beyond them they are those of the nearest size.

    Args:
        sizes: ensemble sizes of the tuned starts, ascending.
        lags: cycles back at which the ensemble of each is corrected; 0 for a filter.
        radii: localization radius of each.
        shifts: sites a cycle by which information travels.
        inflations: factor on the anomalies, at least 1.
        reductions: share of the gain by which the anomalies shrink.
        largest_size: ensemble size that the network is told at most, the largest it was trained with.
        growth: cycles after which the lag of a run that starts from the climate grows by one.
        largest_surprise: as in `FixedLagSettings`: above it a run has lost the truth; infinity for no way back.
        rotation: whether the anomalies are turned at random each cycle.
        use_start: whether the smoother's update is made at all; the network alone without it.
        learn_correction: whether the network corrects the mean of then.
        learn_inflation: whether it says the inflation at each site, and the smoother's own is learned.
        learn_localization: whether radii and shift are learned. Gradients over a few cycles shrink the radii further
            than is good for long runs.
        memory_channels: recurrent channels at every site; 0 for a network without memory.
        use_tendency: whether the network is shown the tendency of the forecast's mean.
        covariance_width: local covariances of the forecast with sites up to `width // 2` away, odd; 0 for none.
        filters: channels of the hidden layers.
        kernel: width of the circular convolutions, odd.
        n_blocks: residual blocks of two convolutions.
        climate_mean: mean of the state.
        climate_std: standard deviation of the state.
        tendency_std: standard deviation of the tendency.
        obs_error_std: standard deviation of the observation noise trained for.
    """

    sizes: tuple[int, ...] = (10,)
    lags: tuple[int, ...] = (5,)
    radii: tuple[float, ...] = (5.5,)
    shifts: tuple[float, ...] = (0.6,)
    inflations: tuple[float, ...] = (1.02,)
    reductions: tuple[float, ...] = (0.5,)
    largest_size: int = 10
    growth: int = 20
    largest_surprise: float = LARGEST_SURPRISE
    rotation: bool = False
    use_start: bool = True
    learn_correction: bool = True
    learn_inflation: bool = True
    learn_localization: bool = False
    memory_channels: int = 6
    use_tendency: bool = True
    covariance_width: int = 3
    filters: int = 48
    kernel: int = 5
    n_blocks: int = 2
    climate_mean: tuple[float, ...] = (0.0,)
    climate_std: tuple[float, ...] = (1.0,)
    tendency_std: tuple[float, ...] = (1.0,)
    obs_error_std: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        for name in ("memory_channels", "covariance_width"):
            require_number(name, getattr(self, name), least=0, whole=True)
        require_number("largest_size", self.largest_size, least=2, whole=True)
        for name in ("growth", "filters", "kernel", "n_blocks"):
            require_number(name, getattr(self, name), least=1, whole=True)
        require_surprise(self.largest_surprise)
        for name in ("kernel", "covariance_width"):
            width = getattr(self, name)
            if width and width % 2 == 0:
                raise InputError(name, width, "an odd width", f"{name}={width + 1}")
        for size in self.sizes:
            require_number("sizes", size, least=2, whole=True)
        if not self.sizes or list(self.sizes) != sorted(set(self.sizes)):
            raise InputError("sizes", self.sizes, "ensemble sizes, ascending", "(5, 10, 20)")
        bounds = {
            "lags": {"least": 0, "whole": True},
            "radii": {"above": 0},
            "shifts": {},
            "inflations": {"least": 1},
            "reductions": {"least": 0, "most": 1},
        }
        for name, bound in bounds.items():
            self._require_numbers(name, len(self.sizes), "ensemble size", **bound)
        for name in ("climate_mean", "climate_std", "tendency_std", "obs_error_std"):
            bound = {} if name == "climate_mean" else {"above": 0}
            self._require_numbers(name, self.n_variables, "variable", **bound)

    def _require_numbers(self, name: str, count: int, each: str, **bound: float) -> None:
        values = getattr(self, name)
        if not isinstance(values, tuple) or len(values) != count:
            raise InputError(name, values, f"a tuple of {count}, one number for each {each}", str((1.0,) * count))
        for value in values:
            require_number(name, value, **bound)

    @property
    def n_variables(self) -> int:
        """Variables at each site."""
        return len(self.climate_mean) if isinstance(self.climate_mean, tuple) else 1

    @property
    def n_inputs(self) -> int:
        """Input channels: means and spreads then and now, innovation, increment, tendency, covariances, memory.

        Beside these, three numbers that all sites share or that no variable has: mask, lag and ensemble size.
        """
        each = 6 + self.use_tendency + self.covariance_width
        return each * self.n_variables + 3 + self.memory_channels

    @property
    def n_outputs(self) -> int:
        """Output channels: correction and logarithm of inflation, increment of the memory and its gate."""
        return 2 * self.n_variables + 2 * self.memory_channels

    @property
    def climate(self) -> Climate:
        """Of the system."""
        return Climate(self.climate_mean, self.climate_std, self.tendency_std)


class Turns(NamedTuple):
    """All random numbers that a cycle uses, drawn beforehand; None without rotation.

    Attributes:
        rotations: (run, member, member), orthogonal, leaving the mean alone.
    """

    rotations: Tensor | None

    def cycle(self, index: int) -> "Turns":
        """Return one cycle's draws from those of many."""
        return Turns(None if self.rotations is None else self.rotations[index])

    def streams(self, chosen: slice) -> "Turns":
        """Return one cycle's draws of some runs of the batch."""
        return Turns(None if self.rotations is None else self.rotations[chosen])


class AmEnS(RingNetwork):
    """The amortized ensemble smoother.

    Args:
        config: sizes, parts, climate and noise.
    """

    def __init__(self, config: AmEnSConfig):
        super().__init__(config.n_inputs, config.n_outputs, config.filters, config.kernel, config.n_blocks)
        self.config = config
        # Changes of the tuned numbers, the same at every size: two radii and the shift; inflation and reduction.
        self.localization = nn.Parameter(torch.zeros(3), config.learn_localization and config.use_start)
        self.spreading = nn.Parameter(torch.zeros(2), config.learn_inflation and config.use_start)
        tuned = torch.tensor([config.radii, config.shifts, config.inflations, config.reductions])
        self.register_buffer("tuned", tuned, persistent=False)  # (number, size)
        self.register_buffer("obs_error_std", torch.tensor(config.obs_error_std)[:, None], persistent=False)
        for name, scale in zip(("input_centre", "input_scale"), _input_scales(config), strict=True):
            self.register_buffer(name, scale, persistent=False)  # (input, 1)

    def lag(self, members: int) -> int:
        """Return the lag that runs of an ensemble size grow to: none that the network was not trained with."""
        weights = _between(self.config.sizes, min(members, self.config.largest_size))
        return round(sum(weight * lag for weight, lag in zip(weights, self.config.lags, strict=True)))

    def start(self, n_runs: int, members: int) -> Start:
        """Return the smoother's settings at an ensemble size, the same for every run."""
        weights = self.tuned.new_tensor(_between(self.config.sizes, members))
        radius, shift, inflation, reduction = self.tuned @ weights
        numbers = (
            radius * self.localization[0].exp(),
            radius * self.localization[1].exp(),
            shift + self.localization[2],
            inflation * self.spreading[0].exp(),
            reduction + self.spreading[1],
        )
        lag, growth = (
            torch.full((n_runs,), value, device=weights.device) for value in (self.lag(members), self.config.growth)
        )
        largest = weights.new_full((n_runs,), self.config.largest_surprise)
        return Start(lag, *(number.expand(n_runs) for number in numbers), growth, largest)

    def smooth_at(
        self, system: System, schedule: Schedule, state: FixedLagState, values: Tensor, sites: Tensor, draws: Turns
    ) -> FixedLagState:
        """Return `smooth`'s state where `sites` (observed site,), one or more, are seen; fit to be compiled."""
        (runs, members), config = state.forecast.shape[:2], self.config
        start = self.start(runs, members)
        update = kalman_update(state.past, state.forecast, values, sites, self.obs_error_std, start, state.lag)
        spread = update.then.spread()
        output = self(features(self, system, state, spread, update, sites))
        corrected = _corrected(self, state, spread, update, output, start, draws)
        return carried_to_now(system, schedule, state, corrected, start, self.lag(members), config.climate)


def _between(sizes: tuple[int, ...], members: int) -> list[float]:
    """Return the weight of each size in what is interpolated at `members`."""
    weights = [0.0] * len(sizes)
    inside = min(max(members, sizes[0]), sizes[-1])
    above = next(index for index, size in enumerate(sizes) if size >= inside)
    if sizes[above] == inside:
        weights[above] = 1.0
        return weights
    below = above - 1
    share = math.log(inside / sizes[below]) / math.log(sizes[above] / sizes[below])
    weights[below], weights[above] = 1 - share, share
    return weights


def draw_turns(config: AmEnSConfig, n_cycles: int, shape: tuple[int, int], like: Tensor, generator) -> Turns:
    """Return the draws of `n_cycles` cycles, cycle first.

    Args:
        config: of the filter.
        n_cycles: how many cycles.
        shape: run and member counts.
        like: a tensor of the type and on the device wanted.
        generator: source of the draws, on the same device.
    """
    if not config.rotation:
        return Turns(None)
    turns = mean_preserving_rotations(n_cycles * shape[0], shape[1], generator).to(like)
    return Turns(turns.unflatten(0, (n_cycles, shape[0])))


def first_smoother_state(network: AmEnS, ensemble: Tensor) -> FixedLagState:
    """Return the state before the first cycle: the given ensemble (run, member, variable, site), empty memory."""
    ensemble = fitted_to(network, ensemble)
    if ensemble.shape[1] < 2:
        raise InputError("ensemble", f"{ensemble.shape[1]} member", "at least 2 members", "an ensemble of 10")
    return first_fixed_lag_state(ensemble, network.config.memory_channels)


def smooth(
    network: AmEnS,
    system: System,
    schedule: Schedule,
    state: FixedLagState,
    values: Tensor,
    mask: Tensor,
    draws: Turns,
) -> FixedLagState:
    """Return the analysis ensemble now, and what the next observations will correct.

    Args:
        network: the filter.
        system: the model.
        schedule: step and steps between observations.
        state: the forecast ensemble, its past, and the memory.
        values: (run, variable, site), observations; ignored where `mask` is false.
        mask: (site,), true where observed; where nothing is, the forecast is the analysis.
        draws: the cycle's random numbers.
    """
    sites = mask.nonzero()[:, 0]
    if len(sites):
        return network.smooth_at(system, schedule, state, values, sites, draws)
    unchanged = Corrected(state.past, state.memory, state.surprise)
    runs, members = state.forecast.shape[:2]
    how = network.start(runs, members), network.lag(members), network.config.climate
    return carried_to_now(system, schedule, state, unchanged, *how)


def features(
    network: AmEnS, system: System, state: FixedLagState, spread: Tensor, update: Update, sites: Tensor
) -> Tensor:
    """Return what the network reads, (run, input, site); arguments as of `smooth`, the update is the smoother's.

    The spread (run, variable, site) is that of the past.
    """
    config, now = network.config, update.now.mean
    members = state.forecast.shape[1]
    seen = now.new_zeros(len(now), 1, now.shape[-1]).index_fill(-1, sites, 1)
    read = [
        update.then.mean,
        now,
        spread,
        update.now.spread(),
        torch.zeros_like(now).index_copy(-1, sites, update.innovation),
        update.increment if config.use_start else torch.zeros_like(now),
        covariance_band(update.now.anomalies, config.covariance_width),
        seen,
        state.lag.to(now)[:, None, None].expand_as(seen),
        torch.full_like(seen, math.log(min(members, config.largest_size))),
        *([system.tendency(now)] if config.use_tendency else []),
        state.memory,
    ]
    scaled = (torch.cat(read, 1) - network.input_centre) / network.input_scale
    return scaled.clamp(-LARGEST_INPUT, LARGEST_INPUT)


def _input_scales(config: AmEnSConfig) -> tuple[Tensor, Tensor]:
    """Return what is taken from each input of `features`, and what it is then divided by, each (input, 1)."""
    noise = config.obs_error_std
    variances = [deviation**2 for deviation in noise for _ in range(config.covariance_width)]
    tendency = config.tendency_std if config.use_tendency else ()
    centre = [*config.climate_mean * 2, *[0.0] * (4 * len(noise) + len(variances) + 2), 2.0]
    scale = [*config.climate_std * 2, *noise * 4, *variances, 1.0, float(max(1, *config.lags)), 1.0, *tendency]
    both = torch.zeros(config.n_inputs, 1), torch.ones(config.n_inputs, 1)
    for values, first in zip(both, (centre, scale), strict=True):
        values[: len(first), 0] = torch.tensor(first)  # the memory is read as it is
    return both


def _corrected(
    network: AmEnS, state: FixedLagState, spread: Tensor, update: Update, output: Tensor, start: Start, draws: Turns
) -> Corrected:
    """Return the ensemble of then as smoother and network leave it, and the memory."""
    config = network.config
    sizes = [config.n_variables] * 2 + [config.memory_channels] * 2
    correction, log_inflation, memory, gate = output.split(sizes, 1)
    mean, anomalies = update.then
    if config.use_start:
        mean, anomalies = mean + update.increment, update.anomalies
    if config.learn_correction:
        mean = torch.addcmul(mean, spread.detach(), correction, value=OUTPUT_SCALE)
    inflation = start.inflation[:, None, None]
    if config.learn_inflation:
        bounded = torch.tanh(log_inflation * (OUTPUT_SCALE / LARGEST_LOG_INFLATION))
        inflation = inflation * (LARGEST_LOG_INFLATION * bounded).exp()
    if draws.rotations is not None:
        anomalies = (draws.rotations @ anomalies.flatten(-2)).unflatten(-1, anomalies.shape[2:])
    ensemble = torch.addcmul(mean[:, None], inflation[:, None], anomalies)
    return Corrected(ensemble, torch.addcmul(memory, gate.sigmoid(), state.memory), update.surprise)
