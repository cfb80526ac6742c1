"""The AmEnS: untrained it is its smoother, and each of its parts does what its switch says."""

import math
from dataclasses import replace

import pytest
import torch

from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS
from sparseobs.dynamics.climate import attractor_states
from sparseobs.errors import InputError
from sparseobs.filtering.amens import (
    LARGEST_LOG_INFLATION,
    OUTPUT_SCALE,
    AmEnS,
    AmEnSConfig,
    Turns,
    first_smoother_state,
    smooth,
)
from sparseobs.filtering.fixed_lag import FixedLagSettings, first_fixed_lag_state
from sparseobs.filtering.fixed_lag_runs import fixed_lag
from sparseobs.filtering.methods import method_of
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.filtering.run import assimilate, follow, learned
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.randomness import seeded_weights

DOUBLE = torch.float64
SYSTEM = SYSTEMS["lorenz96"]
THREE_SIZES = {
    "sizes": (5, 10, 20),
    "lags": (2, 3, 5),
    "radii": (3.0, 5.5, 7.0),
    "shifts": (0.7, 0.6, 0.5),
    "inflations": (1.06, 1.02, 1.01),
    "reductions": (0.6, 0.5, 0.5),
    "largest_size": 20,
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def network_of(name="lorenz96", *, trained=True, dtype=DOUBLE, **numbers):
    """An AmEnS of one of the systems with random weights (`trained`) or as it starts."""
    mean, deviation, tendency = CLIMATES[name]
    scales = {"climate_mean": mean, "climate_std": deviation, "tendency_std": tendency}
    config = AmEnSConfig(
        **({"filters": 8, "lags": (3,), "growth": 2, "obs_error_std": (1.0,) * len(mean)} | scales | numbers)
    )
    with seeded_weights(0):
        network = AmEnS(config).to(dtype)
    if trained:
        with torch.no_grad():
            for part in (network.readout.weight, network.readout.bias):
                part.copy_(0.1 * torch.randn(part.shape, generator=generator(7)))
    return network


def problem(name="lorenz96", *, n_cycles=7, batch=2, members=5, stride=4, dtype=DOUBLE, noise=1.0):
    """Observations of truths, and an ensemble around these."""
    system = SYSTEMS[name]
    start = attractor_states(system, batch, generator())
    seen = simulate(system, EveryKth(stride), n_cycles=n_cycles, batch=batch, obs_error_std=noise, seed=0, start=start)
    draws = torch.randn(batch, members, *start.shape[1:], generator=generator(1), dtype=DOUBLE)
    return system, seen.observations.to(dtype), (start[:, None] + 0.5 * draws).to(dtype)


def states_of(network, system, seen, members, *, seed=0):
    """The states of a run of the network, with gradients."""
    method, states = method_of(network), []
    state = method.first_state(network, members)
    turns = method.draw(network.config, seen.n_cycles, members.shape[:2], members, generator(seed))
    for cycle in range(seen.n_cycles):
        given = seen.values[cycle], seen.mask[cycle], turns.cycle(cycle)
        state = smooth(network, system, system.schedule, state.advanced(system, system.schedule), *given)
        states.append(state)
    return states


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("rotation", [False, True])
def test_untrained_it_is_the_smoother(name, rotation):
    network = network_of(name, trained=False, rotation=rotation, growth=3)
    system, seen, members = problem(name, n_cycles=12)
    settings = FixedLagSettings(3, 5.5, 0.6, 1.02, rotation=rotation, growth=3)
    expected = follow(system, first_fixed_lag_state(members), 12, fixed_lag(settings, system, seen, generator(3)))
    # The network's numbers were of single precision first: 5.5 is exact in it, 0.6 is not.
    found = assimilate(network, system, seen, members, generator(3), keep_members=True)
    torch.testing.assert_close(found.members, expected.members, rtol=0, atol=1e-4)
    torch.testing.assert_close(found.members[0], expected.members[0], rtol=0, atol=1e-6)


def test_a_size_has_the_numbers_tuned_at_it_and_between_two_what_lies_between():
    network = network_of(**THREE_SIZES)
    for index, size in enumerate(THREE_SIZES["sizes"]):
        start = network.start(2, size)
        for name, values in (
            ("radius", "radii"),
            ("radius_now", "radii"),
            ("shift", "shifts"),
            ("inflation", "inflations"),
            ("reduction", "reductions"),
        ):
            assert getattr(start, name).tolist() == pytest.approx([THREE_SIZES[values][index]] * 2, rel=1e-6)
        assert start.lag.tolist() == [THREE_SIZES["lags"][index]] * 2 and start.growth.tolist() == [2, 2]
    radii = torch.stack([network.start(1, members).radius[0] for members in range(2, 31)])
    assert (radii.diff() >= 0).all() and (radii[3:19].diff() > 0).all()
    assert (radii[:4] == radii[0]).all() and (radii[18:] == radii[-1]).all(), "5 and fewer, 20 and more"
    between = network.start(1, 14).shift.item()  # 14 is about halfway from 10 to 20 on a logarithmic axis
    assert between == pytest.approx(0.55, abs=0.002)
    assert [network.lag(members) for members in (2, 6, 8, 14, 15, 30)] == [2, 2, 3, 4, 4, 5], "whole cycles"


def test_no_lag_and_no_size_beyond_those_trained():
    network = network_of(**THREE_SIZES | {"largest_size": 10})
    assert [network.lag(members) for members in (5, 10, 20, 30)] == [2, 3, 3, 3]
    assert network.start(1, 20).radius.item() == pytest.approx(7.0), "radii are those tuned"


def test_what_is_learned_changes_every_size():
    network = network_of(**THREE_SIZES)
    before = {members: network.start(1, members) for members in (5, 10, 20)}
    with torch.no_grad():
        network.localization[0] = 0.2
        network.spreading[1] = 0.05
    for members, start in before.items():
        changed = network.start(1, members)
        assert changed.radius.item() == pytest.approx(math.exp(0.2) * start.radius.item())
        assert changed.reduction.item() == pytest.approx(start.reduction.item() + 0.05)
        for name in ("radius_now", "shift", "inflation"):
            assert torch.equal(getattr(changed, name), getattr(start, name))


def test_one_size_is_that_of_all():
    assert {round(network_of().start(1, members).radius.item(), 4) for members in (2, 10, 30)} == {5.5}


@pytest.mark.parametrize("members", [2, 3, 30])
def test_one_network_for_any_ensemble_size(members):
    network = network_of(dtype=torch.float32, **THREE_SIZES)
    system, seen, ensemble = problem(members=members, dtype=torch.float32, n_cycles=5)
    run = assimilate(network, system, seen, ensemble, generator(), keep_members=True)
    assert run.members.shape == (5, 2, members, 1, 40) and run.members.isfinite().all()


@pytest.mark.parametrize("name", SYSTEMS)
def test_turning_the_ring_turns_the_analysis(name):
    network, (system, seen, members) = network_of(name), problem(name, n_cycles=4)
    turned = replace(seen, values=seen.values.roll(9, -1), mask=seen.mask.roll(9, -1))
    plain, again = (states_of(network, system, *one)[-1] for one in ((seen, members), (turned, members.roll(9, -1))))
    assert (plain.lag > 0).any()
    torch.testing.assert_close(again.forecast, plain.forecast.roll(9, -1), rtol=0, atol=1e-8)
    torch.testing.assert_close(again.memory, plain.memory.roll(9, -1), rtol=0, atol=1e-8)


def test_members_are_exchangeable():
    network, (system, seen, members) = network_of(), problem(n_cycles=5)
    order = torch.tensor([3, 0, 4, 1, 2])
    plain, shuffled = (states_of(network, system, seen, one)[-1] for one in (members, members[:, order]))
    torch.testing.assert_close(shuffled.forecast, plain.forecast[:, order], rtol=0, atol=1e-8)


def test_runs_of_a_batch_do_not_know_of_each_other():
    network, (system, seen, members) = network_of(), problem(n_cycles=5, batch=3)
    together = states_of(network, system, seen, members)[-1]
    alone = states_of(network, system, replace(seen, values=seen.values[:, 1:2]), members[1:2])[-1]
    torch.testing.assert_close(together.forecast[1:2], alone.forecast, rtol=0, atol=1e-8)


def test_values_where_nobody_looked_have_no_influence():
    network, (system, seen, members) = network_of(), problem(n_cycles=3)
    values = torch.where(seen.mask[:, None, None], seen.values, 1e3)
    first, second = (states_of(network, system, one, members)[-1] for one in (seen, replace(seen, values=values)))
    assert torch.equal(first.forecast, second.forecast)


def test_nothing_observed_is_nothing_learned():
    network, (system, seen, members) = network_of(), problem(n_cycles=6)
    seen.mask[3] = False
    before, after = states_of(network, system, seen, members)[2:4]
    expected = system.schedule.forecast(system, before.forecast)
    torch.testing.assert_close(after.forecast, expected, rtol=0, atol=1e-9)
    assert torch.equal(after.memory, before.memory) and (after.lag == 2).all()


@pytest.mark.parametrize("output", [-1e6, -1.0, 0.0, 0.2, 1e6])
def test_inflation_at_a_site_is_bounded_whatever_the_network_says(output):
    """Against the same filter without any learned inflation: a factor of exp(-0.3) to exp(0.3), the same everywhere."""
    system, seen, members = problem(n_cycles=1)
    plain, other = network_of(trained=False), network_of(trained=False)
    with torch.no_grad():
        other.readout.bias[1] = output
    plain, inflated = (states_of(one, system, seen, members)[0].forecast.std(1) for one in (plain, other))
    factor = inflated / plain
    bound = torch.tensor(LARGEST_LOG_INFLATION, dtype=DOUBLE).exp()
    assert factor.max() <= bound + 1e-9 and factor.min() >= 1 / bound - 1e-9
    said = torch.tensor(OUTPUT_SCALE * output / LARGEST_LOG_INFLATION, dtype=DOUBLE)
    expected = (LARGEST_LOG_INFLATION * said.tanh()).exp()
    torch.testing.assert_close(factor, expected.expand_as(factor))


SWITCHES = [
    {"use_start": False},
    {"learn_correction": False},
    {"learn_inflation": False},
    {"learn_localization": True},
    {"memory_channels": 0},
    {"use_tendency": False},
    {"covariance_width": 0},
    {"covariance_width": 5},
    {"rotation": True},
    {"lags": (0,)},
    {"lags": (1,)},
    {"memory_channels": 0, "use_tendency": False, "covariance_width": 0, "learn_inflation": False},
]


def loss_of(network, name="lorenz96", n_cycles=4, **given):
    system, seen, members = problem(name, n_cycles=n_cycles + 1, dtype=next(network.parameters()).dtype)
    method = method_of(network)
    state = method.first_state(network, members).advanced(system, system.schedule)
    turns = method.draw(network.config, n_cycles, members.shape[:2], members, generator())
    cycles = [turns.cycle(index) for index in range(n_cycles)]
    window = Window(seen.values, seen.mask, None)
    return unrolled_loss(network, system, system.schedule, state, window, cycles, **given)


def gradients(network, **given):
    loss, _ = loss_of(network, **given)
    names, parts = zip(*[(name, part) for name, part in network.named_parameters() if part.requires_grad], strict=True)
    return dict(zip(names, torch.autograd.grad(loss, parts, allow_unused=True), strict=True))


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
@pytest.mark.parametrize("name", ["lorenz96", "vissio_lucarini"])
def test_every_ingredient_can_be_switched_off(name, switches):
    network = network_of(name, **switches)
    loss, state = loss_of(network, name)
    assert loss.isfinite() and state.forecast.isfinite().all()
    assert not torch.equal(loss, loss_of(network_of(name), name)[0]) or switches == {"learn_localization": True}
    assert state.lag.max() == min(switches.get("lags", (3,))[0], 2)
    loss.backward()
    assert network.lift.weight.grad.isfinite().all() and network.lift.weight.grad.abs().max() > 0


def learned_numbers(**switches):
    return {name for name, slope in gradients(network_of(**switches)).items() if name in ("localization", "spreading")}


def test_switches_say_which_numbers_are_learned():
    assert learned_numbers() == {"spreading"}
    assert learned_numbers(learn_localization=True) == {"localization", "spreading"}
    assert learned_numbers(learn_inflation=False) == set()
    assert learned_numbers(use_start=False) == set()
    assert all(slope.abs().max() > 0 for name, slope in gradients(network_of()).items())


def test_without_the_correction_the_mean_is_the_smoothers():
    system, seen, members = problem(n_cycles=1)
    smoother, network, corrected = (
        states_of(one, system, seen, members)[0].forecast.mean(1)
        for one in (network_of(trained=False), network_of(learn_correction=False), network_of())
    )
    torch.testing.assert_close(network, smoother)
    assert (corrected - smoother).abs().max() > 1e-3


def test_without_learned_inflation_the_spread_is_the_smoothers():
    system, seen, members = problem(n_cycles=1)
    smoother, network, inflated = (
        states_of(one, system, seen, members)[0].forecast.std(1)
        for one in (network_of(trained=False), network_of(learn_inflation=False), network_of())
    )
    torch.testing.assert_close(network, smoother)
    assert (inflated - smoother).abs().max() > 1e-3


def test_without_the_start_an_untrained_network_only_inflates_the_forecast():
    system, seen, members = problem(n_cycles=1)
    forecast = system.schedule.forecast(system, members)
    found = states_of(network_of(trained=False, use_start=False), system, seen, members)[0].forecast
    torch.testing.assert_close(found.mean(1), forecast.mean(1))
    torch.testing.assert_close(found.std(1), 1.02 * forecast.std(1), rtol=1e-6, atol=0)


def test_the_network_reads_observations_without_the_start_too():
    system, seen, members = problem(n_cycles=1)
    moved = replace(seen, values=seen.values + 1.0)
    network = network_of(use_start=False)
    first, second = (states_of(network, system, one, members)[0].forecast for one in (seen, moved))
    assert (first - second).abs().max() > 1e-3


def test_memory_hands_on_what_was_seen():
    """The same states and observations, with another memory, give another analysis."""
    network, (system, seen, members) = network_of(), problem(n_cycles=3)
    state = states_of(network, system, seen, members)[1].advanced(system, system.schedule)
    assert state.memory.abs().max() > 1e-3
    given = seen.values[2], seen.mask[2], Turns(None)
    first, second = (
        smooth(network, system, system.schedule, one, *given)
        for one in (state, state._replace(memory=torch.zeros_like(state.memory)))
    )
    assert (first.forecast - second.forecast).abs().max() > 1e-4


def test_rotation_keeps_mean_and_covariance():
    system, seen, members = problem(n_cycles=1, batch=1)
    plain, turned = (
        states_of(network_of(rotation=rotation, learn_inflation=False), system, seen, members)[0].forecast[0, :, 0]
        for rotation in (False, True)
    )
    assert (plain - turned).abs().max() > 0.1
    torch.testing.assert_close(turned.mean(0), plain.mean(0))
    torch.testing.assert_close(turned.mT.cov(), plain.mT.cov())


@pytest.mark.parametrize("name", ["localization", "spreading", "readout.bias", "lift.bias"])
@pytest.mark.parametrize("n_cycles, learn_correction", [(1, True), (4, False)])
def test_gradient_through_the_model_by_finite_differences(name, n_cycles, learn_correction):
    """A correction is in units of the spread, which counts as given: with it the gradient is exact for one cycle."""
    network = network_of(learn_correction=learn_correction, learn_localization=True)
    weight = dict(network.named_parameters())[name]
    (slope,) = torch.autograd.grad(loss_of(network, n_cycles=n_cycles)[0], weight)
    flat = weight.detach().view(-1)
    for index in range(min(3, len(flat))):
        losses = []
        for value in (flat[index] + 1e-5, flat[index] - 1e-5):
            before = flat[index].clone()
            flat[index] = value
            losses.append(loss_of(network, n_cycles=n_cycles)[0].item())
            flat[index] = before
        expected = (losses[0] - losses[1]) / 2e-5
        assert slope.flatten()[index].item() == pytest.approx(expected, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("given", [{"objective": "likelihood"}, {"recompute": True}, {"largest_misfit": 12.0}], ids=str)
def test_it_is_trained_as_the_amenf_is(given):
    plain, other = gradients(network_of()), gradients(network_of(), **given)
    assert all(slope.isfinite().all() for slope in other.values())
    if "objective" not in given:
        for name, slope in plain.items():
            torch.testing.assert_close(other[name], slope, rtol=1e-8, atol=1e-10)


@pytest.mark.filterwarnings("ignore")  # of torch, that it does not look into a cache
def test_a_cycle_is_one_graph_that_a_compiler_can_take():
    """`fullgraph` refuses anything that would leave the graph: a synchronisation, a shape that depends on data."""
    network = network_of(dtype=torch.float32, n_blocks=1)
    system, seen, members = problem(n_cycles=3, dtype=torch.float32)
    state = states_of(network, system, seen, members)[1].detach().advanced(system, system.schedule)
    given = system, system.schedule, state, seen.values[2], seen.mask[2].nonzero()[:, 0], Turns(None)
    compiled = torch.compile(network.smooth_at, fullgraph=True, dynamic=False, backend="eager")
    torch.testing.assert_close(compiled(*given).forecast, network.smooth_at(*given).forecast, rtol=1e-4, atol=1e-4)


def test_it_is_bounded_and_reproducible_even_from_wild_weights():
    network, (system, seen, members) = network_of(dtype=torch.float32), problem(dtype=torch.float32, n_cycles=12)
    with torch.no_grad():
        network.readout.weight.mul_(10)
    runs = [assimilate(network, system, seen, members, generator(1)) for _ in range(2)]
    assert torch.equal(runs[0].mean, runs[1].mean) and runs[0].mean.isfinite().all()
    assert runs[0].mean.abs().max() <= 2.339 + 6 * 3.638 + 1e-3


@pytest.mark.parametrize(
    "arguments",
    [
        {"lags": (-1,)},
        {"lags": (1.5,)},
        {"lags": (3, 5)},
        {"reductions": (1.1,)},
        {"largest_surprise": 1.0},
        {"growth": 0},
        {"kernel": 4},
        {"covariance_width": 2},
        {"memory_channels": -1},
        {"filters": 0},
        {"n_blocks": 0},
        {"sizes": ()},
        {"sizes": (1,)},
        {"sizes": (2.5,)},
        {"sizes": (10, 5), "radii": (5.5, 3.0), "shifts": (0.6, 0.6), "inflations": (1.0, 1.0)},
        {"sizes": (5, 5), "radii": (5.5, 3.0), "shifts": (0.6, 0.6), "inflations": (1.0, 1.0)},
        {"radii": (0.0,)},
        {"radii": (5.5, 6.0)},
        {"shifts": (float("nan"),)},
        {"inflations": (0.9,)},
        {"inflations": 1.02},
        {"climate_std": (0.0,)},
        {"climate_std": 3.6},
        {"tendency_std": (1.0, 1.0)},
        {"obs_error_std": (-1.0,)},
    ],
    ids=str,
)
def test_bad_configuration(arguments):
    with pytest.raises(InputError, match=f"^{next(iter(arguments))}: given .* expected .* Try"):
        AmEnSConfig(**arguments)


def test_an_ensemble_that_does_not_fit():
    with pytest.raises(InputError, match="2 variable"):
        first_smoother_state(network_of(), torch.zeros(1, 5, 2, 36))
    with pytest.raises(InputError, match="at least 2 members"):
        first_smoother_state(network_of(), torch.zeros(1, 1, 1, 40))
    _, seen, _ = problem()
    seen.values[0, 0, 0, 0] = torch.nan  # where it looked
    with pytest.raises(InputError, match="finite"):
        learned(network_of(), SYSTEM, seen, generator())
