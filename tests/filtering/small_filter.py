"""A small filter, shared by the tests of its parts."""

import torch

from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import seeded_weights, torch_stream

SYSTEM = Lorenz96()


def small_network(*, dropout=0.1, trained=True, dtype=torch.float32):
    """An AmEnF with random weights (`trained`) or as it starts."""
    config = AmEnFConfig(filters=8, dropout=dropout, climate_mean=(2.3,), climate_std=(3.6,), tendency_std=(20.0,))
    with seeded_weights(0):
        network = AmEnF(config)
    if trained:
        generator = torch.Generator().manual_seed(7)
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
    return network.to(dtype)


def small_experiment(n_cycles=12, batch=2, stride=4, seed=0):
    """A short twin experiment on the full ring."""
    return simulate(SYSTEM, EveryKth(stride), n_cycles=n_cycles, batch=batch, obs_error_std=1.0, seed=seed)


def ensemble(batch=2, members=5, seed=0, dtype=torch.float32):
    """Members of the climate."""
    stream = torch_stream(seed, "members")
    return climatological_ensemble(attractor_states(SYSTEM, 16, stream), (batch, members), stream).to(dtype)
