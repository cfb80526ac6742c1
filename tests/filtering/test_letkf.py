"""The batched LETKF against DAPPER's own code, and what must hold of it whatever the numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.dynamics.vissio_lucarini import VissioLucarini
from sparseobs.errors import InputError
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.letkf import LETKFSettings, letkf_cycles, run_letkf
from sparseobs.filtering.letkf_analysis import (
    gaspari_cohn,
    letkf_analysis,
    mean_preserving_rotations,
    ring_taper,
)
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.scores.ensemble import spatial_rmse, time_mean

from .small_filter import SYSTEM, ensemble, small_experiment

load_dapper()
DOUBLE = torch.float64
ONE = torch.tensor(1.0, dtype=DOUBLE)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def random_case(members, share_seen, seed, n_sites=40):
    """Forecast ensembles of three runs, a pattern and what it saw."""
    stream = generator(seed)
    mask = torch.rand(n_sites, generator=stream) < share_seen
    forecast = 3 + 2 * torch.randn(3, members, n_sites, generator=stream, dtype=DOUBLE)
    observed = 3 + 2 * torch.randn(3, int(mask.sum()), generator=stream, dtype=DOUBLE)
    return forecast, observed, mask


def dapper_analysis(forecast, observed, mask, radius, error_std):
    from dapper.da_methods.ensemble import local_analyses
    from dapper.tools.localization import nd_Id_localization
    from dapper.tools.randvars import GaussRV

    seen = mask.nonzero()[:, 0].numpy()
    batches, taper = nd_Id_localization((len(mask),), (1,), seen)(radius, "x2y", "GC")
    members = forecast.numpy().copy()
    noise = GaussRV(C=error_std**2, M=len(seen)).C
    return local_analyses(members, members[:, seen].copy(), noise, observed.numpy(), batches, taper)[0]


@pytest.mark.parametrize("members", [2, 5, 10, 30])
@pytest.mark.parametrize("radius", [0.3, 1.0, 4.0, 70.0])
@pytest.mark.parametrize("share_seen", [0.1, 0.4, 1.0])
def test_analysis_is_dappers(members, radius, share_seen):
    forecast, observed, mask = random_case(members, share_seen, seed=members)
    ours = letkf_analysis(forecast, observed, mask, ring_taper(mask, radius), torch.tensor(1.3, dtype=DOUBLE))
    for run in range(len(forecast)):
        theirs = dapper_analysis(forecast[run], observed[run], mask, radius, 1.3)
        np.testing.assert_allclose(ours[run], theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("radius", [1.0, 4.0, 20.0])
def test_whole_run_is_dappers(radius):
    """The forecasts are chaotic: a difference in any step would be seen many cycles later."""
    from dapper.da_methods.ensemble import LETKF

    experiment, members = small_experiment(n_cycles=25, batch=1), ensemble(1, 8, dtype=DOUBLE)
    theirs = run_dapper(LETKF(N=8, infl=1.1, loc_rad=radius), SYSTEM, experiment, members, seed=1)
    ours = run_letkf(LETKFSettings(1.1, radius), SYSTEM, experiment.observations, members, generator=generator())
    torch.testing.assert_close(ours.mean, theirs.mean, rtol=0, atol=1e-8)
    torch.testing.assert_close(ours.spread, theirs.spread, rtol=0, atol=1e-8)


@pytest.mark.parametrize("system, noise", [(KuramotoSivashinsky(), 1.0), (VissioLucarini(), (1.0, 0.5))])
def test_other_systems_run_as_dappers(system, noise):
    """Another integrator; two variables of a site, each with its own noise, that share their observations."""
    from dapper.da_methods.ensemble import LETKF

    experiment = simulate(system, EveryKth(4), n_cycles=6, batch=1, obs_error_std=noise, seed=0)
    stream = generator(4)
    members = climatological_ensemble(attractor_states(system, 8, stream), (1, 6), stream)
    theirs = run_dapper(LETKF(N=6, infl=1.1, loc_rad=4.0), system, experiment, members, seed=1)
    ours = run_letkf(LETKFSettings(1.1, 4.0), system, experiment.observations, members, generator=generator())
    torch.testing.assert_close(ours.mean, theirs.mean, rtol=0, atol=1e-8)


def test_without_localization_it_is_the_kalman_filter():
    """With every weight one, mean and covariance are those of Kalman's equations with the ensemble's covariance."""
    forecast, observed, mask = random_case(members=12, share_seen=0.4, seed=5)
    taper = torch.ones(int(mask.sum()), len(mask), dtype=DOUBLE)
    analysis = letkf_analysis(forecast, observed, mask, taper, torch.tensor(0.7, dtype=DOUBLE))
    for run in range(3):
        covariance = forecast[run].mT.cov()
        gain = torch.linalg.solve(covariance[mask][:, mask] + 0.49 * torch.eye(len(observed[run])), covariance[mask]).mT
        mean = forecast[run].mean(0)
        torch.testing.assert_close(analysis[run].mean(0), mean + gain @ (observed[run] - mean[mask]))
        torch.testing.assert_close(analysis[run].mT.cov(), covariance - gain @ covariance[mask])


def test_a_site_out_of_reach_keeps_its_forecast():
    forecast, _, _ = random_case(6, 1.0, seed=1)
    mask = torch.arange(40) == 7
    analysis = letkf_analysis(forecast, forecast[:, 0, mask] + 3, mask, ring_taper(mask, 1.0), ONE)
    moved = (analysis - forecast).abs().amax((0, 1)) > 1e-12
    assert moved[[6, 7, 8]].all() and not moved[[0, 2, 12, 30]].any()


def test_the_ring_has_no_seam():
    forecast, observed, mask = random_case(6, 1.0, seed=2)
    mask = torch.arange(40) % 4 == 0
    observed = observed[:, mask]
    analysis = letkf_analysis(forecast, observed, mask, ring_taper(mask, 4.0), ONE)
    turned = mask.roll(1), observed, forecast.roll(1, -1)
    again = letkf_analysis(turned[2], turned[1], turned[0], ring_taper(turned[0], 4.0), ONE)
    torch.testing.assert_close(again, analysis.roll(1, -1))


def test_taper_is_dappers_and_means_what_it_says():
    from dapper.tools.localization import dist2coeff

    distance = torch.linspace(0, 20, 401, dtype=DOUBLE)
    for radius in (0.5, 2.0, 7.0):
        np.testing.assert_allclose(gaspari_cohn(distance, radius), dist2coeff(distance.numpy(), radius), atol=1e-13)
    assert gaspari_cohn(torch.tensor(4.0), 4.0).item() == pytest.approx(0.63, abs=0.005)


def test_two_variables_of_a_site_share_its_observations():
    one, two = ring_taper(torch.arange(12) % 3 == 0, 2.0), ring_taper(torch.arange(12) % 3 == 0, 2.0, n_variables=2)
    assert torch.equal(two, torch.cat([one, one]))


@pytest.mark.parametrize("members", [2, 3, 10])
def test_rotation_keeps_mean_and_covariance(members):
    turns = mean_preserving_rotations(4, members, generator())
    states = torch.randn(members, 7, generator=generator(1), dtype=DOUBLE)
    turned = turns @ states
    torch.testing.assert_close(turned.mean(1), states.mean(0).expand(4, -1))
    for one in turned:
        torch.testing.assert_close(one.mT.cov(), states.mT.cov())
    assert not torch.allclose(turned[0], turned[1])


def test_rotation_is_uniform_over_directions():
    """Each entry between anomalies has mean zero and variance 1 / (members - 1) in the space they span."""
    turns = mean_preserving_rotations(20_000, 4, generator(3))
    basis = torch.tensor([[1, -1, 0, 0], [0, 0, 1, -1]], dtype=DOUBLE) / 2**0.5
    entries = torch.stack([basis[0] @ turns @ basis[0], basis[0] @ turns @ basis[1]])
    assert entries.mean(1).abs().max() < 0.02
    torch.testing.assert_close(entries.var(1), torch.full((2,), 1 / 3, dtype=DOUBLE), rtol=0.05, atol=0)


def test_a_setting_never_depends_on_its_neighbours():
    experiment, members = small_experiment(n_cycles=15, batch=2), ensemble(2, 6, dtype=DOUBLE)
    many = [LETKFSettings(1.1, 4.0), LETKFSettings(40.0, 4.0), LETKFSettings(1.05, 2.0, rotation=True)]
    together = list(letkf_cycles(many, SYSTEM, experiment.observations, members, generator=generator()))
    assert together[-1].mean[1].isnan().all(), "an inflation of forty diverges"
    for index in (0, 2):
        alone = run_letkf(many[index], SYSTEM, experiment.observations, members, generator=generator())
        torch.testing.assert_close(torch.stack([one.mean[index] for one in together]), alone.mean, rtol=0, atol=1e-9)


def test_a_run_that_diverges_is_nan_and_stops_no_other():
    experiment, members = small_experiment(n_cycles=30, batch=2), ensemble(2, 6, dtype=DOUBLE)
    members[1] *= 1e3  # this trajectory overflows in the first forecast
    run = run_letkf(LETKFSettings(1.1, 4.0), SYSTEM, experiment.observations, members, generator=generator())
    assert run.mean[:, 1].isnan().all() and run.spread[:, 1].isnan().all()
    assert run.mean[:, 0].isfinite().all()
    alone = replace(experiment.observations, values=experiment.observations.values[:, :1])
    undisturbed = run_letkf(LETKFSettings(1.1, 4.0), SYSTEM, alone, members[:1], generator=generator())
    torch.testing.assert_close(run.mean[:, :1], undisturbed.mean, rtol=0, atol=1e-9)


def test_every_run_diverged():
    experiment, members = small_experiment(n_cycles=4, batch=1), 1e3 * ensemble(1, 6, dtype=DOUBLE)
    settings = [LETKFSettings(1.1, 4.0), LETKFSettings(1.1, 2.0, rotation=True)]
    cycles = list(letkf_cycles(settings, SYSTEM, experiment.observations, members, generator=generator()))
    assert len(cycles) == 4 and all(one.mean.isnan().all() for one in cycles)


def test_finds_the_truth_with_rotations_too():
    experiment, members = small_experiment(n_cycles=160, batch=2), ensemble(2, 20, dtype=DOUBLE)
    setting = LETKFSettings(1.07, 4.0, rotation=True)
    run = run_letkf(setting, SYSTEM, experiment.observations, members, generator=generator())
    assert time_mean(spatial_rmse(run.mean, experiment.truth), 80).max() < 1.2


def test_a_cycle_without_observations_only_inflates():
    experiment, members = small_experiment(n_cycles=2, batch=1), ensemble(1, 6, dtype=DOUBLE)
    blind = replace(experiment.observations, mask=torch.zeros_like(experiment.observations.mask))
    run = run_letkf(LETKFSettings(1.0, 4.0), SYSTEM, blind, members, generator=generator())
    assert torch.isfinite(run.mean).all() and run.spread.min() > 0


@pytest.mark.parametrize("numbers", [{"inflation": 0.9}, {"radius": 0.0}, {"radius": float("nan")}])
def test_bad_settings(numbers):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        LETKFSettings(**numbers)


def test_bad_input_gives_no_number():
    experiment, members = small_experiment(batch=2), ensemble(2, 5, dtype=DOUBLE)
    seen = experiment.observations
    for first, what in [
        (members[:1], "trajectories"),
        (members[:, :1], "at least 2 members"),
        (members * torch.nan, "NaN or infinity"),
    ]:
        with pytest.raises(InputError, match=what):
            run_letkf(LETKFSettings(), SYSTEM, seen, first, generator=generator())
    with pytest.raises(InputError, match="at least one"):
        next(letkf_cycles([], SYSTEM, seen, members, generator=generator()))
