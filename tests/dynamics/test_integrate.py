import numpy as np
import pytest
import torch

from sparseobs.dynamics.integrate import advance, solve
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError

SYSTEM = Lorenz96()


@pytest.fixture
def state():
    start = 8 + torch.randn(1, 1, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return advance(SYSTEM, start, 0.01, 500)


def accurate(state, time):
    times = torch.tensor([0.0, time], dtype=torch.float64)
    return solve(SYSTEM, state, times, method="dopri8", rtol=1e-12, atol=1e-12)[-1]


def test_fourth_order_against_torchdiffeq(state):
    """The error against a tight adaptive solution falls by 2**4 when the step is halved."""
    truth = accurate(state, 0.4)
    steps = np.array([0.1, 0.05, 0.025, 0.0125])
    errors = [(advance(SYSTEM, state, step, round(0.4 / step)) - truth).abs().max().item() for step in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(4, abs=0.4)


def test_agrees_with_torchdiffeq_to_the_order_of_one_step(state):
    """One cycle of two steps differs from the exact answer by about h**4, as measured in the literature."""
    difference = (advance(SYSTEM, state, 0.05, 2) - accurate(state, 0.1)).abs().max().item()
    assert 1e-7 < difference < 2e-2


def test_solution_can_be_followed_back(state):
    forward = accurate(state, 0.1)
    times = torch.tensor([0.1, 0.0], dtype=torch.float64)
    back = solve(SYSTEM, forward, times, method="dopri8", rtol=1e-12, atol=1e-12)[-1]
    torch.testing.assert_close(back, state, rtol=0, atol=1e-5)


def test_batch_equals_one_by_one(state):
    batch = torch.stack([state, state + 0.1, state - 0.2])
    single = torch.stack([advance(SYSTEM, one, 0.05, 3) for one in batch])
    torch.testing.assert_close(advance(SYSTEM, batch, 0.05, 3), single)


def test_refuses_a_state_that_is_not_finite(state):
    with pytest.raises(InputError, match="finite"):
        solve(SYSTEM, state / 0, torch.tensor([0.0, 1.0]))
