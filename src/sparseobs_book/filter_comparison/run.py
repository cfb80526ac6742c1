"""Every filter on the same truths, observations and first ensembles: what a cell of the grid computes.

Seeds 20,000 and up are test streams: no filter was trained or tuned on their truths.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from sparseobs.errors import InputError, require_choice, require_number
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs_book.filter_comparison.published import AUTHORS_TUNING
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import EXPERIMENTS, FilterRecipe, standard_recipe
from sparseobs_book.trained_filters.series import (
    Series,
    climatology_rmse,
    run_batched,
    run_dapper,
    run_learned,
    score,
    without_model,
)
from sparseobs_book.trained_filters.stored import smoother_path, stored_filter, stored_smoother
from sparseobs_book.trained_filters.tuning import tuned

LARGEST_ENSEMBLE = 30  # drawn for every seed; a filter takes the first of them, 4D-Var the mean of all
BY_THE_AUTHORS = "LETKF, authors' tuning"
FILTERS = ("AmEnF", "AmEnS", "LETKF", BY_THE_AUTHORS, "iEnKS", "EnKF", "fixed-lag smoother", "4D-Var")
METHODS_OF_DAPPER = ("LETKF", "iEnKS", "EnKF", "4D-Var")


@dataclass(frozen=True)
class FilterComparison:
    """One case of the comparison.

    Args:
        system: of `sparseobs.dynamics.catalogue`, observed and known to the filters as `experiment` says.
        obs_error_std: standard deviation of the observation noise.
        ensemble_sizes: how many members the ensemble filters have, one case after the other.
        seed: the first of the seeds, which decide truth, noise and first ensemble.
        n_repeats: how many seeds.
        dapper_repeats: on how many of them DAPPER's own filters run, beside the batched ones, which run on all.
        dapper_sizes: the ensemble sizes that they do so with.
        n_cycles: assimilation cycles scored.
        burn_in: cycles before them, in which the filters find the truth.
        experiment: of `EXPERIMENTS`; DAPPER's own filters run in the standard one.
        methods: filters that are compared, of `FILTERS`.
        limit_members: members of one more fixed-lag smoother, a rough limit of what can be known; 0 for none.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    ensemble_sizes: tuple[int, ...] = (5, 10, 20)
    seed: int = 0
    n_repeats: int = 5
    dapper_repeats: int = 1
    dapper_sizes: tuple[int, ...] = (10,)
    n_cycles: int = 400
    burn_in: int = 200
    experiment: str = "standard"
    methods: tuple[str, ...] = FILTERS
    limit_members: int = 0

    def __post_init__(self) -> None:
        require_choice("experiment", self.experiment, EXPERIMENTS)
        standard_recipe(self.system, self.experiment, obs_error_std=self.obs_error_std)
        for size in self.ensemble_sizes:
            require_number("ensemble_size", size, least=2, most=LARGEST_ENSEMBLE, whole=True)
        require_number("seed", self.seed, least=0, whole=True)
        require_number("n_repeats", self.n_repeats, least=1, whole=True)
        require_number("dapper_repeats", self.dapper_repeats, least=0, most=self.n_repeats, whole=True)
        require_number("n_cycles", self.n_cycles, least=4, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)
        require_number("limit_members", self.limit_members, least=0, whole=True)
        for method in self.methods:
            require_choice("method", method, FILTERS)

    @property
    def recipe(self) -> FilterRecipe:
        """What is observed, and how often."""
        return standard_recipe(self.system, self.experiment, obs_error_std=self.obs_error_std)

    @property
    def seeds(self) -> range:
        """The seeds of the test streams."""
        return range(TEST_STREAM + self.seed, TEST_STREAM + self.seed + self.n_repeats)


PRESETS = {
    "smoke": FilterComparison(ensemble_sizes=(10,), n_repeats=2, n_cycles=16, burn_in=4),
    "lesson": FilterComparison(),
    "study": FilterComparison(dapper_repeats=5, dapper_sizes=(5, 10, 20)),
    "long": FilterComparison(
        ensemble_sizes=(5, 10, 15, 20, 30), n_repeats=10, n_cycles=1000, dapper_repeats=0, limit_members=100
    ),
    "paper": FilterComparison(ensemble_sizes=(5, 10, 15, 20, 30), n_repeats=10, n_cycles=10_000, burn_in=200),
}
# What the page runs before the reader's eyes; its seeds begin where those of the stored table do not come.
_LIVE = {"ensemble_sizes": (10,), "seed": 100, "n_repeats": 2, "dapper_repeats": 0}
LIVE_PRESETS = {
    "smoke": FilterComparison(**_LIVE, n_cycles=16, burn_in=4),
    "lesson": FilterComparison(**_LIVE, n_cycles=100, burn_in=60),
    "paper": FilterComparison(**_LIVE, n_cycles=10_000, burn_in=200),
}


def experiments(settings: FilterComparison) -> TwinExperiment:
    """Return truth and observations of every seed, side by side in a batch; a seed's own whatever the others."""
    length = settings.burn_in + settings.n_cycles
    each = [observed(settings.recipe, n_cycles=length, batch=1, seed=seed) for seed in settings.seeds]
    seen = each[0].observations
    values = torch.cat([one.observations.values for one in each], 1)
    truth = torch.cat([one.truth for one in each], 1)
    return TwinExperiment(truth, Observations(values, seen.mask, seen.error_std))


def first_ensembles(settings: FilterComparison, members: int = LARGEST_ENSEMBLE) -> Tensor:
    """Return the members that all filters start from, states of the climate: (repeat, member, variable, site)."""
    system = settings.recipe.model
    return torch.cat([climate_ensemble(system, (1, members), seed) for seed in settings.seeds])


