"""Every filter on the same truths, observations and first ensembles: what a cell of the grid computes.

Seeds 20,000 and up are test streams: no filter was trained or tuned on their truths.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pandas as pd
import torch
from torch import Tensor

from sparseobs.dynamics.catalogue import named_system
from sparseobs.errors import require_number
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.runs.filter_series import Series, run_amenf, run_batched, run_dapper, without_model
from sparseobs.runs.filter_tuning import tuned
from sparseobs.runs.filters import climate_ensemble, observed, standard_recipe, stored_filter
from sparseobs.runs.published_filters import AUTHORS_TUNING
from sparseobs.scores.ensemble import diverged, spatial_rmse
from sparseobs.scores.intervals import time_mean_interval

TEST_STREAM = 20_000
LARGEST_ENSEMBLE = 30  # drawn for every seed; a filter takes the first of them, 4D-Var the mean of all
BY_THE_AUTHORS = "LETKF, authors' tuning"
ENSEMBLE_METHODS = ("LETKF", "iEnKS", "EnKF")


@dataclass(frozen=True)
class FilterComparison:
    """One case of the comparison.

    Args:
        system: of `sparseobs.dynamics.catalogue`, observed as in its standard experiment.
        obs_error_std: standard deviation of the observation noise.
        ensemble_size: members of every filter; 1 for the methods that carry a single state.
        seed: the first of the seeds, which decide truth, noise and first ensemble.
        n_repeats: how many seeds.
        dapper_repeats: on how many of them DAPPER's own filters run; if not on all, the batched ones run on all.
        n_cycles: assimilation cycles scored.
        burn_in: cycles before them, in which the filters find the truth.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    ensemble_size: int = 10
    seed: int = 0
    n_repeats: int = 5
    dapper_repeats: int = 1
    n_cycles: int = 400
    burn_in: int = 100

    def __post_init__(self) -> None:
        standard_recipe(self.system)
        require_number("obs_error_std", self.obs_error_std, above=0)
        require_number("ensemble_size", self.ensemble_size, least=1, most=LARGEST_ENSEMBLE, whole=True)
        require_number("seed", self.seed, least=0, whole=True)
        require_number("n_repeats", self.n_repeats, least=1, whole=True)
        require_number("dapper_repeats", self.dapper_repeats, least=0, most=self.n_repeats, whole=True)
        require_number("n_cycles", self.n_cycles, least=4, whole=True)
        require_number("burn_in", self.burn_in, least=0, whole=True)

    @property
    def seeds(self) -> range:
        """The seeds of the test streams."""
        return range(TEST_STREAM + self.seed, TEST_STREAM + self.seed + self.n_repeats)


PRESETS = {
    "smoke": FilterComparison(n_repeats=2, n_cycles=16, burn_in=4),
    "lesson": FilterComparison(),
    "study": FilterComparison(dapper_repeats=5),
    "paper": FilterComparison(n_repeats=10, n_cycles=10_000, burn_in=200),
}


def experiments(settings: FilterComparison) -> TwinExperiment:
    """Return truth and observations of every seed, side by side in a batch; a seed's own whatever the others."""
    recipe = standard_recipe(settings.system, obs_error_std=settings.obs_error_std)
    length = settings.burn_in + settings.n_cycles
    each = [observed(recipe, n_cycles=length, batch=1, seed=seed) for seed in settings.seeds]
    seen = each[0].observations
    values = torch.cat([one.observations.values for one in each], 1)
    truth = torch.cat([one.truth for one in each], 1)
    return TwinExperiment(truth, Observations(values, seen.mask, seen.error_std))


def first_ensembles(settings: FilterComparison) -> Tensor:
    """Return the members that all filters start from, random states of the climate: (repeat, 30, variable, site)."""
    system = named_system(settings.system)
    return torch.cat([climate_ensemble(system, (1, LARGEST_ENSEMBLE), seed) for seed in settings.seeds])


