"""Classical filters, tuned on validation trajectories for each system, noise and ensemble size; kept in one table."""

import functools
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

import pandas as pd
from torch import Tensor

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import InputError, require_choice
from sparseobs.files import SOURCE, sha256
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.tuning import (
    LAGS,
    METHODS,
    REDUCTIONS,
    Rung,
    Settings,
    analysis_errors,
    chosen,
    refined,
    successive_halving,
)
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.runs.provenance import run_record, source_state
from sparseobs.runs.results import Result, read_result, stored_names, write_result
from sparseobs_book.trained_filters.experiments import VALIDATION_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import (
    EXPERIMENTS,
    NOISES,
    FilterRecipe,
    SmootherRecipe,
    experiment_of,
    standard_recipe,
)

RESULT = "filter_tuning"
SMOOTHERS = "smoother_tuning"  # the table of smoothers, and of rivals in experiments of their own
LIBRARY = ("ensemble_runs", "fixed_lag", "fixed_lag_runs", "letkf", "letkf_analysis", "ienks", "var4d", "tuning")
CODE = (*(f"sparseobs/filtering/{module}.py" for module in LIBRARY), "sparseobs_book/trained_filters/tuning.py")
MOST_ROWS = 300
KEYS = ["system", "method", "obs_error_std", "ensemble_size", "experiment"]
RIVALS = tuple(method for method in METHODS if method != "fixed-lag smoother")
COLUMNS = [
    *KEYS,
    "inflation",
    "radius",
    "rotation",
    "lag",
    "shift",
    "reduction",
    "growth",
    "background",
    "background_scale",
    "rmse",
    "n_diverged",
    "n_runs",
    "n_cycles",
]


class Case(NamedTuple):
    """What is tuned for itself; the columns `KEYS` of the table. 4D-Var's ensemble size is 1."""

    system: str
    method: str
    obs_error_std: float
    ensemble_size: int
    experiment: str = "standard"

    @classmethod
    def of(
        cls, system: str, method: str, obs_error_std: float, ensemble_size: int, experiment: str = "standard"
    ) -> "Case":
        """Return the case that a filter with so many members belongs to."""
        require_choice("system", system, SYSTEMS)
        require_choice("method", method, METHODS)
        require_choice("experiment", experiment, EXPERIMENTS)
        members = 1 if method == "4D-Var" else ensemble_size
        return cls(system, method, float(obs_error_std), members, experiment)

    @property
    def recipe(self) -> FilterRecipe:
        """What is observed, and how often."""
        return standard_recipe(self.system, self.experiment, obs_error_std=self.obs_error_std)


@dataclass(frozen=True)
class Tuning:
    """How to tune a case.

    Args:
        burn_in: cycles not scored, though a run may diverge in them.
        rungs: scored cycles of each round, how many settings go on, over how many trajectories.
    """

    burn_in: int
    rungs: tuple[Rung, ...]


ENSEMBLE_SIZES = {"smoke": (5,), "lesson": (5, 10, 20), "paper": (5, 10, 15, 20, 30)}
_PAPER = Tuning(200, (Rung(200, 30), Rung(1000, 30), Rung(10_000, 6)))
_SMOKE = Tuning(5, (Rung(5, 4, 2), Rung(10, 2, 2)))
# A first round of few cycles on one trajectory drops what is far off; the last one decides over five. What takes long
# has shorter rounds. On Kuramoto-Sivashinsky wide radii take a hundred cycles to find the truth from the climate.
_LESSON = {
    ("lorenz96", "LETKF"): Tuning(100, (Rung(100, 20), Rung(500, 20), Rung(5000, 6))),
    ("vissio_lucarini", "LETKF"): Tuning(60, (Rung(50, 20, 1), Rung(150, 4, 2), Rung(800, 4))),
    ("kuramoto_sivashinsky", "LETKF"): Tuning(100, (Rung(50, 24, 1), Rung(150, 8, 2), Rung(500, 8))),
    ("kuramoto_sivashinsky", "4D-Var"): Tuning(20, (Rung(30, 4, 1), Rung(200, 4))),
    ("kuramoto_sivashinsky", None): Tuning(20, (Rung(60, 5, 1), Rung(400, 5))),
    ("kuramoto_sivashinsky", "fixed-lag smoother"): Tuning(100, (Rung(40, 24, 1), Rung(150, 6, 2), Rung(400, 6))),
    (None, "fixed-lag smoother"): Tuning(100, (Rung(60, 40, 1), Rung(200, 12, 3), Rung(800, 12))),
    (None, "4D-Var"): Tuning(60, (Rung(60, 4, 1), Rung(400, 4))),
    (None, None): Tuning(60, (Rung(100, 5, 1), Rung(800, 5))),
}


