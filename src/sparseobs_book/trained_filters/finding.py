"""How soon filters find a truth that they know nothing of, and whether they keep it.

Every run starts from states of the climate; half way its observations become those of another truth.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from sparseobs.errors import require_choice, require_whole_numbers
from sparseobs.files import CHECKPOINTS, sha256
from sparseobs.filtering.run import assimilate
from sparseobs.filtering.tuning import METHODS
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.runs.provenance import run_record
from sparseobs.runs.results import write_result
from sparseobs.scores.ensemble import spatial_rmse
from sparseobs.scores.lost import lost_truths
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import EXPERIMENTS, FilterRecipe, standard_recipe
from sparseobs_book.trained_filters.series import climatology_rmse
from sparseobs_book.trained_filters.stored import smoother_path, stored_smoother
from sparseobs_book.trained_filters.tuning import tuned

RESULT = "finding"
STANDARD = ("standard",)
SEED = TEST_STREAM + 5_000  # truths that no other table has
NEAR, IN_A_ROW = 2.0, 10  # found: error below so many times the usual one, for so many cycles


@dataclass(frozen=True)
class Finding:
    """What is run.

    Args:
        system: of `sparseobs.dynamics.catalogue`.
        obs_error_std: standard deviation of the observation noise.
        experiment: of `EXPERIMENTS`.
        ensemble_sizes: members, one case after the other.
        n_starts: truths, each with a first ensemble of its own.
        n_cycles: cycles before the truth is exchanged, and as many after it.
    """

    system: str = "lorenz96"
    obs_error_std: float = 1.0
    experiment: str = "standard"
    ensemble_sizes: tuple[int, ...] = (5, 10, 20)
    n_starts: int = 100
    n_cycles: int = 700

    def __post_init__(self) -> None:
        require_choice("experiment", self.experiment, EXPERIMENTS)
        standard_recipe(self.system, self.experiment, obs_error_std=self.obs_error_std)
        require_whole_numbers(self, n_starts=2, n_cycles=2 * IN_A_ROW)

    @property
    def recipe(self) -> FilterRecipe:
        """What is observed, and how often."""
        return standard_recipe(self.system, self.experiment, obs_error_std=self.obs_error_std)


SIZES = {
    "smoke": Finding(ensemble_sizes=(10,), n_starts=2, n_cycles=40),
    "lesson": Finding(),
    "paper": Finding(n_cycles=2200),
}


def exchanged(settings: Finding) -> TwinExperiment:
    """Return truths that are exchanged for others in the middle, and observations of what is there."""
    whole = observed(settings.recipe, n_cycles=2 * settings.n_cycles, batch=settings.n_starts, seed=SEED)
    after = torch.arange(2 * settings.n_cycles) >= settings.n_cycles
    seen = whole.observations

    def swapped(series: Tensor) -> Tensor:
        return torch.where(after[:, None, None, None], series.roll(1, 1), series)

    return TwinExperiment(swapped(whole.truth), Observations(swapped(seen.values), seen.mask, seen.error_std))


def means(settings: Finding, experiment: TwinExperiment, members: int) -> Iterator[tuple[str, Tensor]]:
    """Yield each method's analysis means, (cycle, truth, variable, site)."""
    system = settings.recipe.model
    case = settings.system, settings.obs_error_std
    schedule = settings.recipe.schedule
    ensemble = climate_ensemble(system, (settings.n_starts, members), SEED).float()
    for method in ("fixed-lag smoother", "LETKF"):
        chosen = tuned(settings.system, method, settings.obs_error_std, members, experiment=settings.experiment)
        how = {"generator": torch_stream(SEED, "rotations"), "schedule": schedule}
        first = ensemble.double() if method == "LETKF" else ensemble
        cycles = METHODS[method].cycles([chosen], system, experiment.observations, first, **how)
        yield method, torch.stack([one.mean[0] for one in cycles])
    if smoother_path(*case, settings.experiment).is_file():
        network = stored_smoother(*case, settings.experiment).network
        drawn = torch_stream(SEED, "rotations")
        yield "AmEnS", assimilate(network, system, experiment.observations, ensemble, drawn, schedule=schedule).mean


def store(size: str, experiments: Sequence[str], name: str, report: Callable[[str], None]) -> Path:
    """Run experiments at a size and store one table, with columns system, obs_error_std and experiment before `find`'s.

    Args:
        size: of `SIZES`.
        experiments: of `EXPERIMENTS`.
        name: of the table under `results/`.
        report: called with a line an experiment.
    """
    start, parts = time.perf_counter(), []
    usual = SIZES[require_choice("size", size, SIZES)]
    cases = [replace(usual, experiment=experiment) for experiment in experiments]
    for case in cases:
        who = {name: getattr(case, name) for name in ("system", "obs_error_std", "experiment")}
        parts.append(find(case).assign(**who))
        report(", ".join(map(str, who.values())))
    table = pd.concat(parts)
    table = table[[*who, *table.columns.drop(list(who))]]
    parameters = {"seed": SEED, "cases": [asdict(case) for case in cases]}
    inputs = {file.name: sha256(file) for file in sorted(CHECKPOINTS.glob("smoother_*.safetensors"))}
    command = f"python -m sparseobs filters find --size {size}" + (f" --name {name}" if name != RESULT else "")
    if tuple(experiments) != STANDARD:
        command += "".join(f" --experiment {experiment}" for experiment in experiments)
    return write_result(name, table, run_record(command, parameters, time.perf_counter() - start, inputs))


def find(settings: Finding) -> pd.DataFrame:
    """Return a row a method, ensemble size and truth.

    Returns:
        Columns method, ensemble_size, truth; found and found_again, cycles until the error was normal, from the climate
        and after the exchange, NaN where it never was; kept, whether the truth was not lost between 200 cycles after
        the start and the exchange; lost, whether it was at the end.
    """
    experiment, half = exchanged(settings), settings.n_cycles
    climatology = climatology_rmse(settings.system)
    rows = []
    for members in settings.ensemble_sizes:
        for method, mean in means(settings, experiment, members):
            error = spatial_rmse(mean.double(), experiment.truth)
            usual = error[half // 2 : half].nanmedian()  # of a run that is not finite there is none
            columns = {
                "found": found_after(error[:half], NEAR * usual),
                "found_again": found_after(error[half:], NEAR * usual),
                "kept": ~lost_truths(error[min(200, half // 2) : half], climatology),
                "lost": lost_truths(error[-min(100, half) :], climatology),
            }
            who = {"method": method, "ensemble_size": members, "truth": range(settings.n_starts)}
            rows.append(pd.DataFrame(who | {name: values.numpy() for name, values in columns.items()}))
    return pd.concat(rows, ignore_index=True)


def found_after(error: Tensor, level: Tensor, cycles: int = IN_A_ROW) -> Tensor:
    """Return after how many cycles an error first stays below a level for `cycles`, (truth,); NaN where it never does.

    Args:
        error: (cycle, truth).
        level: of the error.
        cycles: in a row.
    """
    below = (error < level).unfold(0, cycles, 1).all(-1)
    return torch.where(below.any(0), below.int().argmax(0).double(), torch.nan)
