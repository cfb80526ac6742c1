"""Batched 4D-Var against DAPPER's own code, and what must hold of it whatever the numbers."""

import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import InputError
from sparseobs.filtering.baselines import dapper_method
from sparseobs.filtering.dapper_bridge import run_dapper
from sparseobs.filtering.var4d import VariationalSettings, climate_covariance, var4d_cycles
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.scores.ensemble import spatial_rmse

from .small_filter import SYSTEM, ensemble, small_experiment


def means(settings, system, experiment, members):
    """Analyses (setting, cycle, trajectory, variable, site)."""
    cycles = var4d_cycles(settings, system, experiment.observations, members)
    return torch.stack([one.mean for one in cycles], 1)


@pytest.mark.parametrize(
    "name, settings",
    [
        ("lorenz96", VariationalSettings("climate", 0.1)),
        ("vissio_lucarini", VariationalSettings("identity", 0.5)),
        ("kuramoto_sivashinsky", VariationalSettings("climate", 0.1)),  # a covariance without an inverse
    ],
)
def test_whole_run_is_dappers(name, settings):
    system = SYSTEMS[name]
    experiment = simulate(system, EveryKth(4), n_cycles=5, batch=1, obs_error_std=1.0, seed=0)
    members = experiment.truth[0][:, None] + torch.randn(1, 6, *experiment.truth.shape[2:]).double()
    theirs = run_dapper(dapper_method("4D-Var", system, 6, settings), system, experiment, members, seed=1)
    torch.testing.assert_close(means([settings], system, experiment, members)[0], theirs.mean, rtol=0, atol=1e-8)


def test_one_exact_look_at_everything_is_believed():
    experiment = simulate(SYSTEM, EveryKth(1), n_cycles=1, batch=2, obs_error_std=1e-3, seed=0)
    members = experiment.truth[0][:, None] + torch.randn(2, 4, 1, 40).double()
    mean = means([VariationalSettings()], SYSTEM, experiment, members)
    torch.testing.assert_close(mean[0], experiment.observations.values, rtol=0, atol=5e-3)


def test_a_tight_background_keeps_the_forecast():
    experiment, members = small_experiment(n_cycles=1, batch=1), ensemble(1, 4, dtype=torch.float64)
    forecast = SYSTEM.schedule.forecast(SYSTEM, members.mean(1))
    mean = means([VariationalSettings("identity", 1e-8)], SYSTEM, experiment, members)
    torch.testing.assert_close(mean[0, 0], forecast, rtol=0, atol=1e-4)


def test_a_setting_never_depends_on_its_neighbours_nor_on_runs_that_diverged():
    experiment, members = small_experiment(n_cycles=6, batch=2), ensemble(2, 4, dtype=torch.float64)
    members[1] *= 1e4
    many = [VariationalSettings("climate", 0.3), VariationalSettings("identity", 0.5)]
    together = means(many, SYSTEM, experiment, members)
    assert together[:, :, 1].isnan().all() and together[:, :, 0].isfinite().all()
    for index in (0, 1):
        alone = means(many[index : index + 1], SYSTEM, experiment, members)
        torch.testing.assert_close(together[index, :, 0], alone[0, :, 0], rtol=0, atol=1e-9)


def test_draws_near_the_truth():
    experiment, members = small_experiment(n_cycles=80, batch=2), ensemble(2, 20, dtype=torch.float64)
    mean = means([VariationalSettings("identity", 1.0)], SYSTEM, experiment, members)[0]
    assert spatial_rmse(mean, experiment.truth)[50:].mean() < 1.6  # the climate's standard deviation is 3.6


def test_climate_covariance_knows_no_site():
    """Its variances are those of the climate, and turning the ring leaves it alone."""
    covariance = climate_covariance(SYSTEMS["vissio_lucarini"])
    blocks = covariance.unflatten(0, (2, 36)).unflatten(-1, (2, 36))
    torch.testing.assert_close(blocks.roll((1, 1), (1, 3)), blocks)
    deviations = covariance.diagonal().sqrt()
    assert deviations[0].item() == pytest.approx(3.53, abs=0.1) and deviations[-1].item() == pytest.approx(
        4.49, abs=0.1
    )


def test_bad_settings():
    for numbers in {"background_scale": 0.0}, {"background": "clim"}:
        with pytest.raises(InputError, match="given .* expected .* Try"):
            VariationalSettings(**numbers)
