import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.tangent import along_tangents, cycle_jacobian, jacobian, orthonormal_tangents

each_system = pytest.mark.parametrize("name", SYSTEMS)


def by_differences(function, state, length=1e-6):
    """Central differences, (output, input)."""
    each = length * torch.eye(state.numel(), dtype=state.dtype).unflatten(-1, state.shape)
    return ((function(state + each) - function(state - each)) / (2 * length)).flatten(1).mT


@each_system
@pytest.mark.parametrize("seed", [0, 1])
def test_jacobians_by_finite_differences(name, seed):
    system = SYSTEMS[name]
    state = 2 * system.random_states(1, torch.Generator().manual_seed(seed))[0]

    def forecast(start):
        return system.schedule.forecast(system, start)

    ours = cycle_jacobian(system, system.schedule, state)
    torch.testing.assert_close(ours, by_differences(forecast, state), rtol=0, atol=1e-6)
    ours = jacobian(system.tendency, state)
    torch.testing.assert_close(ours, by_differences(system.tendency, state), rtol=0, atol=1e-5)


@each_system
def test_tangents_of_a_batch_are_products_with_each_jacobian(name):
    system = SYSTEMS[name]
    generator = torch.Generator().manual_seed(0)
    states = attractor_states(system, 2, generator)
    tangents = orthonormal_tangents(system, 2, 3, generator)
    later, changed = along_tangents(lambda now: system.schedule.forecast(system, now), states, tangents)
    torch.testing.assert_close(later, system.schedule.forecast(system, states))
    for state, before, after in zip(states, tangents, changed, strict=True):
        expected = cycle_jacobian(system, system.schedule, state) @ before.flatten(-2).mT
        torch.testing.assert_close(after.flatten(-2).mT, expected, rtol=0, atol=1e-10)
    assert not later.requires_grad and not changed.requires_grad


@each_system
def test_first_tangents_are_orthonormal_differences_of_possible_states(name):
    tangents = orthonormal_tangents(SYSTEMS[name], 2, 5, torch.Generator().manual_seed(0))
    flat = tangents.flatten(-2)
    torch.testing.assert_close(flat @ flat.mT, torch.eye(5, dtype=flat.dtype).expand(2, 5, 5))
    torch.testing.assert_close(SYSTEMS[name].without_constants(tangents), tangents)
