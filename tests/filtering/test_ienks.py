"""Batched iEnKS and EnKF against DAPPER's own code, and what must hold of them whatever the numbers."""

import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.dynamics.integrate import Schedule
from sparseobs.errors import InputError
from sparseobs.filtering.baselines import dapper_method
from sparseobs.filtering.dapper_bridge import run_dapper
from sparseobs.filtering.ienks import TransformSettings, enkf_cycles, ienks_cycles
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.scores.ensemble import spatial_rmse

from .small_filter import SYSTEM, ensemble, small_experiment

FILTERS = {"iEnKS": ienks_cycles, "EnKF": enkf_cycles}


def generator():
    return torch.Generator().manual_seed(0)


def near_truth(experiment, members):
    """First ensembles that know roughly where the truth is."""
    batch, *shape = experiment.truth.shape[1:]
    draws = torch.randn(batch, members, *shape, generator=generator(), dtype=torch.float64)
    return experiment.truth[0][:, None] + 0.7 * draws


def run(cycles, settings, system, experiment, members):
    """Means (setting, cycle, trajectory, variable, site) and spreads (setting, cycle, trajectory)."""
    every = list(cycles(settings, system, experiment.observations, members, generator=generator()))
    return torch.stack([one.mean for one in every], 1), torch.stack([one.spread for one in every], 1)


@pytest.mark.parametrize("method", FILTERS)
@pytest.mark.parametrize(
    "name, stride, noise, members",
    [
        ("lorenz96", 4, 1.0, 6),
        ("lorenz96", 1, 1.0, 45),  # more members than observations, and than states
        ("vissio_lucarini", 4, (1.0, 0.5), 12),
        ("kuramoto_sivashinsky", 1, 2.5, 8),
    ],
)
def test_whole_run_is_dappers(method, name, stride, noise, members):
    """The forecasts are chaotic: a difference in any step would be seen many cycles later."""
    system = SYSTEMS[name]
    experiment = simulate(system, EveryKth(stride), n_cycles=8, batch=1, obs_error_std=noise, seed=3)
    first, settings = near_truth(experiment, members), TransformSettings(1.07)
    theirs = run_dapper(dapper_method(method, system, members, settings), system, experiment, first, seed=1)
    mean, spread = run(FILTERS[method], [settings], system, experiment, first)
    torch.testing.assert_close(mean[0], theirs.mean, rtol=0, atol=1e-8)
    torch.testing.assert_close(spread[0], theirs.spread, rtol=0, atol=1e-8)


def test_iterations_pay_where_forecasts_are_nonlinear():
    """Four times the usual time between observations: one linear step a cycle no longer finds the truth."""
    far = Schedule(0.05, 8)
    experiment = simulate(SYSTEM, EveryKth(1), n_cycles=10, batch=1, obs_error_std=1.0, seed=0, schedule=far)
    members, error = near_truth(experiment, 40), {}
    for name, cycles in FILTERS.items():
        every = cycles(
            [TransformSettings(1.05)], SYSTEM, experiment.observations, members, generator=generator(), schedule=far
        )
        error[name] = spatial_rmse(torch.cat([one.mean for one in every]), experiment.truth)[5:].mean().item()
    assert error["iEnKS"] < 0.7 * error["EnKF"]


@pytest.mark.parametrize("method", FILTERS)
def test_a_setting_never_depends_on_its_neighbours(method):
    experiment = small_experiment(n_cycles=12, batch=2)
    members = near_truth(experiment, 8)
    many = [TransformSettings(1.1), TransformSettings(40.0), TransformSettings(1.05, rotation=True)]
    together, _ = run(FILTERS[method], many, SYSTEM, experiment, members)
    assert together[1, -1].isnan().all(), "an inflation of forty diverges"
    for index in (0, 2):
        alone, _ = run(FILTERS[method], many[index : index + 1], SYSTEM, experiment, members)
        torch.testing.assert_close(together[index], alone[0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("method", FILTERS)
def test_a_run_that_diverges_is_nan_and_stops_no_other(method):
    experiment = small_experiment(n_cycles=6, batch=2)
    members = near_truth(experiment, 8)
    members[1] *= 1e3  # this trajectory overflows in the first forecast
    mean, spread = run(FILTERS[method], [TransformSettings(1.1)], SYSTEM, experiment, members)
    assert mean[:, :, 1].isnan().all() and spread[:, :, 1].isnan().all()
    assert mean[:, :, 0].isfinite().all() and spread[:, :, 0].isfinite().all()


@pytest.mark.parametrize("method", FILTERS)
def test_nothing_observed_leaves_the_forecast(method):
    """Without inflation, the mean is that of the members' own forecasts."""
    experiment = small_experiment(n_cycles=3, batch=1)
    experiment.observations.mask[:] = False
    members = near_truth(experiment, 5)
    mean, _ = run(FILTERS[method], [TransformSettings()], SYSTEM, experiment, members)
    for cycle in range(3):
        members = SYSTEM.schedule.forecast(SYSTEM, members)
        torch.testing.assert_close(mean[0, cycle], members.mean(1), rtol=0, atol=1e-9)


def test_bad_input_gives_no_number():
    experiment, members = small_experiment(batch=2), ensemble(2, 5, dtype=torch.float64)
    with pytest.raises(InputError, match="given .* expected .* Try"):
        TransformSettings(0.9)
    with pytest.raises(InputError, match="at least 2 members"):
        run(ienks_cycles, [TransformSettings()], SYSTEM, experiment, members[:, :1])
