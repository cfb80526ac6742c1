import numpy as np
import pytest
import torch

from sparseobs.dynamics.integrate import advance
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.filtering.dapper_bridge import load_dapper


@pytest.fixture
def states():
    generator = torch.Generator().manual_seed(3)
    return 2 + 4 * torch.randn(5, 2, 1, 40, generator=generator, dtype=torch.float64)


def test_step_equals_dapper(states):
    load_dapper()
    from dapper.mods.Lorenz96 import step

    ours = advance(Lorenz96(), states, 0.05).numpy()
    theirs = step(states.numpy(), np.nan, 0.05)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


def test_mirror_image_is_another_system(states):
    """The authors' code turns the ring round; ours must not."""
    tendency = Lorenz96().tendency
    assert not torch.allclose(tendency(states), tendency(states.flip(-1)).flip(-1))


def test_written_out_at_one_site(states):
    x = states[0, 0, 0]
    expected = (x[5] - x[2]) * x[3] - x[4] + 8.0
    assert torch.isclose(Lorenz96().tendency(states)[0, 0, 0, 4], expected, atol=1e-12)


@pytest.mark.parametrize("turn", [1, 7])
def test_translation_equivariant(states, turn):
    tendency = Lorenz96().tendency
    torch.testing.assert_close(tendency(states.roll(turn, -1)), tendency(states).roll(turn, -1))


def test_advection_conserves_energy(states):
    """Without friction and forcing the quadratic terms only move energy from site to site."""
    advection = Lorenz96().tendency(states) + states - 8.0
    scale = (states * advection).abs().sum(-1)
    assert ((states * advection).sum(-1).abs() < 1e-12 * scale).all()


def test_steady_state():
    state = torch.full((1, 1, 1, 12), 8.0, dtype=torch.float64)
    assert Lorenz96(n_sites=12).tendency(state).abs().max() == 0


def test_gradient_through_a_step_by_finite_differences(states):
    short = states[:1, :1, :, :6].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda state: advance(Lorenz96(n_sites=6), state, 0.05, 2), (short,))


@pytest.mark.parametrize("arguments", [{"n_sites": 3}, {"n_sites": 4.5}, {"forcing": float("nan")}, {"n_variables": 2}])
def test_bad_input(arguments):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        Lorenz96(**arguments)
