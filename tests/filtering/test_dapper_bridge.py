from pathlib import Path

import numpy as np
import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import InputError
from sparseobs.filtering.baselines import dapper_method, latest_observations
from sparseobs.filtering.dapper_bridge import hidden_markov_model, load_dapper, run_dapper
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings, run_letkf
from sparseobs.filtering.var4d import VariationalSettings
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Schedule, simulate
from sparseobs.scores.ensemble import spatial_rmse, time_mean

from .small_filter import SYSTEM, ensemble, small_experiment

load_dapper()


def letkf(**changes):
    from dapper.da_methods.ensemble import LETKF

    return LETKF(**({"N": 5, "infl": 1.05, "loc_rad": 4} | changes))


def test_import_is_silent_and_leaves_no_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    load_dapper.cache_clear()
    load_dapper()
    assert capsys.readouterr().out == ""
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_dapper_sees_our_model_our_sites_and_our_members():
    experiment, members = small_experiment(batch=1), ensemble(batch=1, dtype=torch.float64)
    model = hidden_markov_model(SYSTEM, experiment.observations, members[0], Schedule())
    states = members[0, :, 0].numpy()
    np.testing.assert_array_equal(model.X0.sample(3), states[:3])
    expected = Schedule().forecast(SYSTEM, members[0])[:, 0].numpy()
    np.testing.assert_allclose(model.Dyn(states, 0.0, 1.0), expected, atol=1e-12)
    for cycle in (0, 1, 6):
        seen = experiment.observations.mask[cycle].numpy()
        np.testing.assert_array_equal(model.Obs(cycle)(states), states[:, seen])


def test_letkf_finds_the_truth_where_everything_is_observed():
    """DAPPER's own settings file of this kind expects an RMSE near 0.2 at a smaller interval between observations."""
    experiment = small_experiment(n_cycles=120, batch=1, stride=1)
    run = run_dapper(letkf(N=10), SYSTEM, experiment, ensemble(1, 10, dtype=torch.float64), seed=1)
    assert time_mean(spatial_rmse(run.mean, experiment.truth), 40).item() < 0.4
    assert 0.1 < time_mean(run.spread, 40).item() < 0.6


def test_a_filter_that_diverges_is_nan_not_a_number():
    experiment = small_experiment(n_cycles=40, batch=1)
    run = run_dapper(letkf(infl=40.0), SYSTEM, experiment, ensemble(1, 5, dtype=torch.float64), seed=1)
    assert torch.isnan(time_mean(spatial_rmse(run.mean, experiment.truth), 0)).all()


def test_same_seed_same_run():
    experiment, members = small_experiment(batch=1), ensemble(1, 5, dtype=torch.float64)
    first, second = (run_dapper(letkf(rot=True), SYSTEM, experiment, members, seed=3) for _ in range(2))
    assert torch.equal(first.mean, second.mean)


def test_more_members_than_given():
    with pytest.raises(InputError, match="2 to the 5 members"):
        run_dapper(letkf(N=6), SYSTEM, small_experiment(), ensemble(), seed=1)


def test_latest_observations_keep_the_newest_value():
    observations = small_experiment(n_cycles=9).observations
    estimate = latest_observations(observations, first_guess=-99.0)
    assert (estimate[0][..., ~observations.mask[0]] == -99).all()
    for site in (0, 5):
        last_seen = int(observations.mask[:9, site].nonzero().max())
        assert torch.equal(estimate[8, ..., site], observations.values[last_seen, ..., site])


