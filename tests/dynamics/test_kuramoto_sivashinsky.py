import math

import numpy as np
import pytest
import torch

from sparseobs.dynamics.climate import attractor_states
from sparseobs.dynamics.integrate import advance
from sparseobs.dynamics.kuramoto_sivashinsky import KuramotoSivashinsky
from sparseobs.errors import InputError
from sparseobs.filtering.dapper_bridge import load_dapper

SYSTEM = KuramotoSivashinsky()


@pytest.fixture
def states():
    generator = torch.Generator().manual_seed(3)
    return 1.3 * torch.randn(5, 2, 1, 128, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("length", [0.5, 0.25])
def test_step_equals_dapper(states, length):
    load_dapper()
    from dapper.mods.KS import Model

    theirs = Model(dt=length).step(states.numpy(), np.nan, length)
    np.testing.assert_allclose(SYSTEM.step(states, length).numpy(), theirs, rtol=0, atol=1e-10)


def test_tendency_of_one_wave_written_out():
    place = torch.arange(128, dtype=torch.float64) * SYSTEM.period / 128
    k = 5 * 2 * math.pi / SYSTEM.period
    expected = (k**2 - k**4) * torch.sin(k * place) - 0.5 * k * torch.sin(2 * k * place)
    torch.testing.assert_close(SYSTEM.tendency(torch.sin(k * place)[None])[0], expected)


def test_mirror_image_with_the_sign_turned_is_the_same_system(states):
    def mirrored(state):
        return -state.flip(-1)

    torch.testing.assert_close(SYSTEM.step(mirrored(states), 0.5), mirrored(SYSTEM.step(states, 0.5)))
    assert not torch.allclose(SYSTEM.step(states.flip(-1), 0.5), SYSTEM.step(states, 0.5).flip(-1))


def test_mean_never_changes(states):
    torch.testing.assert_close(advance(SYSTEM, states, 0.5, 20).mean(-1), states.mean(-1))


def test_energy_is_fed_at_long_waves_and_lost_at_short_ones():
    """On the attractor, growth by -u_xx and loss by -u_xxxx balance in the mean."""
    spectrum = torch.fft.rfft(attractor_states(SYSTEM, 128, torch.Generator().manual_seed(0))).abs() ** 2
    k = torch.arange(65, dtype=torch.float64) * 2 * math.pi / SYSTEM.period
    gained, lost = ((k**power * spectrum).sum(-1).mean() for power in (2, 4))
    assert (gained / lost).item() == pytest.approx(1, abs=0.02)


def test_starts_lack_what_would_stay_for_ever():
    spectrum = torch.fft.rfft(SYSTEM.random_states(3, torch.Generator().manual_seed(0)))
    assert spectrum[..., [0, -1]].abs().max() < 1e-12 < spectrum[..., 1:-1].abs().min()


@pytest.mark.parametrize("arguments", [{"n_sites": 127}, {"n_sites": 6}, {"period": 0.0}, {"n_variables": 2}])
def test_bad_input(arguments):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        KuramotoSivashinsky(**arguments)
