"""Which scales a field is made of, or a filter leaves wrong."""

import torch
from torch import Tensor


def amplitude_spectrum(fields: Tensor) -> Tensor:
    """Return the root-mean-square amplitude of each wavenumber, (wave,), from 0 to half the number of sites.

    Amplitudes are scaled so that their squares add up to the mean square of the fields (Parseval).

    Args:
        fields: (..., site), the mean is over everything else.
    """
    n_sites = fields.shape[-1]
    power = torch.fft.rfft(fields, norm="forward").abs().square().flatten(0, -2).mean(0)
    twice = torch.full_like(power, 2.0)  # a real field's negative wavenumbers mirror the positive ones
    twice[0] = 1
    if n_sites % 2 == 0:
        twice[-1] = 1
    return (twice * power).sqrt()