@pytest.fixture(scope="module")
def two_variables():
    """Vissio-Lucarini, every fourth site, noise of each variable, and an ensemble near the truth."""
    system = SYSTEMS["vissio_lucarini"]
    experiment = simulate(system, EveryKth(4), n_cycles=12, batch=1, obs_error_std=(0.5, 1.0), seed=0)
    draws = torch.randn(1, 8, 2, 36, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return system, experiment, experiment.truth[0][:, None] + 0.5 * draws


def test_both_variables_of_a_site_share_its_place(two_variables):
    system, experiment, members = two_variables
    model = hidden_markov_model(system, experiment.observations, members[0], system.schedule)
    operator, state = model.Obs(1), members[0, 0].flatten().numpy()
    seen = np.arange(1, 36, 4)
    np.testing.assert_array_equal(operator(state), np.concatenate([state[seen], state[36 + seen]]))
    np.testing.assert_array_equal(np.diag(operator.noise.C.full), np.repeat([0.25, 1.0], 9))
    batches, taper = operator.localizer(2.0, "x2y", "GC")
    assert sorted(np.concatenate(batches)) == list(range(72)) and batches[5].tolist() == [5, 41]
    near, weight = taper(batches[5])
    assert {1, 10} <= set(near), "site 5 of either variable"
    assert weight[list(near).index(1)] == weight[list(near).index(10)] == 1


def test_linear_model_is_the_derivative_of_the_cycle(two_variables):
    system, experiment, members = two_variables
    model = hidden_markov_model(system, experiment.observations, members[0], system.schedule)
    for state in members[0, :3].flatten(-2).numpy():
        steps = 1e-6 * np.eye(72)
        slopes = (model.Dyn(state + steps, 0.0, 1.0) - model.Dyn(state - steps, 0.0, 1.0)).T / 2e-6
        np.testing.assert_allclose(model.Dyn.linear(state, 0.0, 1.0), slopes, atol=1e-6)


SETTINGS = {
    "LETKF": LETKFSettings(1.05, 4.0),
    "iEnKS": TransformSettings(1.05, rotation=True),
    "EnKF": TransformSettings(1.05),
    "4D-Var": VariationalSettings("identity", 0.3),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_method_draws_near_the_truth(name):
    """Through the bridge on each system, from an ensemble near the truth, better than a forecast that sees nothing."""
    system = SYSTEMS[name]
    experiment = simulate(system, EveryKth(4), n_cycles=6, batch=1, obs_error_std=0.5, seed=0)
    draws = torch.randn(1, 30, *experiment.truth.shape[2:], generator=torch.Generator().manual_seed(0))
    members = experiment.truth[0][:, None] + 0.5 * draws.double()
    blind = members.mean(1)
    for _ in range(6):
        blind = system.schedule.forecast(system, blind)
    unseen = spatial_rmse(blind[None], experiment.truth[-1:]).item()
    for method, settings in SETTINGS.items():
        run = run_dapper(dapper_method(method, system, 30, settings), system, experiment, members, seed=1)
        assert spatial_rmse(run.mean, experiment.truth)[-1].item() < unseen, method
        assert run.spread.isfinite().all() != (method == "4D-Var")


@pytest.mark.parametrize("name", SYSTEMS)
def test_climatology_is_the_mean_of_the_truth(name):
    system = SYSTEMS[name]
    experiment = simulate(system, EveryKth(4), n_cycles=6, batch=1, obs_error_std=1.0, seed=0)
    members = torch.zeros_like(experiment.truth[:1]).movedim(0, 1)  # (trajectory, member, variable, site)
    run = run_dapper(dapper_method("Climatology", system, 1), system, experiment, members, seed=1)
    # DAPPER's truth has a state before the first cycle, where ours repeats the first.
    mean = torch.cat([experiment.truth[:1], experiment.truth]).mean(0)
    torch.testing.assert_close(run.mean, mean.expand_as(run.mean))
    with pytest.raises(InputError, match="method: given 'Climatologie'.* Try method='Climatology'"):
        dapper_method("Climatologie", system, 1)


@pytest.mark.parametrize("name", ["vissio_lucarini", "kuramoto_sivashinsky"])
def test_letkf_equals_ours(name):
    system = SYSTEMS[name]
    experiment = simulate(system, EveryKth(4), n_cycles=3, batch=1, obs_error_std=1.0, seed=0)
    draws = torch.randn(1, 6, *experiment.truth.shape[2:], generator=torch.Generator().manual_seed(0))
    members = experiment.truth[0][:, None] + draws.double()
    theirs = run_dapper(letkf(N=6), system, experiment, members, seed=1)
    settings = LETKFSettings(inflation=1.05, radius=4.0)
    ours = run_letkf(settings, system, experiment.observations, members, generator=None, schedule=system.schedule)
    torch.testing.assert_close(ours.mean, theirs.mean, rtol=0, atol=1e-8)


def test_a_cycle_without_observations_is_refused():
    experiment = small_experiment(n_cycles=4, batch=1)
    experiment.observations.mask[2] = False
    with pytest.raises(InputError, match="nothing observed at cycle 2"):
        run_dapper(letkf(), SYSTEM, experiment, ensemble(1, 5, dtype=torch.float64), seed=1)


def test_an_ensemble_of_another_system():
    members = torch.zeros(1, 5, 2, 36, dtype=torch.float64)
    with pytest.raises(InputError, match="ensemble: given .*36.* expected .*40"):
        run_dapper(letkf(), SYSTEM, small_experiment(batch=1), members, seed=1)
