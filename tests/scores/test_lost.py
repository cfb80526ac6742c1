import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.scores.lost import lost_truths


def run_of(*stretches):
    """An error series (cycle, 1) of stretches (error, cycles)."""
    return torch.cat([torch.full((cycles, 1), error) for error, cycles in stretches])


def test_fifty_cycles_in_a_row_beyond_half_of_climatology():
    away, back = (2.0, 49), (1.0, 1)
    assert not lost_truths(run_of(back, away, back, away, back), 3.6)
    assert lost_truths(run_of(back, away, (2.0, 1), back), 3.6)
    assert not lost_truths(run_of((1.8, 100)), 3.6), "half is not beyond half"
    assert lost_truths(run_of(back, away), 3.6, cycles=49)


def test_each_truth_on_its_own():
    error = torch.cat([run_of((0.8, 120)), run_of((0.8, 40), (3.0, 80)), run_of((5.0, 120))], 1)
    assert lost_truths(error, 3.6).tolist() == [False, True, True]


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_run_that_ceased_to_be_finite_is_lost_however_late(value):
    assert lost_truths(run_of((0.8, 99), (value, 1)), 3.6)
    assert lost_truths(run_of((value, 8)), 3.6)


def test_a_run_shorter_than_the_rule_is_lost_if_it_is_never_near():
    assert lost_truths(run_of((3.0, 8)), 3.6)
    assert not lost_truths(run_of((3.0, 7), (1.0, 1)), 3.6)


@pytest.mark.parametrize("arguments", [(torch.ones(9), 3.6), (torch.ones(0, 2), 3.6), (torch.ones(9, 1), 0.0)])
def test_what_it_refuses(arguments):
    with pytest.raises(InputError, match="expected"):
        lost_truths(*arguments)
    with pytest.raises(InputError, match="cycles"):
        lost_truths(torch.ones(9, 1), 3.6, cycles=0)
