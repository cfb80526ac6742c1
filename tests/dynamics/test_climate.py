import torch

from sparseobs.dynamics.climate import attractor_states, climate, climatological_ensemble
from sparseobs.dynamics.lorenz96 import Lorenz96

SYSTEM = Lorenz96()


def test_climate_balances_forcing_and_friction():
    """Averaged over time and sites, d/dt of the energy vanishes: <x^2> = F <x>."""
    scales = climate(SYSTEM, torch.Generator().manual_seed(0))
    (mean,), (deviation,), _ = scales
    assert abs((deviation**2 + mean**2) / (SYSTEM.forcing * mean) - 1) < 0.03
    assert 2.1 < mean < 2.6  # DAPPER's climatology has an RMSE of 3.6
    assert 3.5 < deviation < 3.8


def test_members_are_different_attractor_states_turned_round():
    bank = attractor_states(SYSTEM, 4, torch.Generator().manual_seed(1))
    ensemble = climatological_ensemble(bank, (2, 5), torch.Generator().manual_seed(2))
    assert ensemble.shape == (2, 5, 1, 40)
    sorted_bank = bank.sort(-1).values
    for member in ensemble.flatten(0, 1):
        assert (member.sort(-1).values == sorted_bank).all(-1).any()
    assert len({tuple(member.flatten().tolist()) for member in ensemble.flatten(0, 1)}) > 5


def test_turning_keeps_neighbours_together():
    bank = torch.arange(40.0).reshape(1, 1, 40)
    ensemble = climatological_ensemble(bank, (1, 20), torch.Generator().manual_seed(0))
    steps = ensemble.roll(-1, -1) - ensemble
    assert set(steps.flatten().tolist()) == {1.0, -39.0}
