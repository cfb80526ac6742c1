import pytest
import torch

from sparseobs.scores.spectrum import amplitude_spectrum


@pytest.mark.parametrize("n_sites", [36, 41])
def test_squares_add_up_to_the_mean_square(n_sites):
    fields = torch.randn(5, 3, n_sites, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert amplitude_spectrum(fields).square().sum().item() == pytest.approx(fields.square().mean().item())


def test_a_wave_has_its_amplitude_at_its_own_number():
    sites = torch.arange(40, dtype=torch.float64)
    spectrum = amplitude_spectrum(3 * torch.cos(2 * torch.pi * 5 * sites / 40 + 0.3)[None])
    assert spectrum[5].item() == pytest.approx(3 / 2**0.5)
    spectrum[5] = 0
    assert spectrum.max() < 1e-12
