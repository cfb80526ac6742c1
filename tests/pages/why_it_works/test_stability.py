"""Growth forwards, gradients backwards, and bounds, where the answers are known."""

import math

import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.cycle import FilterState
from sparseobs.observing.twin_experiment import Observations
from sparseobs_book.trained_filters.recipes import stored_filter
from sparseobs_book.why_it_works.bounds import _slopes, lead_errors, slopes
from sparseobs_book.why_it_works.run import PRESETS, SYSTEM, Theory, recorded_run, unseen_experiment
from sparseobs_book.why_it_works.stability import (
    CYCLE_TIME,
    Case,
    cases,
    gradient_by_lag,
    growth,
)

SMOKE = PRESETS["smoke"]


def linear(*factors):
    """Return a case that stretches the sites by their own factors and leaves the memory to fade."""
    stretch = torch.tensor(factors, dtype=torch.float64)
    members = torch.ones(2, 3, 1, len(factors), dtype=torch.float64)

    def step(_, state):
        return FilterState(stretch * state.forecast, 0.1 * state.memory)

    return Case(step, FilterState(members, members.clone()))


def test_growth_of_a_linear_step_is_its_largest_factor():
    found = growth(linear(1.5, 0.5, -0.2), Theory(burn_in=20), 6)
    assert found.shape == (6, 2)
    torch.testing.assert_close(found, torch.full_like(found, math.log(1.5)), rtol=1e-5, atol=1e-5)


def test_gradients_do_not_see_what_is_detached():
    case = linear(1.0)

    def step(_, state):
        return FilterState(0.5 * state.forecast + 0.4 * state.forecast.detach(), 0.1 * state.memory)

    settings = Theory(burn_in=20, longest_lag=4)
    found = growth(Case(step, case.first), settings, 4)
    torch.testing.assert_close(found, torch.full_like(found, math.log(0.9)), rtol=1e-5, atol=1e-5)
    observations = Observations(torch.zeros(25, 2, 1, 1).double(), torch.ones(25, 1, dtype=torch.bool), 1.0)
    lengths = gradient_by_lag(Case(step, case.first), settings, observations)
    torch.testing.assert_close(lengths[1:] / lengths[:-1], torch.full((4, 2), 0.5, dtype=torch.float64))


def test_gradient_of_a_linear_step_by_lag():
    settings = Theory(burn_in=3, longest_lag=5)
    values = torch.zeros(9, 2, 1, 1, dtype=torch.float64)
    observations = Observations(values, torch.ones(9, 1, dtype=torch.bool), 1.0)
    found = gradient_by_lag(linear(0.8), settings, observations)
    assert found.shape == (6, 2)
    now = 2 * 0.8 ** (3 + 5) / 3**0.5  # the misfit's, shared by three members
    expected = torch.tensor([now * 0.8**lag for lag in range(6)], dtype=torch.float64)
    torch.testing.assert_close(found[:, 0], expected)


@pytest.fixture(scope="module")
def network():
    return stored_filter("lorenz96", 1.0).network


def test_a_free_run_grows_and_the_trained_filter_forgets(network):
    settings = Theory(n_trajectories=4, ensemble_size=3, burn_in=40)
    each = cases(network, settings, unseen_experiment(settings, 80).observations)
    free, filtered = (growth(each[name], settings, 40).mean().item() for name in ("free run", "trained filter"))
    assert 1.2 < free / CYCLE_TIME < 2.3, "the leading exponent is 1.7"
    assert -1.6 < filtered / CYCLE_TIME < -0.5


def test_every_case_grows_and_has_gradients(network):
    observations = unseen_experiment(SMOKE, SMOKE.burn_in + 2 * SMOKE.longest_lag).observations
    each = cases(network, SMOKE, observations)
    assert set(each) == {"free run", "untrained filter", "trained filter"}
    for name, case in each.items():
        assert growth(case, SMOKE, 3).isfinite().all(), name
        lengths = gradient_by_lag(case, SMOKE, observations)
        assert lengths.shape[0] == SMOKE.longest_lag + 1 and (lengths > 0).all(), name


@pytest.mark.parametrize("forcing", [3.0, 8.0])
def test_slopes_at_the_fixed_point_in_closed_form(forcing):
    """At x_k = F the tendency's derivative is circulant: F (e^{i a} - e^{-2 i a}) - 1 for the wave of angle a."""
    system = Lorenz96(forcing=forcing)
    found = _slopes(system, torch.full((1, 1, 40), forcing, dtype=torch.float64))[0]
    angles = 2 * math.pi * torch.arange(40, dtype=torch.float64) / 40
    waves = forcing * (torch.exp(1j * angles) - torch.exp(-2j * angles)) - 1
    torch.testing.assert_close(found, waves.abs().sort(descending=True).values)


def test_kuramoto_sivashinskys_slope_is_that_of_its_shortest_wave():
    """Period 32 pi, 128 points: the shortest wave has wavenumber 4 and fades at 4^4 - 4^2; the rest is small."""
    system = SYSTEMS["kuramoto_sivashinsky"]
    slope = slopes(system, 0).max().item()
    assert slope == pytest.approx(4**4 - 4**2, rel=0.1)
    cycle = system.schedule.step * system.schedule.steps_per_cycle
    assert 2 * slope * cycle / math.log(10) > 100, "the factor of proposition 2"


def test_no_member_falls_faster_than_the_largest_slope_found(network):
    """Proposition 2 case by case: backwards in time nothing grows faster than the largest slope."""
    run = recorded_run(network, SMOKE)
    errors = lead_errors(run, 4)
    assert errors["lead"].tolist() == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    assert errors.loc[0, ["ratio", "largest"]].tolist() == pytest.approx([1, 1])
    expected = (run.members.mean(2) - run.truth).square().mean().sqrt().item()
    assert errors["rmse"].iloc[0] == pytest.approx(expected, rel=1e-5)
    slope = slopes(SYSTEM, 0).max().item()
    assert (errors["largest"] <= (2 * slope * errors["lead"]).map(math.exp) + 1e-9).all()
    weakest = slopes(SYSTEM, 0, of_cycle=True).min().item()
    assert 1 < weakest**-2 < math.exp(2 * slope * CYCLE_TIME)
    assert errors["ratio"].iloc[2] == pytest.approx((errors["rmse"][0] / errors["rmse"][2]) ** 2)
