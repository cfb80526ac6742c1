from pathlib import Path

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.baselines import latest_observations
from sparseobs.filtering.dapper_bridge import hidden_markov_model, load_dapper, run_dapper
from sparseobs.observing.twin_experiment import Schedule
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
    with pytest.raises(InputError, match="at most the 5 members"):
        run_dapper(letkf(N=6), SYSTEM, small_experiment(), ensemble(), seed=1)


def test_latest_observations_keep_the_newest_value():
    observations = small_experiment(n_cycles=9).observations
    estimate = latest_observations(observations, first_guess=-99.0)
    assert (estimate[0][..., ~observations.mask[0]] == -99).all()
    for site in (0, 5):
        last_seen = int(observations.mask[:9, site].nonzero().max())
        assert torch.equal(estimate[8, ..., site], observations.values[last_seen, ..., site])
