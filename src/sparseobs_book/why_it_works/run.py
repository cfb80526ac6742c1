"""A filter at work where the truth is known: what the page on theory takes apart [mccabe2021, section 3.2]."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import require_number, require_whole_numbers
from sparseobs.filtering.amenf import AmEnF, Draws, draw
from sparseobs.filtering.cycle import FilterState, analyse, first_state, predict
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import standard_recipe

SYSTEM_NAME = "lorenz96"
SYSTEM = named_system(SYSTEM_NAME)
PROBE = 0.1  # standard deviations that observations are moved by, to see what that does to the analysis


@dataclass(frozen=True)
class Theory:
    """The numbers of the page on theory.

    Args:
        seed: decides truths, noise, first ensembles and dropout.
        obs_error_std: observation noise, state units; a filter must be stored for it.
        ensemble_size: members of the filter.
        n_trajectories: independent truths side by side; the intervals are over them.
        n_cycles: assimilation cycles scored on each.
        burn_in: cycles before them, in which the filter finds the truths.
        n_gradient_cycles: cycles whose gradients are compared.
        longest_lag: cycles that a gradient is followed back.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    ensemble_size: int = 5
    n_trajectories: int = 16
    n_cycles: int = 128
    burn_in: int = 50
    n_gradient_cycles: int = 64
    longest_lag: int = 25

    def __post_init__(self) -> None:
        require_number("obs_error_std", self.obs_error_std, above=0)
        least = {"n_cycles": 8, "burn_in": 0, "n_gradient_cycles": 4, "longest_lag": 4}
        require_whole_numbers(self, seed=0, ensemble_size=2, n_trajectories=2, **least)


PRESETS = {
    "smoke": Theory(n_trajectories=2, n_cycles=8, burn_in=4, n_gradient_cycles=4, longest_lag=4),
    "lesson": Theory(),
    "paper": Theory(ensemble_size=10, n_trajectories=64, n_cycles=2000, burn_in=200, n_gradient_cycles=1024),
}


def unseen_experiment(settings: Theory, n_cycles: int, stride: int = 4) -> TwinExperiment:
    """Return truths that no filter was trained on, and `n_cycles` noisy observations of each."""
    recipe = standard_recipe(SYSTEM_NAME, obs_error_std=settings.obs_error_std, stride=stride)
    size = {"n_cycles": n_cycles, "batch": settings.n_trajectories}
    return observed(recipe, **size, seed=TEST_STREAM + settings.seed)


class Cycle(NamedTuple):
    """One cycle of a running filter: its number, what the analysis started from, its draws, what came out."""

    index: int
    before: FilterState
    draws: Draws
    analysis: FilterState


@torch.no_grad()
def cycles(network: AmEnF, observations: Observations, ensemble: Tensor, generator: torch.Generator) -> Iterator[Cycle]:
    """Run a filter over all observations and yield each cycle; arguments as of `sparseobs.filtering.run.assimilate`."""
    values = observations.values.to(ensemble)
    state = predict(SYSTEM, SYSTEM.schedule, first_state(network, ensemble))
    for index in range(observations.n_cycles):
        draws = draw(network.config, 1, ensemble.shape[:2], ensemble, generator).cycle(0)
        analysis = analyse(network, SYSTEM, state, values[index], observations.mask[index], draws)
        yield Cycle(index, state, draws, analysis)
        state = predict(SYSTEM, SYSTEM.schedule, analysis)


def first_members(settings: Theory) -> Tensor:
    """Return members that know nothing of the truths, (batch, member, variable, site), float32."""
    shape = (settings.n_trajectories, settings.ensemble_size)
    return climate_ensemble(SYSTEM, shape, TEST_STREAM + settings.seed).float()


class Run(NamedTuple):
    """A filter's scored cycles, the truth's and the observations' too.

    Attributes:
        truth: (cycle, batch, variable, site).
        observations: of the same cycles.
        forecast: (cycle, batch, variable, site), the mean of the members before the analysis.
        members: (cycle, batch, member, variable, site), after it.
        influence: (probed cycle, batch), see `observation_influence`.
    """

    truth: Tensor
    observations: Observations
    forecast: Tensor
    members: Tensor
    influence: Tensor


@torch.no_grad()
def recorded_run(
    network: AmEnF, settings: Theory, experiment: TwinExperiment | None = None, probe_every: int = 4
) -> Run:
    """Run a filter and keep what the losses are made of.

    Args:
        network: the filter.
        settings: sizes and seed.
        experiment: `burn_in + n_cycles` cycles; test truths with independent noise by default.
        probe_every: cycles between measurements of the observations' influence.
    """
    experiment = experiment or unseen_experiment(settings, settings.burn_in + settings.n_cycles)
    observations, generator = experiment.observations, torch_stream(settings.seed, "dropout at test")
    signs, forecast, members, influence = torch_stream(settings.seed, "probes"), [], [], []
    for cycle in cycles(network, observations, first_members(settings), generator):
        if cycle.index < settings.burn_in:
            continue
        forecast.append(cycle.before.forecast.mean(1))
        members.append(cycle.analysis.forecast)
        if (cycle.index - settings.burn_in) % probe_every == 0:
            influence.append(observation_influence(network, cycle, observations, signs))
    scored = experiment.part(slice(settings.burn_in, None))
    stacked = (torch.stack(series) for series in (forecast, members, influence))
    return Run(scored.truth, scored.observations, *stacked)


def observation_influence(
    network: AmEnF, cycle: Cycle, observations: Observations, generator: torch.Generator
) -> Tensor:
    """Return by how much the analysis mean at an observed site follows that site's observation, (batch,).

    The mean derivative, by moving all observations a little up or down at random: what the others do averages out. One
    is a filter that repeats what it is told. By Stein's lemma the analysis loss's cross term is minus twice this, in
    units of the noise variance [stein1981].
    """
    mask, values = observations.mask[cycle.index], observations.values[cycle.index].to(cycle.before.forecast)
    size = PROBE * values.new_tensor(observations.error_stds)[:, None]
    signs = 2 * torch.randint(2, values.shape, generator=generator).to(values) - 1
    moved = analyse(network, SYSTEM, cycle.before, values + size * signs, mask, cycle.draws)
    change = (moved.forecast - cycle.analysis.forecast).mean(1) / size
    return (signs * change)[..., mask].mean((-1, -2))
