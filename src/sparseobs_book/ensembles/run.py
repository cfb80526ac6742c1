"""What keeps the members of an AmEnF apart: dropout on and off, filters taught by mean or by likelihood, and noise."""

from dataclasses import dataclass, replace

from sparseobs.errors import require_choice, require_number, require_whole_numbers
from sparseobs.files import CHECKPOINTS
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.run import FilterRun
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import standard_recipe
from sparseobs_book.trained_filters.stored import TrainedFilter, load_filter, stored_filter

LETKF = LETKFSettings(inflation=1.1, radius=4.0)  # as tuned for ten members and noise 1
# The stored filter of noise 1, trained on for a few hundred steps with one thing changed.
TRAINED_ON = ("likelihood", "no_dropout", "half_noise")


@dataclass(frozen=True)
class Ensembles:
    """Experiments with the spread of ensembles.

    Args:
        seed: decides truths, noise, first ensembles and dropout.
        ensemble_size: members at test.
        n_truths: independent test trajectories.
        n_cycles: assimilation cycles scored on each.
        burn_in: cycles before them, in which the filters find the truth.
        site: whose members are drawn.
    """

    seed: int = 0
    ensemble_size: int = 10
    n_truths: int = 4
    n_cycles: int = 120
    burn_in: int = 60
    site: int = 0

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_truths=2, n_cycles=2, burn_in=0)
        require_number("ensemble_size", self.ensemble_size, least=2, most=200, whole=True)
        require_number("site", self.site, least=0, most=SYSTEM.n_sites - 1, whole=True)


PRESETS = {
    "smoke": Ensembles(n_truths=2, n_cycles=20, burn_in=6),
    "lesson": Ensembles(),
    "paper": Ensembles(n_truths=10, n_cycles=1000, burn_in=200),
}


def trained_on(name: str) -> TrainedFilter:
    """Return a filter of `TRAINED_ON`: the stored one of noise 1, trained further with one thing changed."""
    require_choice("filter", name, TRAINED_ON)
    return load_filter(CHECKPOINTS / f"ensembles_{name}.safetensors", "lorenz96")


def filter_for_noise(obs_error_std: float) -> TrainedFilter:
    """Return the filter of that noise with dropout, taught by its mean."""
    return trained_on("half_noise") if obs_error_std == 0.5 else stored_filter("lorenz96", obs_error_std)


def with_dropout(network: AmEnF, dropout: float) -> AmEnF:
    """Return the same weights with another probability of dropping a channel."""
    other = AmEnF(replace(network.config, dropout=dropout))
    other.load_state_dict(network.state_dict())
    return other


def observe(settings: Ensembles, obs_error_std: float = 1.0) -> TwinExperiment:
    """Return the test truths, every fourth site seen, rotating; the truths are the same for every noise."""
    recipe = standard_recipe("lorenz96", obs_error_std=obs_error_std)
    size = {"n_cycles": settings.burn_in + settings.n_cycles, "batch": settings.n_truths}
    return observed(recipe, **size, seed=TEST_STREAM + settings.seed)


def run(settings: Ensembles, filter_: AmEnF | AmEnS | LETKFSettings, experiment: TwinExperiment) -> FilterRun:
    """Return the run of a learned filter, or LETKF's, from the same ensemble of the climate, every member kept."""
    seed = TEST_STREAM + settings.seed
    ensemble = climate_ensemble(SYSTEM, (settings.n_truths, settings.ensemble_size), seed)
    return run_filter(filter_, experiment.observations, ensemble, seed)
