import numpy as np
import pytest
import torch

from sparseobs.dynamics.integrate import advance
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.dynamics.tangent import jacobian
from sparseobs.dynamics.vissio_lucarini import VissioLucarini
from sparseobs.errors import InputError
from sparseobs.filtering.dapper_bridge import load_dapper

SYSTEM = VissioLucarini()


@pytest.fixture
def states():
    return 2 + 4 * torch.randn(5, 2, 2, 36, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def dappers_model():
    load_dapper()
    from dapper.mods.VL20 import model_instance

    return model_instance(nX=36, F=10, G=10, alpha=1, gamma=1)


def test_step_equals_dapper(states):
    model = dappers_model()
    from dapper.mods.integration import rk4

    theirs = rk4(lambda x, t: model.dxdt(x), states.flatten(-2).numpy(), np.nan, 0.05)
    ours = advance(SYSTEM, states, 0.05).flatten(-2).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


def test_written_out_at_one_site(states):
    x, theta = state = states[0, 0]
    momentum = (x[5] - x[2]) * x[3] - theta[4] - x[4] + 10
    temperature = x[5] * theta[6] - x[3] * theta[2] + x[4] - theta[4] + 10
    torch.testing.assert_close(SYSTEM.tendency(state)[:, 4], torch.stack([momentum, temperature]))


def test_mirror_image_is_another_system(states):
    """The authors' code turns the ring round; ours must not."""
    assert not torch.allclose(SYSTEM.tendency(states), SYSTEM.tendency(states.flip(-1)).flip(-1))


def test_without_conversion_momentum_is_lorenz96(states):
    apart = VissioLucarini(momentum_forcing=8.0, conversion=0.0)
    torch.testing.assert_close(apart.tendency(states)[..., 0, :], Lorenz96(36).tendency(states[..., 0, :]))


def test_advection_and_conversion_conserve_energy(states):
    """Without friction and forcing, energy only moves from site to site and from one variable to the other."""
    inviscid = VissioLucarini(momentum_forcing=0.0, heating=0.0, friction=0.0)
    change = states * inviscid.tendency(states)
    assert (change.sum((-1, -2)).abs() < 1e-12 * change.abs().sum((-1, -2))).all()


def test_dappers_jacobian_is_wrong_at_two_entries(states):
    """Ours is right (see test_tangent); theirs misplaces how the last temperature feels the first momentum."""
    model = dappers_model()
    for state in states.flatten(0, 1):
        ours = jacobian(SYSTEM.tendency, state).numpy()
        theirs = model.d2x_dtdx(state.flatten().numpy())
        wrong = np.argwhere(np.abs(ours - theirs) > 1e-12)
        assert wrong.tolist() == [[71, 0], [71, 36]]
        np.testing.assert_allclose(ours[71, 0], state[1, 1], atol=1e-12)
        np.testing.assert_allclose(ours[71, 36], 0, atol=1e-12)


@pytest.mark.parametrize("arguments", [{"n_sites": 4}, {"heating": float("inf")}, {"n_variables": 1}])
def test_bad_input(arguments):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        VissioLucarini(**arguments)