def how_to_tune(size: str, system: str, method: str, experiment: str = "standard") -> Tuning:
    """Return how a system's method is tuned at a size: smoke, lesson or paper.

    In experiments other than the standard one every method is tuned in the smoother's rounds.
    """
    require_choice("size", size, ENSEMBLE_SIZES)
    if size != "lesson":
        return {"smoke": _SMOKE, "paper": _PAPER}[size]
    method = method if experiment == "standard" else "fixed-lag smoother"
    keys = (system, method), (None, method), (system, None), (None, None)
    return next(_LESSON[key] for key in keys if key in _LESSON)


def cases(
    size: str,
    systems: Iterable[str] = tuple(SYSTEMS),
    methods: Iterable[str] = RIVALS,
    obs_error_stds: Iterable[float] = NOISES,
    ensemble_sizes: Iterable[int] = (),
    experiments: Iterable[str] = ("standard",),
) -> list[Case]:
    """Return all that is tuned at a size, by default for every system, method, noise and ensemble size of it."""
    members = tuple(ensemble_sizes) or ENSEMBLE_SIZES[require_choice("size", size, ENSEMBLE_SIZES)]
    return list(
        dict.fromkeys(Case.of(*values) for values in product(systems, methods, obs_error_stds, members, experiments))
    )


@functools.lru_cache(maxsize=1)  # the rounds of a case, and cases that follow each other, share their truth
def _validation(recipe: FilterRecipe, n_cycles: int) -> TwinExperiment:
    return observed(recipe, n_cycles=n_cycles, batch=5, seed=VALIDATION_STREAM)


def validation_errors(tuning: Tuning, case: Case) -> Callable[[Sequence[Settings], Rung], Tensor]:
    """Return what scores settings of a case in a round, on the validation trajectories (`analysis_errors`)."""
    system = case.recipe.model
    members = case.ensemble_size if case.ensemble_size > 1 else 20  # of which 4D-Var takes the mean
    ensemble = climate_ensemble(system, (5, members), VALIDATION_STREAM)
    if case.method == "fixed-lag smoother":
        ensemble = ensemble.float()  # as the network that starts from it
    longest = tuning.burn_in + max(rung.n_cycles for rung in tuning.rungs)

    def errors_of(settings: Sequence[Settings], rung: Rung) -> Tensor:
        whole = _validation(case.recipe, longest)
        cycles, truths = slice(tuning.burn_in + rung.n_cycles), slice(rung.n_trajectories)
        return analysis_errors(
            METHODS[case.method].cycles,
            settings,
            system,
            whole.part(cycles, truths),
            ensemble[truths],
            burn_in=tuning.burn_in,
            generator=torch_stream(VALIDATION_STREAM, "rotations"),
            schedule=case.recipe.schedule,
        )

    return errors_of


# Large deterministic ensembles grow outliers, which a random rotation cures; they need little localization.
LARGE = 50  # members from which it does
ROTATED = tuple(
    FixedLagSettings(lag, radius, 0.6, inflation, reduction, rotation=True)
    for lag, radius, inflation, reduction in product(LAGS, (8.0, 14.0, 20.0), (1.0, 1.02), REDUCTIONS)
)


def tune_case(tuning: Tuning, case: Case) -> pd.DataFrame:
    """Return the settings' validation scores for one case, best first, with the columns of the table.

    Of a grid of more than `MOST_ROWS` settings, and in experiments other than the standard one, those that left after
    the first round have no row.
    """
    method, errors_of = METHODS[case.method], validation_errors(tuning, case)
    large = case.method == "fixed-lag smoother" and case.ensemble_size >= LARGE
    table = successive_halving(ROTATED if large else method.grid, tuning.rungs, errors_of)
    if method.neighbours:
        table = refined(table, method.settings, method.neighbours, tuning.rungs[-1], errors_of)
    if len(table) > MOST_ROWS or case.experiment != "standard":
        table = table[table["n_cycles"] > tuning.rungs[0].n_cycles]
    rotation = table.get("rotation", False)  # of 4D-Var there is none
    return table.assign(**case._asdict(), rotation=rotation).reindex(columns=COLUMNS)


