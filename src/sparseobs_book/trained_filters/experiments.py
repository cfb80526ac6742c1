"""What filters are trained, tuned and tested on: truths, observations and first members, in streams that never meet."""

import torch

from sparseobs.dynamics.catalogue import named_system
from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.integrate import System
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs_book.trained_filters.recipes import Experiment

# Training begins at seed 0; validation and test have these added to their seeds.
VALIDATION_STREAM, TEST_STREAM = 10_000, 20_000


def observed(recipe: Experiment, **size: int) -> TwinExperiment:
    """Return truths and observations of a recipe's experiment.

    Args:
        recipe: says system, pattern, schedule and noise.
        size: `n_cycles`, `batch` and `seed` of `simulate`; the seed says which stream they belong to.
    """
    how = {"obs_error_std": recipe.obs_error_std, "schedule": recipe.schedule}
    return simulate(named_system(recipe.system), recipe.pattern, **how, **size)


def climate_ensemble(system: System, shape: tuple[int, int], seed: int) -> torch.Tensor:
    """Return first members that know nothing of the truth: (batch, member, variable, site), float64."""
    stream = torch_stream(seed, "first ensemble")
    return climatological_ensemble(attractor_states(system, 256, stream), shape, stream)
