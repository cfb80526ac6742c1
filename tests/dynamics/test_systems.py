"""What every system must do, whatever its equations."""

import math

import numpy as np
import pytest
import torch

from sparseobs.dynamics.catalogue import CLIMATES, SYSTEMS, named_system
from sparseobs.dynamics.climate import attractor_states, climate
from sparseobs.dynamics.integrate import Schedule, System, advance, solve
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.dynamics.vissio_lucarini import VissioLucarini
from sparseobs.errors import InputError

SMALL = {
    "lorenz96": Lorenz96(n_sites=6),
    "kuramoto_sivashinsky": KuramotoSivashinsky(n_sites=8, period=4 * math.pi),
    "vissio_lucarini": VissioLucarini(n_sites=5),
}
each_system = pytest.mark.parametrize("name", SYSTEMS)


@pytest.fixture(scope="module")
def states():
    return {name: attractor_states(system, 4, torch.Generator().manual_seed(1)) for name, system in SYSTEMS.items()}


def tight(system, state, time):
    times = torch.tensor([0.0, time], dtype=torch.float64)
    return solve(system, state, times, method="dopri8", rtol=1e-11, atol=1e-11)[-1]


def orders(system, state, truth, time):
    """Slopes of the error against the step, as that is halved."""
    steps = system.schedule.step / np.array([1, 2, 4, 8])
    errors = [(advance(system, state, step, round(time / step)) - truth).abs().max().item() for step in steps]
    return np.diff(np.log(errors)) / np.diff(np.log(steps))


@pytest.mark.parametrize("system", [Lorenz96(), VissioLucarini(), KuramotoSivashinsky(32, 16 * math.pi)], ids=repr)
def test_integrators_are_of_fourth_order(system):
    """The error against a tight adaptive solution falls by 2**4 when the step is halved."""
    state = attractor_states(system, 1, torch.Generator().manual_seed(1))
    time = 8 * system.schedule.step
    assert orders(system, state, tight(system, state, time), time)[-1] == pytest.approx(4, abs=0.25)


def test_short_waves_cost_the_kuramoto_sivashinsky_step_one_order(states):
    """The known order reduction of exponential differencing where the step is long beside the fastest decay."""
    system, state = SYSTEMS["kuramoto_sivashinsky"], states["kuramoto_sivashinsky"]
    time = 4 * system.schedule.step
    truth = advance(system, state, system.schedule.step / 64, 256)
    slopes = orders(system, state, truth, time)
    assert (slopes > 2.8).all() and slopes[-1] == pytest.approx(3.2, abs=0.3), slopes


@each_system
@pytest.mark.parametrize("method", ["rk4", "dopri5"])
def test_torchdiffeq_integrates_it_by_other_methods(name, method, states):
    system, state = SYSTEMS[name], states[name][:1]
    time, fine = 0.1, {"options": {"step_size": 0.005}} if method == "rk4" else {}
    times = torch.tensor([0.0, time], dtype=torch.float64)
    theirs = solve(system, state, times, method=method, rtol=1e-8, atol=1e-8, **fine)[-1]
    torch.testing.assert_close(theirs, advance(system, state, time / 20, 20), rtol=0, atol=1e-5)


@each_system
@pytest.mark.parametrize("turn", [1, 7])
def test_turning_the_ring_turns_the_forecast(name, turn, states):
    system, state = SYSTEMS[name], states[name]
    turned = system.schedule.forecast(system, state.roll(turn, -1))
    torch.testing.assert_close(turned, system.schedule.forecast(system, state).roll(turn, -1), rtol=0, atol=1e-12)


@each_system
def test_batch_equals_one_by_one(name, states):
    system, state = SYSTEMS[name], states[name]
    batch = system.schedule.forecast(system, state.unflatten(0, (2, 2)))
    single = torch.stack([system.schedule.forecast(system, one) for one in state])
    torch.testing.assert_close(batch.flatten(0, 1), single, rtol=0, atol=1e-13)


@each_system
def test_single_precision_stays_single_and_close(name, states):
    system, state = SYSTEMS[name], states[name]
    single = system.schedule.forecast(system, state.float())
    assert single.dtype == torch.float32 and system.tendency(state.float()).dtype == torch.float32
    torch.testing.assert_close(single.double(), system.schedule.forecast(system, state), rtol=0, atol=1e-4)


@each_system
@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_by_finite_differences(name, seed):
    system = SMALL[name]
    state = system.random_states(2, torch.Generator().manual_seed(seed)).requires_grad_()
    assert torch.autograd.gradcheck(lambda start: system.schedule.forecast(system, start), (state,))
    assert torch.autograd.gradcheck(system.tendency, (state,))


@each_system
def test_spin_up_is_long_enough(name):
    """Another spin-up on top changes each variable's spread by no more than sampling does."""
    system = SYSTEMS[name]
    once = attractor_states(system, 64, torch.Generator().manual_seed(5))
    twice = advance(system, once, system.schedule.step, round(system.spin_up_time / system.schedule.step))
    torch.testing.assert_close(once.std((0, 2)), twice.std((0, 2)), rtol=0.06, atol=0)


@each_system
def test_climates_of_the_catalogue_are_what_the_model_does(name):
    measured = climate(SYSTEMS[name], torch.Generator().manual_seed(3), n_states=128)
    for ours, stated in zip(measured, CLIMATES[name], strict=True):
        assert len(stated) == SYSTEMS[name].n_variables
        np.testing.assert_allclose(ours, stated, rtol=0.04, atol=1e-6)


@each_system
@pytest.mark.filterwarnings("ignore")  # of torch, that it does not look into a cache
def test_compiles_into_one_graph(name, states):
    system, state = SYSTEMS[name], states[name]
    forecast = torch.compile(lambda now: system.schedule.forecast(system, now), fullgraph=True, backend="eager")
    torch.testing.assert_close(forecast(state), system.schedule.forecast(system, state), rtol=0, atol=0)


def test_systems_are_found_by_name():
    assert named_system("lorenz96") == Lorenz96(40, 8.0)
    with pytest.raises(InputError, match="vissio_lucarini"):
        named_system("vissio")


@pytest.mark.parametrize("arguments", [{"step": 0.0}, {"steps_per_cycle": 0}, {"steps_per_cycle": 1.5}])
def test_bad_schedule(arguments):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        Schedule(**arguments)


BODY = {
    "n_sites": 3,
    "n_variables": 1,
    "schedule": Schedule(),
    "spin_up_time": 1.0,
    "tendency": lambda self, state: -state,
}


@pytest.mark.parametrize("lacking", ["n_sites", "n_variables", "schedule", "spin_up_time"])
def test_a_system_that_lacks_something_says_so_where_it_is_defined(lacking):
    with pytest.raises(InputError, match=rf"Mine.*no {lacking}"):
        type("Mine", (System,), {name: value for name, value in BODY.items() if name != lacking})


def test_what_a_system_has_may_be_a_field_inherited_or_set_when_it_is_made():
    whole = type("Whole", (System,), BODY)
    assert type("Child", (whole,), {"tendency": lambda self, state: state})().n_sites == 3

    class Made(System):
        schedule, spin_up_time = Schedule(), 1.0

        def __init__(self, n_sites):
            self.n_sites, self.n_variables = n_sites, 1

        def tendency(self, state):
            return -state

    assert Made(5).n_sites == 5 and repr(Made(5)) == "Made(n_sites=5, n_variables=1)"

    class Half(System):
        """Abstract: what it is asked for comes with its tendency."""

    with pytest.raises(InputError, match="no n_sites"):
        type("Other", (Half,), {"tendency": lambda self, state: state})
