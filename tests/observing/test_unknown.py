import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.unknown import EveryOtherCycle, RandomProjection


def states(*shape):
    return torch.randn(*shape, 2, 36, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_linear_and_of_the_states_size():
    instrument, first, second = RandomProjection(500), states(3, 4), states(3, 4).flip(0)
    assert instrument.project(first).shape == (3, 4, 500)
    together = instrument.project(first + 2 * second)
    torch.testing.assert_close(together, instrument.project(first) + 2 * instrument.project(second))
    assert instrument.project(states(200)).std().item() == pytest.approx(1, abs=0.05)


def test_seed_decides_the_instrument_and_each_channel_differs():
    state = states(1)
    assert torch.equal(RandomProjection(4, seed=1).project(state), RandomProjection(4, seed=1).project(state))
    channels = torch.cat([RandomProjection(4, seed=seed).project(state) for seed in (1, 2)])
    assert channels.unique().numel() == 8


def test_noise_has_the_stated_size_and_a_seed_of_its_own():
    instrument, truth = RandomProjection(20), states(500)
    observed = instrument.observe(truth, 0.5, seed=1)
    assert (observed - instrument.project(truth)).std().item() == pytest.approx(0.5, abs=0.02)
    assert torch.equal(observed, instrument.observe(truth, 0.5, seed=1))
    assert not torch.equal(observed, instrument.observe(truth, 0.5, seed=2))


def test_single_precision_stays_single():
    assert RandomProjection(3).observe(states(2).float(), 1.0, seed=0).dtype == torch.float32


def test_bad_input():
    with pytest.raises(InputError, match="n_channels"):
        RandomProjection(0)
    with pytest.raises(InputError, match="error_std"):
        RandomProjection(3).observe(states(2), -1.0, seed=0)


def test_every_other_cycle_moves_on_from_look_to_look():
    mask = EveryOtherCycle(EveryKth(4)).mask(9, 8)
    assert not mask[1::2].any()
    assert torch.equal(mask[::2], EveryKth(4).mask(5, 8))