def tunings(settings: FilterComparison) -> dict[str, tuple[str, object]]:
    """Return the classical filters of a case by name: method of `METHODS`, and its settings."""
    case = (settings.obs_error_std, settings.ensemble_size)
    if settings.ensemble_size == 1:
        return {"4D-Var": ("4D-Var", tuned(settings.system, "4D-Var", *case))}
    ours = {method: (method, tuned(settings.system, method, *case)) for method in ENSEMBLE_METHODS}
    theirs = AUTHORS_TUNING.get((settings.system, *case))
    return ours | ({BY_THE_AUTHORS: ("LETKF", theirs)} if theirs else {})


def runs(settings: FilterComparison, experiment: TwinExperiment) -> Iterator[tuple[str, str, object | None, Series]]:
    """Yield method, implementation, tuning (or None) and results of everything that is compared in a case."""
    everyone, system = first_ensembles(settings), named_system(settings.system)
    first = settings.seeds[0]
    if settings.ensemble_size == 1:
        members = everyone
        for name, series in without_model(settings.system, experiment).items():
            yield name, "", None, series
    else:
        members = everyone[:, : settings.ensemble_size]
        network = stored_filter(settings.system, settings.obs_error_std).network
        generator = torch_stream(first, "dropout at test")
        yield "AmEnF", "batched", None, run_amenf(network, system, experiment, members, generator)
    for name, (method, tuning) in tunings(settings).items():
        case = (method, tuning, system, experiment, members)
        if settings.dapper_repeats:
            yield name, "DAPPER", tuning, run_dapper(*case, seeds=settings.seeds[: settings.dapper_repeats])
        if settings.dapper_repeats < settings.n_repeats:
            yield name, "batched", tuning, run_batched(*case, torch_stream(first, "rotations"))


def compare(settings: FilterComparison) -> pd.DataFrame:
    """Return one row a method, implementation and seed.

    Args:
        settings: the case.

    Returns:
        Columns seed, method, implementation; rmse, forecast_rmse, spread and crps, means over the scored cycles;
        rmse_half_width, of the 95 % interval of the run's time mean; diverged; cycles; what was tuned. Scores are NaN
        where a run diverged and where there are none of the kind.

    Raises:
        InputError: no filter was trained for this system and noise, or none tuned for this case.
    """
    experiment = experiments(settings)
    rows = []
    for name, implementation, tuning, series in runs(settings, experiment):
        chosen = {} if tuning is None else asdict(tuning)
        for repeat, scores in enumerate(score(series, experiment.truth, settings.burn_in)):
            who = {"seed": settings.seed + repeat, "method": name, "implementation": implementation}
            rows.append(who | scores | {"cycles": settings.n_cycles} | chosen)
    tuned_numbers = ["inflation", "radius", "rotation", "background", "background_scale"]
    table = pd.DataFrame(rows)
    return table.reindex(columns=[*table.columns.difference(tuned_numbers, sort=False), *tuned_numbers])


def score(series: Series, truth: Tensor, burn_in: int) -> Iterator[dict]:
    """Yield each repeat's scores over the cycles after `burn_in`; a run that diverged at any time has none."""
    n_repeats = series.analysis.shape[1]
    lost, truth = diverged(series.analysis), truth[:, :n_repeats]
    error = spatial_rmse(series.analysis, truth)[burn_in:]
    others = {
        "forecast_rmse": spatial_rmse(series.forecast, truth)[max(burn_in, 1) :],
        "spread": series.spread[burn_in:],
        "crps": series.crps[burn_in:],
    }
    for repeat in range(n_repeats):
        scores = dict.fromkeys(("rmse", "rmse_half_width", *others), float("nan"))
        if not lost[repeat]:
            interval = time_mean_interval(error[:, repeat])
            scores = {"rmse": interval.mean, "rmse_half_width": (interval.high - interval.low) / 2}
            scores |= {name: values[:, repeat].mean().item() for name, values in others.items()}
        yield scores | {"diverged": bool(lost[repeat])}
