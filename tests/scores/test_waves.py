import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.scores.waves import resolved_scale, transfer_of_powers, wave_transfer

WAVE = np.sin(np.linspace(0, 20 * np.pi, 4000, endpoint=False))
QUARTER = np.cos(np.linspace(0, 20 * np.pi, 4000, endpoint=False))


@pytest.mark.parametrize(
    "answer, gain, coherence, error",
    [
        (WAVE, 1, 1, 0),
        (0.3 * WAVE, 0.3, 1, 0.49),
        (-WAVE, -1, -1, 4),
        (0 * WAVE, 0, 0, 1),
        (QUARTER, 0, 0, 2),  # a quarter of a wave late: of the right size and of no use
        (0.5 * WAVE + 0.5 * QUARTER, 0.5, 0.5**0.5, 0.5),
    ],
)
def test_transfers_have_their_closed_forms(answer, gain, coherence, error):
    found = wave_transfer(WAVE, answer)
    np.testing.assert_allclose(found, (gain, coherence, error), atol=1e-9)
    np.testing.assert_allclose(wave_transfer(7 * WAVE, 7 * answer), found, atol=1e-9)


def test_bad_waves_are_refused():
    for wave, answer in ((WAVE, WAVE[:-1]), (0 * WAVE, WAVE), (WAVE, np.full_like(WAVE, np.nan))):
        with pytest.raises(InputError, match="wave"):
            wave_transfer(wave, answer)
    for powers in ((0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (np.nan, 1.0, 1.0)):
        with pytest.raises(InputError, match="powers"):
            transfer_of_powers(*powers)


def test_the_resolved_scale_is_where_the_error_passes_one_half():
    assert resolved_scale([400, 100, 200], [0.0, 0.75, 0.25]) == pytest.approx(100 * 2**0.5)
    assert resolved_scale([100, 200], [0.5, 0.1]) == 100  # all are resolved
    assert resolved_scale([100, 200, 400], [0.1, 0.9, 0.1]) > 200  # what is resolved again below does not count
    assert np.isinf(resolved_scale([100, 200], [0.1, 0.6]))
    assert resolved_scale([100, 200, 400], [1.0, 0.4, 0.0], level=0.4) == pytest.approx(200)


@pytest.mark.parametrize("wavelengths, errors", [([], []), ([1, 2], [0.1]), ([0, 1], [0.1, 0.1]), ([1], [np.nan])])
def test_a_resolved_scale_needs_an_error_for_each_wavelength(wavelengths, errors):
    with pytest.raises(InputError, match="errors"):
        resolved_scale(wavelengths, errors)
