import pytest
import torch

from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS, climate_of
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


@pytest.mark.parametrize("name", CLIMATES)
def test_a_known_system_has_the_catalogues_climate(name):
    assert climate_of(type(SYSTEMS[name])()) is CLIMATES[name], "an equal system, not the same one"


def test_another_system_has_a_climate_of_its_own():
    """Weaker forcing: energy still balances, and mean and deviation lie below those of the standard one."""
    weaker = Lorenz96(forcing=7.5)
    (mean,), (deviation,), _ = climate_of(weaker)
    assert abs((deviation**2 + mean**2) / (7.5 * mean) - 1) < 0.03
    assert 3.2 < deviation < CLIMATES["lorenz96"].standard_deviation[0] - 0.05
    assert climate_of(Lorenz96(forcing=7.5)) is climate_of(weaker), "measured once"
