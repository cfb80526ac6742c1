import pytest
import torch

from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS
from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig, draw
from sparseobs.filtering.cycle import analyse, first_state
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.filtering.run import assimilate
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import seeded_weights, torch_stream

UNROLL = 2


def network_of(name, **switches):
    mean, deviation, tendency = CLIMATES[name]
    noise = (1.0,) * len(mean)
    scales = {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency, "obs_error_std": noise}
    with seeded_weights(0):
        network = AmEnF(AmEnFConfig(filters=8, **scales, **switches))
    torch.nn.init.normal_(network.readout.weight, std=0.02, generator=torch.Generator().manual_seed(1))
    return network


def problem(name, *, batch=2, members=3, **switches):
    """A small unroll of a system: network, system, schedule, state, window, draws."""
    system, network = SYSTEMS[name], network_of(name, **switches)
    experiment = simulate(system, EveryKth(4), n_cycles=UNROLL + 1, batch=batch, obs_error_std=1.0, seed=0)
    bank = attractor_states(system, 4, torch_stream(0, "members"))
    ensemble = climatological_ensemble(bank, (batch, members), torch_stream(0, "draw")).float()
    window = Window(experiment.observations.values.float(), experiment.observations.mask, experiment.truth.float())
    draws = draw(network.config, UNROLL, (batch, members), ensemble, torch_stream(0, "dropout"))
    cycles = [draws.cycle(index) for index in range(UNROLL)]
    return network, system, system.schedule, first_state(network, ensemble), window, cycles


@pytest.mark.filterwarnings("ignore")  # of torch, that it does not look into a cache
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_unroll_is_one_graph_that_a_compiler_can_take(name):
    """`fullgraph` refuses anything that would leave the graph: a synchronisation, a shape that depends on data."""
    arguments = problem(name)
    compiled = torch.compile(unrolled_loss, fullgraph=True, backend="aot_eager")
    plain, graph = unrolled_loss(*arguments), compiled(*arguments)
    torch.testing.assert_close(graph[0], plain[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(graph[1].forecast, plain[1].forecast, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", SYSTEMS)
def test_turning_the_ring_turns_the_analysis(name):
    network, system, _, state, window, draws = problem(name)

    def analysis(turn):
        turned = type(state)(*(part.roll(turn, -1) for part in state))
        return analyse(
            network, system, turned, window.values[0].roll(turn, -1), window.mask[0].roll(turn, -1), draws[0]
        )

    torch.testing.assert_close(analysis(9).forecast, analysis(0).forecast.roll(9, -1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "switches",
    [
        {"covariance_width": 0},
        {"memory_channels": 0},
        {"use_tendency": False},
        {"use_gate": False},
        {"filling": "zeros"},
        {"dropout": 0.0},
        {"covariance_width": 0, "memory_channels": 0, "use_tendency": False, "use_gate": False, "dropout": 0.0},
    ],
)
@pytest.mark.parametrize("name", ["lorenz96", "vissio_lucarini"])
def test_every_ingredient_can_be_switched_off(name, switches):
    full, less = problem(name), problem(name, **switches)
    loss, state = unrolled_loss(*less)
    loss.backward()
    assert state.forecast.isfinite().all() and less[0].lift.weight.grad.abs().max() > 0
    assert not torch.equal(loss, unrolled_loss(*full)[0])


def test_without_covariance_members_do_not_know_of_each_other():
    network, system, _, state, window, draws = problem("lorenz96", covariance_width=0, filling="zeros")
    other = state._replace(forecast=torch.cat([state.forecast[:, :1], state.forecast[:, 1:] + 1], 1))
    for knows_others, one in ((False, network), (True, network_of("lorenz96", filling="zeros"))):
        first, second = (
            analyse(one, system, each, window.values[0], window.mask[0], draws[0]) for each in (state, other)
        )
        assert torch.equal(first.forecast[:, 0], second.forecast[:, 0]) != knows_others


def test_a_filter_without_covariance_may_have_one_member():
    network, system, _, state, window, _ = problem("lorenz96", covariance_width=0, members=1)
    observations = simulate(system, EveryKth(4), n_cycles=5, batch=2, obs_error_std=1.0, seed=0).observations
    run = assimilate(network, system, observations, state.forecast, torch.Generator())
    assert run.mean.isfinite().all()


def test_memory_hands_on_what_was_seen():
    """The second analysis depends on the first observations through the memory, whatever the forecast."""
    network, system, _, state, window, draws = problem("lorenz96")
    seen = [analyse(network, system, state, values, window.mask[0], draws[0]) for values in window.values[:2]]
    again = [
        analyse(network, system, state._replace(memory=one.memory), window.values[2], window.mask[2], draws[1])
        for one in seen
    ]
    assert (again[0].forecast - again[1].forecast).abs().max() > 1e-4


def test_vissio_lucarini_sees_both_variables_own_covariances():
    network, system, _, state, window, draws = problem("vissio_lucarini", members=4, filling="zeros", dropout=0.0)
    anomalies = state.forecast - state.forecast.mean(1, keepdim=True)
    for variable in (0, 1):
        wider = state.forecast.clone()
        wider[:, 1:, variable] += anomalies[:, 1:, variable]  # member 0 stays, the covariance does not
        first, second = (
            analyse(network, system, state._replace(forecast=each), window.values[0], window.mask[0], draws[0])
            for each in (state.forecast, wider)
        )
        assert not torch.equal(first.forecast[:, 0], second.forecast[:, 0])
