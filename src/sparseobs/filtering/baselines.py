"""Estimates that use no model: what a filter has to beat."""

import torch
from torch import Tensor

from sparseobs.observing.twin_experiment import Observations


def latest_observations(observations: Observations, first_guess: float) -> Tensor:
    """Return the newest observation of every site, (cycle, batch, variable, site).

    Args:
        observations: the observations.
        first_guess: value of a site before it is first seen, such as the mean of the climate.
    """
    estimate = torch.empty_like(observations.values)
    current = torch.full_like(observations.values[0], first_guess)
    for cycle in range(observations.n_cycles):
        current = torch.where(observations.mask[cycle], observations.values[cycle], current)
        estimate[cycle] = current
    return estimate
