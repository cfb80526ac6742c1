"""Growth forwards, gradients backwards, and bounds, where the answers are known."""

import math

import pandas as pd
import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.cycle import FilterState
from sparseobs.observing.twin_experiment import Observations
from sparseobs_book.trained_filters.recipes import stored_filter
from sparseobs_book.why_it_works.bounds import bounds, jacobians, ladder, lead_errors, lipschitz_constant
from sparseobs_book.why_it_works.run import PRESETS, SYSTEM, Theory, recorded_run, unseen_experiment
from sparseobs_book.why_it_works.stability import (
    AS_GRADIENT,
    CYCLE_TIME,
    Case,
    cases,
    exponents,
    gradient_by_lag,
    growth,
    stability,
)

SMOKE = PRESETS["smoke"]


def linear(*factors):
    """Return a case that stretches the sites by their own factors and leaves the memory to fade."""
    stretch = torch.tensor(factors, dtype=torch.float64)
    members = torch.ones(2, 3, 1, len(factors), dtype=torch.float64)

    def step(_, state):
        return FilterState(stretch * state.forecast, 0.1 * state.memory)

    return Case(step, FilterState(members, members.clone()))


@pytest.mark.parametrize("as_gradient", [False, True])
def test_growth_of_a_linear_step_is_its_largest_factor(as_gradient):
    found = growth(linear(1.5, 0.5, -0.2), Theory(burn_in=20), 6, as_gradient=as_gradient)
    assert found.shape == (6, 2)
    torch.testing.assert_close(found, torch.full_like(found, math.log(1.5)), rtol=1e-5, atol=1e-5)


def test_gradients_do_not_see_what_is_detached():
    case = linear(1.0)

    def step(_, state):
        return FilterState(0.5 * state.forecast + 0.4 * state.forecast.detach(), 0.1 * state.memory)

    for as_gradient, factor in ((False, 0.9), (True, 0.5)):
        found = growth(Case(step, case.first), Theory(burn_in=20), 4, as_gradient=as_gradient)
        torch.testing.assert_close(found, torch.full_like(found, math.log(factor)), rtol=1e-5, atol=1e-5)


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


def test_stability_measures_every_case(network):
    found = stability(network, SMOKE)
    assert set(found.growth) == {"free run", "untrained filter", "trained filter", AS_GRADIENT}
    assert set(found.gradients) == set(found.growth) - {AS_GRADIENT}
    for name, lengths in found.gradients.items():
        assert lengths.shape[0] == SMOKE.longest_lag + 1 and (lengths > 0).all(), name
    table = exponents(found.growth).set_index("case")
    assert (table["low"] < table["mean"]).all() and (table["mean"] < table["high"]).all()
    assert table.loc["free run", "growth a cycle"] == pytest.approx(
        math.exp(CYCLE_TIME * table.loc["free run", "mean"])
    )


@pytest.mark.parametrize("forcing", [3.0, 8.0])
def test_slopes_at_the_fixed_point_in_closed_form(forcing):
    """At x_k = F the tendency's derivative is circulant: F (e^{i a} - e^{-2 i a}) - 1 for the wave of angle a."""
    system = Lorenz96(forcing=forcing)
    found = torch.linalg.svdvals(jacobians(system, torch.full((1, 1, 40), forcing, dtype=torch.float64))[0])
    angles = 2 * math.pi * torch.arange(40, dtype=torch.float64) / 40
    waves = forcing * (torch.exp(1j * angles) - torch.exp(-2j * angles)) - 1
    torch.testing.assert_close(found, waves.abs().sort(descending=True).values)


def test_kuramoto_sivashinskys_slope_is_that_of_its_shortest_wave():
    """Period 32 pi, 128 points: the shortest wave has wavenumber 4 and fades at 4^4 - 4^2; the rest is small."""
    assert lipschitz_constant(SYSTEMS["kuramoto_sivashinsky"], 0) == pytest.approx(4**4 - 4**2, rel=0.1)


def spectra():
    rows = [{"system": name, "repeat": 0, "number": 1, "exponent": 1.5} for name in SYSTEMS]
    rows.append({"system": "lorenz96", "repeat": 0, "number": 40, "exponent": -5.0})
    return pd.DataFrame(rows)


def test_bounds_follow_from_exponents_and_slopes():
    table = bounds(spectra(), 0)
    assert list(table.index) == list(SYSTEMS)
    row = table.loc["lorenz96"]
    assert row["growth over a cycle"] == pytest.approx(math.exp(0.15))
    assert 10 ** row["log10 of the bound"] == pytest.approx(math.exp(0.2 * row["Lipschitz constant"]))
    assert table.loc["kuramoto_sivashinsky", "log10 of the bound"] > 100


def test_no_member_breaks_the_bound(network):
    """Proposition 2 case by case: backwards in time nothing grows faster than the largest slope."""
    run = recorded_run(network, SMOKE)
    errors = lead_errors(run, 4)
    assert errors["lead"].tolist() == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
    assert errors.loc[0, ["ratio", "largest"]].tolist() == pytest.approx([1, 1])
    expected = (run.members.mean(2) - run.truth).square().mean().sqrt().item()
    assert errors["rmse"].iloc[0] == pytest.approx(expected, rel=1e-5)
    slope = lipschitz_constant(SYSTEM, 0)
    assert (errors["largest"] <= (2 * slope * errors["lead"]).map(math.exp) + 1e-9).all()
    steps = ladder(errors, spectra(), 0)
    assert steps["smallest Lyapunov exponent"] == pytest.approx(math.e)
    assert steps["measured, the mean's"] == errors["ratio"].iloc[2]
    assert steps["one cycle's tangent, worst direction and state"] < steps["Lipschitz constant"]
