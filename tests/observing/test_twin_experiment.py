from dataclasses import replace

import pytest
import torch

from sparseobs.dynamics.catalogue import SYSTEMS
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


def test_a_truth_can_start_where_one_wants():
    start = experiment(n_cycles=1).truth[0]
    truth = experiment(start=start).truth
    torch.testing.assert_close(truth[0], Schedule().forecast(SYSTEM, start))
    with pytest.raises(InputError, match="start"):
        experiment(start=start[0])


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


def test_random_pattern_sees_every_offset_and_never_two():
    mask = EveryKth(4, "random").mask(200, 40)
    first = mask[:, :4]
    assert (first.sum(1) == 1).all() and (mask == first.repeat(1, 10)).all()
    # 50 of 200 each on average; the standard deviation is 6.
    assert ((first.sum(0) - 50).abs() < 25).all()
    assert torch.equal(mask[:50], EveryKth(4, "random").mask(50, 40))
    assert not torch.equal(mask, EveryKth(4, "random", seed=1).mask(200, 40))


def test_lorenz96_is_what_stored_tables_were_made_from():
    """Numbers of the first version: a change here would leave committed results without their code."""
    run = experiment()
    kept = [1.4285479865350565, 1.604478309157968, 8.281964391670481, 3.4746802403346475]
    assert run.truth[0, 0, 0, :4].tolist() == pytest.approx(kept, abs=1e-9)
    assert run.observations.values[5, 1, 0, 1].item() == pytest.approx(-2.5753498066361242, abs=1e-7)
    kept = [-2.8714626419985447, -0.5760823852633041, 0.5416953994913395, 9.40626653057439]
    assert run.truth[-1, -1, -1, -4:].tolist() == pytest.approx(kept, abs=1e-5)  # rounding has grown by then


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_by_its_own_schedule(name):
    system = SYSTEMS[name]
    run = simulate(system, EveryKth(4), n_cycles=3, batch=2, obs_error_std=1.0, seed=0)
    assert run.truth.shape == (3, 2, system.n_variables, system.n_sites)
    torch.testing.assert_close(system.schedule.forecast(system, run.truth[:-1]), run.truth[1:])


def test_noise_of_each_variable():
    system = SYSTEMS["vissio_lucarini"]
    run = simulate(system, EveryKth(1), n_cycles=100, batch=4, obs_error_std=(0.5, 2.0), seed=0)
    noise = run.observations.values - run.truth
    assert noise[:, :, 0].std().item() == pytest.approx(0.5, abs=0.02)
    assert noise[:, :, 1].std().item() == pytest.approx(2.0, abs=0.06)
    assert run.observations.error_stds == (0.5, 2.0)
    assert experiment().observations.error_stds == (1.0,)
    with pytest.raises(InputError, match="one of each variable"):
        experiment(obs_error_std=(1.0, 2.0))


def test_an_observed_value_that_is_not_finite_is_refused_an_unobserved_one_is_not():
    seen = experiment().observations
    values = seen.values.clone()
    values[3, 1, 0, 1] = torch.nan  # cycle 3 sees sites 3, 7, ...
    replace(seen, values=values)
    values[3, 1, 0, 7] = torch.inf
    with pytest.raises(InputError, match=r"NaN or infinity at cycle 3, site 7.*mask\[3, 7\] = False"):
        replace(seen, values=values)
    with pytest.raises(InputError, match="mask"):
        replace(seen, mask=seen.mask[1:])


def test_part_of_an_experiment():
    whole = experiment()
    part = whole.part(slice(2, 5), slice(1))
    assert part.observations.n_cycles == 3 and part.observations.error_std == whole.observations.error_std
    assert torch.equal(part.truth, whole.truth[2:5, :1]) and torch.equal(
        part.observations.mask, whole.observations.mask[2:5]
    )
    assert torch.equal(part.observations.values, whole.observations.values[2:5, :1])
