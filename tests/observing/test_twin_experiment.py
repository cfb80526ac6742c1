import pytest
import torch

from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import Schedule, simulate

SYSTEM = Lorenz96()


def experiment(**changes):
    arguments = {"n_cycles": 40, "batch": 3, "obs_error_std": 1.0, "seed": 1} | changes
    return simulate(SYSTEM, EveryKth(4), **arguments)


def test_pattern_moves_one_site_to_the_right_a_cycle():
    assert EveryKth(4).sites(0, 40).tolist() == list(range(0, 40, 4))
    assert EveryKth(4).sites(1, 40).tolist() == list(range(1, 40, 4))
    assert EveryKth(4).sites(4, 40).tolist() == list(range(0, 40, 4))
    assert EveryKth(4, "fixed").sites(3, 40).tolist() == list(range(0, 40, 4))


def test_every_site_is_seen_once_in_a_turn():
    assert (EveryKth(5).mask(5, 40).sum(0) == 1).all()
    assert EveryKth(1).mask(3, 40).all()


@pytest.mark.parametrize("stride", [3, 0, 2.0])
def test_stride_must_divide_the_ring(stride):
    with pytest.raises(InputError, match="stride"):
        EveryKth(stride).sites(0, 40)


def test_truth_obeys_the_model():
    truth = experiment().truth
    torch.testing.assert_close(Schedule().forecast(SYSTEM, truth[:-1]), truth[1:])


def test_noise_has_the_stated_size_and_is_only_where_one_looks():
    run = experiment(n_cycles=400, batch=10, obs_error_std=1.5)
    mask = run.observations.mask[:, None, None].expand_as(run.truth)
    noise = (run.observations.values - run.truth)[mask]
    # 40,000 draws: the standard error of the standard deviation is 0.0053.
    assert noise.std().item() == pytest.approx(1.5, abs=0.03)
    assert noise.mean().abs() < 0.04
    assert (run.observations.values[~mask] == 0).all()


def test_noise_seed_changes_the_noise_alone():
    first, second = experiment(noise_seed=1), experiment(noise_seed=2)
    assert torch.equal(first.truth, second.truth)
    assert not torch.equal(first.observations.values, second.observations.values)
    assert torch.equal(first.observations.values, experiment(noise_seed=1).observations.values)


@pytest.mark.parametrize("changes", [{"obs_error_std": -1.0}, {"obs_error_std": 0}, {"n_cycles": 0}, {"batch": 1.5}])
def test_bad_input(changes):
    with pytest.raises(InputError, match="expected"):
        experiment(**changes)