def tune(
    wanted: Iterable[Case], size: str, name: str = RESULT, report: Callable[[str], None] = print, again: bool = False
) -> Result:
    """Tune cases and store the table after each; what the table has from the same rounds is not tuned again.

    Args:
        wanted: the cases; others in the table stay there.
        size: smoke, lesson or paper.
        name: of the table under `results/`.
        report: called with a line a case.
        again: tune what the table has all the same, since the grid of settings has changed.
    """
    for case in wanted:
        parts, made = _stored(name)
        how = how_to_tune(size, case.system, case.method, case.experiment)
        identity = json.loads(json.dumps(asdict(how)))
        if again or case not in parts or not identity.items() <= made[case].items():
            start = time.perf_counter()
            parts[case] = tune_case(how, case)
            seconds, date = round(time.perf_counter() - start, 1), datetime.now(UTC).date().isoformat()
            made[case] = {"case": list(case)} | identity | {"wall_seconds": seconds, "date": date, **source_state()}
            _store(name, size, parts, made)
        best = parts[case].iloc[0]
        report(f"{', '.join(map(str, case))}: {choice(parts[case], case.method)}, RMSE {best.rmse:.3f}")
    return read_result(name)


def _stored(name: str) -> tuple[dict[Case, pd.DataFrame], dict[Case, dict]]:
    """Return the rows of every case tuned so far, and how they came about; copies that may be changed."""
    if name not in stored_names():
        return {}, {}
    table, record = read_result(name)
    parts = {Case(*case): part for case, part in _with_experiments(table).groupby(KEYS, sort=False)}
    return parts, {Case(*one["case"]): one for one in record["parameters"]["tunings"]}


def _with_experiments(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with all columns; what was made before there were several experiments is of the standard one."""
    known = table if "experiment" in table else table.assign(experiment="standard")
    return known.reindex(columns=COLUMNS)


def _store(name: str, size: str, parts: dict[Case, pd.DataFrame], made: dict[Case, dict]) -> None:
    command = f"python -m sparseobs filters tune --size {size}" + (f" --name {name}" if name != RESULT else "")
    seconds = sum(one["wall_seconds"] for one in made.values())
    parameters = {"validation_stream": VALIDATION_STREAM, "tunings": list(made.values())}
    inputs = {module: sha256(SOURCE / module) for module in CODE}
    write_result(
        name, pd.concat(parts.values()).dropna(axis=1, how="all"), run_record(command, parameters, seconds, inputs)
    )


def choice(rows: pd.DataFrame, method: str) -> Settings:
    """Return the settings chosen among the rows of one case."""
    return chosen(rows, METHODS[method].settings)


def tuned(
    system: str,
    method: str,
    obs_error_std: float,
    ensemble_size: int,
    name: str | None = None,
    experiment: str = "standard",
) -> Settings:
    """Return the stored choice: the fewest diverged runs in the longest round, and among those the lowest mean RMSE.

    Args:
        system: its name.
        method: of `METHODS`.
        obs_error_std: the noise it was tuned for.
        ensemble_size: the members it was tuned for; for 4D-Var any number.
        name: of the table under `results/`; by default the one that has such cases.
        experiment: of `EXPERIMENTS`.

    Raises:
        InputError: nothing was tuned for this case.
    """
    case = Case.of(system, method, obs_error_std, ensemble_size, experiment)
    own = method in RIVALS and experiment == "standard"
    table = _with_experiments(read_result(name or (RESULT if own else SMOOTHERS)).table)
    parts = dict(iter(table.groupby(KEYS)))
    if case not in parts:
        known = ", ".join(
            f"({noise:g}, {members})"
            for *who, noise, members, which in parts
            if (*who, which) == (*case[:2], experiment)
        )
        which = f" --experiment {experiment} --name {SMOOTHERS}" if not own else ""
        hint = f"python -m sparseobs filters tune --system {system} --method '{method}'{which}"
        given = (obs_error_std, ensemble_size)
        raise InputError("obs_error_std, ensemble_size", given, f"a tuned pair: {known or 'none yet'}", hint)
    return choice(parts[case], method)


def tuned_starts(recipe: SmootherRecipe, sizes: Iterable[int]) -> SmootherRecipe:
    """Return a recipe that starts from the smoothers tuned for its experiment at some ensemble sizes.

    Raises:
        InputError: they were not, or not for this pattern and schedule.
    """
    experiment = experiment_of(recipe)
    case = recipe.system, "fixed-lag smoother", recipe.obs_error_std
    chosen = [tuned(*case, size, experiment=experiment) for size in sizes]
    names = {"radii": "radius", "lags": "lag", "shifts": "shift", "inflations": "inflation", "reductions": "reduction"}
    numbers = {many: tuple(getattr(one, each) for one in chosen) for many, each in names.items()}
    return replace(recipe, sizes=tuple(sizes), **numbers)
