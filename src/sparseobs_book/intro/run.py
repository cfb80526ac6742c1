"""A state, what is read of it, and what a filter makes of that: the front page's picture of the first half."""

from typing import NamedTuple

import torch
from numpy.typing import NDArray

from sparseobs.filtering.letkf import LETKFSettings
from sparseobs_book.trained_filters.experiments import climate_ensemble, observed
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter
from sparseobs_book.trained_filters.recipes import standard_recipe

SEED = 60_000  # no other page's truths
N_CYCLES = 60
N_MEMBERS = 10
TUNED = LETKFSettings(inflation=1.1, radius=4.0)  # as on the page on a filter of one's own


class Estimated(NamedTuple):
    """A run on Lorenz-96.

    Attributes:
        truth: (cycle, site).
        readings: (cycle, site), NaN where nobody looked.
        estimate: (cycle, site), mean of the members.
    """

    truth: NDArray
    readings: NDArray
    estimate: NDArray


def estimated() -> Estimated:
    """Run the package's LETKF from members of the climate on a rotating quarter of the sites, with noise 1."""
    experiment = observed(standard_recipe("lorenz96", obs_error_std=1.0), n_cycles=N_CYCLES, batch=1, seed=SEED)
    run = run_filter(TUNED, experiment.observations, climate_ensemble(SYSTEM, (1, N_MEMBERS), SEED), SEED)
    readings = torch.where(experiment.observations.mask, experiment.observations.values[:, 0, 0], torch.nan)
    return Estimated(experiment.truth[:, 0, 0].numpy(), readings.numpy(), run.members[:, 0, :, 0].mean(1).numpy())
