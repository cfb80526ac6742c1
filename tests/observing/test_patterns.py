"""Instruments that turn one way or the other, that fail, and that are switched off."""

import pytest
import torch

from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings, run_letkf
from sparseobs.observing.patterns import EveryKth, Failing, Outage
from sparseobs.observing.twin_experiment import Observations, simulate

ROTATING = EveryKth(4)
BACKWARDS = EveryKth(4, sense="backwards")


def mirrored(states):
    """Site k becomes site -k."""
    return states.flip(-1).roll(1, -1)


class MirroredLorenz96(Lorenz96):
    """The system that one sees in a mirror."""

    def tendency(self, state):
        return mirrored(super().tendency(mirrored(state)))


def test_forwards_and_backwards():
    assert [EveryKth(4).sites(cycle, 8).tolist() for cycle in (0, 1, 4)] == [[0, 4], [1, 5], [0, 4]]
    assert [BACKWARDS.sites(cycle, 8).tolist() for cycle in (0, 1, 2, 4)] == [[0, 4], [3, 7], [2, 6], [0, 4]]
    for movement in ("fixed", "random"):
        assert torch.equal(EveryKth(4, movement).mask(9, 40), EveryKth(4, movement, sense="backwards").mask(9, 40))
    with pytest.raises(InputError, match="sense: given 'up'"):
        EveryKth(4, sense="up")


def test_backwards_on_the_mirrored_system_is_forwards_on_the_system():
    arguments = {"n_cycles": 12, "batch": 1, "obs_error_std": 1.0, "seed": 2}
    start = 8 + torch.arange(40.0).sin().double()[None, None]
    forwards = simulate(Lorenz96(), ROTATING, start=start, **arguments)
    backwards = simulate(MirroredLorenz96(), BACKWARDS, start=mirrored(start), **arguments)
    torch.testing.assert_close(backwards.truth, mirrored(forwards.truth))
    seen = forwards.observations
    assert torch.equal(backwards.observations.mask, mirrored(seen.mask))

    members = start[:, None] + torch.randn(1, 8, 1, 40, generator=torch.Generator().manual_seed(0)).double()
    draws = {"generator": torch.Generator()}
    run = run_letkf(LETKFSettings(1.1, 4.0), Lorenz96(), seen, members, **draws)
    same = Observations(mirrored(seen.values), mirrored(seen.mask), seen.error_std)
    again = run_letkf(LETKFSettings(1.1, 4.0), MirroredLorenz96(), same, mirrored(members), **draws)
    torch.testing.assert_close(again.mean, mirrored(run.mean))
    assert not torch.equal(BACKWARDS.mask(12, 40), seen.mask)


def test_failures_take_the_stated_share_and_add_nothing():
    whole, left = ROTATING.mask(2000, 40), Failing(ROTATING, 0.3).mask(2000, 40)
    assert not (left & ~whole).any()
    # Of 20,000 observations 14,000 arrive on average; the standard deviation is 65.
    assert left.sum().item() == pytest.approx(14_000, abs=300)


def test_failures_are_independent_and_follow_from_the_seed():
    left = Failing(EveryKth(1), 0.5).mask(2000, 40).double()
    between = torch.corrcoef(left.mT) - torch.eye(40)
    assert between.abs().max() < 0.12  # the standard error of each is 0.022
    assert torch.equal(Failing(ROTATING, 0.5).mask(50, 40), Failing(ROTATING, 0.5).mask(50, 40))
    assert not torch.equal(Failing(ROTATING, 0.5).mask(50, 40), Failing(ROTATING, 0.5, seed=1).mask(50, 40))


def test_what_still_arrives_at_a_higher_rate_arrived_at_a_lower_one():
    """So that two rates differ in the observations lost, not in luck."""
    few, many = (Failing(ROTATING, rate).mask(200, 40) for rate in (0.2, 0.6))
    assert not (many & ~few).any()


@pytest.mark.parametrize("rate, share", [(0, 1), (1, 0)])
def test_an_instrument_that_never_or_always_fails(rate, share):
    assert Failing(ROTATING, rate).mask(100, 40).sum() == share * 1000


def test_outage_is_as_long_as_it_says():
    mask = Outage(ROTATING, 5, 3).mask(20, 40)
    assert not mask[5:8].any()
    assert torch.equal(mask[:5], ROTATING.mask(20, 40)[:5]) and torch.equal(mask[8:], ROTATING.mask(20, 40)[8:])
    assert torch.equal(Outage(ROTATING, 5, 0).mask(20, 40), ROTATING.mask(20, 40))


def test_same_seed_same_truth_and_noise_whatever_is_lost():
    arguments = {"n_cycles": 30, "batch": 2, "obs_error_std": 1.0, "seed": 3}
    whole = simulate(Lorenz96(), ROTATING, **arguments)
    failing = simulate(Lorenz96(), Failing(Outage(ROTATING, 4, 6), 0.5), **arguments)
    assert torch.equal(whole.truth, failing.truth)
    seen = failing.observations.mask
    assert not seen[4:10].any() and seen.any()
    kept = torch.where(seen[:, None, None], whole.observations.values, 0)
    assert torch.equal(failing.observations.values, kept)


@pytest.mark.parametrize(
    "make", [lambda: Failing(ROTATING, 1.1), lambda: Failing(ROTATING, -0.1), lambda: Outage(ROTATING, -1, 3)]
)
def test_bad_input(make):
    with pytest.raises(InputError, match="expected"):
        make()