def tunings(settings: FilterComparison, ensemble_size: int) -> Iterator[tuple[str, str, object]]:
    """Yield the classical filters of an ensemble size, 1 for 4D-Var: name, method of `METHODS`, settings.

    What nobody tuned is left out; one at least must have been for an ensemble size of the standard experiment.
    """
    case = settings.obs_error_std, ensemble_size
    methods = ("LETKF", "iEnKS", "EnKF", "fixed-lag smoother") if ensemble_size > 1 else ("4D-Var",)
    found = {method: _tuned(settings, method, ensemble_size) for method in methods}
    found = {method: tuning for method, tuning in found.items() if tuning is not None}
    if ensemble_size > 1 and settings.experiment == "standard" and not found:
        tuned(settings.system, methods[0], *case)  # says what was tuned
    yield from ((method, method, tuning) for method, tuning in found.items())
    if settings.experiment == "standard" and (theirs := AUTHORS_TUNING.get((settings.system, *case))):
        yield BY_THE_AUTHORS, "LETKF", theirs


def _tuned(settings: FilterComparison, method: str, ensemble_size: int) -> object | None:
    """Return a method's settings for a case, None if nobody tuned it."""
    case = settings.system, method, settings.obs_error_std, ensemble_size
    with suppress(InputError):
        return tuned(*case, experiment=settings.experiment)
    return None


def networks(settings: FilterComparison) -> Iterator[tuple[str, AmEnF | AmEnS]]:
    """Yield the learned filters that were trained for a case; the AmEnF must have been, where the pattern is standard.

    One that was trained on the other sense of rotation is not compared.
    """
    where = settings.system, settings.obs_error_std
    if settings.experiment == "standard":
        yield "AmEnF", stored_filter(*where).network
    if smoother_path(*where, settings.experiment).is_file():
        yield "AmEnS", stored_smoother(*where, settings.experiment).network


class Case(NamedTuple):
    """One method in one implementation on all repeats; an ensemble size of 1 is that of a single state."""

    ensemble_size: int
    method: str
    implementation: str
    tuning: object | None
    series: Series


def cases(settings: FilterComparison, experiment: TwinExperiment) -> Iterator[Case]:
    """Yield everything that is compared, all from the same first ensemble of each seed, 4D-Var from its mean."""
    system, everyone = settings.recipe.model, first_ensembles(settings)
    schedule = settings.recipe.schedule
    chosen = {size: list(tunings(settings, size)) for size in (1, *settings.ensemble_sizes)}  # refuses before it runs
    for name, series in without_model(settings.system, experiment).items():
        yield Case(1, name, "", None, series)
    for size in (1, *settings.ensemble_sizes):
        members = everyone[:, :size] if size > 1 else everyone
        if size > 1:
            for name, network in networks(settings):
                if name not in settings.methods:
                    continue
                drawn = torch_stream(settings.seeds[0], "dropout at test")
                yield Case(
                    size, name, "batched", None, run_learned(network, system, experiment, members, drawn, schedule)
                )
        for name, method, tuning in chosen[size]:
            if name not in settings.methods:
                continue
            if name == "fixed-lag smoother":
                members = members.float()  # as the network that starts from it
            problem = (method, tuning, system, experiment, members)
            by_dapper = size in (1, *settings.dapper_sizes) and name in METHODS_OF_DAPPER
            if by_dapper and settings.dapper_repeats and settings.experiment == "standard":
                seeds = settings.seeds[: settings.dapper_repeats]
                yield Case(size, name, "DAPPER", tuning, run_dapper(*problem, seeds=seeds))
            yield _batched(settings, size, name, problem)
    if settings.limit_members:
        yield from limit(settings, experiment)


def limit(settings: FilterComparison, experiment: TwinExperiment) -> Iterator[Case]:
    """Yield the smoother with `limit_members`, if it was tuned for so many."""
    size, method = settings.limit_members, "fixed-lag smoother"
    tuning = _tuned(settings, method, size)
    if tuning is not None:
        members = first_ensembles(settings, size).float()
        yield _batched(settings, size, method, (method, tuning, settings.recipe.model, experiment, members))


def _batched(settings: FilterComparison, size: int, name: str, problem: tuple) -> Case:
    """Return a classical filter in our own form; the problem is what `run_batched` and `run_dapper` begin with."""
    rotations = torch_stream(settings.seeds[0], "rotations")
    return Case(size, name, "batched", problem[1], run_batched(*problem, rotations, settings.recipe.schedule))


def compare(settings: FilterComparison) -> pd.DataFrame:
    """Return one row a method, ensemble size, implementation and seed.

    Args:
        settings: the comparison.

    Returns:
        Columns ensemble_size (1 for a single state), method, implementation, seed; the scores of
        `trained_filters.series.score`; cycles; what was tuned.

    Raises:
        InputError: no filter was trained for this system and noise, or none tuned for this case.
    """
    experiment, climatology = experiments(settings), climatology_rmse(settings.system)
    rows = []
    for case in cases(settings, experiment):
        chosen = {} if case.tuning is None else asdict(case.tuning)
        for repeat, scores in enumerate(score(case.series, experiment.truth, settings.burn_in, climatology)):
            who = {name: getattr(case, name) for name in ("ensemble_size", "method", "implementation")}
            rows.append(who | {"seed": settings.seed + repeat} | scores | {"cycles": settings.n_cycles} | chosen)
    tuned_numbers = ["inflation", "radius", "rotation", "lag", "shift", "reduction", "background", "background_scale"]
    table = pd.DataFrame(rows)
    return table.reindex(columns=[*table.columns.difference(tuned_numbers, sort=False), *tuned_numbers])
