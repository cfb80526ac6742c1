from dataclasses import dataclass

import pytest
import torch

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.dynamics.lyapunov import kaplan_yorke_dimension, lyapunov_spectrum
from sparseobs.errors import InputError


@dataclass(frozen=True)
class Shear(System):
    """A linear system with known exponents, its matrix far from symmetric."""

    n_sites: int = 4
    n_variables: int = 1

    schedule = Schedule(0.05, 2)
    spin_up_time = 1.0
    rates = (0.5, 0.1, -0.3, -2.0)

    def tendency(self, state):
        matrix = torch.diag(torch.tensor(self.rates, dtype=state.dtype))
        matrix += torch.triu(torch.full((4, 4), 0.5, dtype=state.dtype), 1)
        return state @ matrix.mT


@pytest.fixture(scope="module")
def spectrum():
    """All exponents of Lorenz-96, 320 time units in all."""
    generator = torch.Generator().manual_seed(0)
    return lyapunov_spectrum(Lorenz96(), generator, n_trajectories=32, duration=10.0, settling=5.0)


def test_linear_system():
    found = lyapunov_spectrum(Shear(), torch.Generator().manual_seed(0), n_trajectories=2, duration=20.0, settling=30.0)
    torch.testing.assert_close(found.exponents, torch.tensor(Shear.rates, dtype=torch.float64), rtol=0, atol=1e-4)
    assert found.standard_error.max() < 1e-4


def test_lorenz96_leading_exponent(spectrum):
    """About 1.67 for forty sites and F = 8; one exponent belongs to the direction of motion and is zero."""
    error = spectrum.standard_error[0].item()
    assert 0.01 < error < 0.06
    assert spectrum.exponents[0].item() == pytest.approx(1.67, abs=3 * error + 0.02)
    assert spectrum.exponents.abs().min() < 0.08


def test_lorenz96_exponents_sum_to_the_trace(spectrum):
    """Friction alone changes volumes: the trace of the Jacobian is -N at every state."""
    assert spectrum.exponents.sum().item() == pytest.approx(-40, abs=0.02)


def test_lorenz96_dimension(spectrum):
    assert kaplan_yorke_dimension(spectrum.exponents) == pytest.approx(27.1, abs=0.4)


def test_kaplan_yorke_by_hand():
    assert kaplan_yorke_dimension(torch.tensor([0.9, 0.0, -14.5])) == pytest.approx(2 + 0.9 / 14.5)
    assert kaplan_yorke_dimension(torch.tensor([-1.0, -2.0])) == 0
    assert torch.isnan(torch.tensor(kaplan_yorke_dimension(torch.tensor([1.0, -0.5]))))


@pytest.mark.parametrize(
    "arguments", [{"n_exponents": 41}, {"n_trajectories": 1}, {"duration": 0.0}, {"settling": -1.0}]
)
def test_bad_input(arguments):
    with pytest.raises(InputError, match="given .* expected .* Try"):
        lyapunov_spectrum(Lorenz96(), torch.Generator(), **arguments)
