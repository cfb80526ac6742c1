"""The benchmark's yardstick does the same work as our step: same weights, same loss, same gradient."""

import pytest
import torch
from yardstick import Yardstick

from sparseobs.dynamics.integrate import Schedule
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig, Draws
from sparseobs.filtering.cycle import first_state
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate

SYSTEM, CYCLES, MEMBERS = Lorenz96(), 3, 4


def both(schedule, dropout=0.0):
    """Loss and gradients, by parameter name, of the yardstick and of our step on the same numbers, in float64."""
    config = AmEnFConfig(
        filters=8, dropout=dropout, climate_mean=(2.3,), climate_std=(3.6,), tendency_std=(20.0,), obs_error_std=(0.7,)
    )
    network, generator = AmEnF(config), torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
    network = network.double()
    twin = {"n_cycles": CYCLES + 1, "batch": 2, "obs_error_std": 0.7, "seed": 0, "schedule": schedule}
    experiment = simulate(SYSTEM, EveryKth(4), **twin)
    seen, start = experiment.observations, experiment.truth[0]
    shape = (2, MEMBERS, 1, SYSTEM.n_sites)
    ensemble = start[:, None] + torch.randn(shape, generator=generator, dtype=torch.float64)
    shift = torch.tensor([1, 3, 2])

    plain = Yardstick(network, SYSTEM, schedule)
    orders = (torch.arange(MEMBERS) - shift[:, None]) % MEMBERS
    plain_loss = plain.loss(ensemble[:, :, 0], seen.values[:, :, 0], seen.mask, orders)
    plain_loss.backward()

    cycles = [Draws(None, each) for each in shift]
    window = Window(seen.values, seen.mask, None)
    loss, _ = unrolled_loss(network, SYSTEM, schedule, first_state(network, ensemble), window, cycles)
    loss.backward()
    gradients = [
        {name: parameter.grad for name, parameter in each.named_parameters()} for each in (plain.network, network)
    ]
    return plain_loss.item(), loss.item(), *gradients


def test_same_loss_and_gradient_where_the_integrators_agree():
    # torchdiffeq's rk4 is the 3/8 rule and ours the classic one: they part by step^5, which at this step is rounding.
    plain, ours, plain_gradient, gradient = both(Schedule(step=0.002, steps_per_cycle=2))
    assert plain == pytest.approx(ours, rel=1e-9)
    assert plain_gradient.keys() == gradient.keys()
    for name, values in gradient.items():
        torch.testing.assert_close(plain_gradient[name], values, rtol=1e-7, atol=1e-9 * values.abs().max())


def test_nearly_the_same_loss_at_the_step_of_the_benchmark():
    plain, ours, plain_gradient, gradient = both(SYSTEM.schedule)
    assert plain == pytest.approx(ours, rel=1e-3)
    assert plain != ours
    for name, values in gradient.items():
        assert (plain_gradient[name] - values).norm() < 1e-2 * values.norm()


def test_a_step_learns_from_the_same_batch():
    network = AmEnF(AmEnFConfig(filters=8, climate_mean=(2.3,), climate_std=(3.6,), tendency_std=(20.0,)))
    plain = Yardstick(network, SYSTEM, SYSTEM.schedule, learning_rate=3e-3)
    experiment = simulate(SYSTEM, EveryKth(4), n_cycles=3, batch=4, obs_error_std=1.0, seed=0)
    seen = experiment.observations.to(torch.float32)
    truth = experiment.truth[0, :, 0].float()
    torch.manual_seed(0)
    losses = [plain.step(truth, seen.values[:, :, 0], seen.mask, MEMBERS) for _ in range(30)]
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])
