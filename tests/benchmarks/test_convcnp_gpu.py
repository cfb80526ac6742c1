"""The arithmetic that a benchmark prints is what the network does."""

import dataclasses

import torch
from convcnp_gpu import made_up_tasks, multiplications, tasks_a_second
from torch.utils.flop_counter import FlopCounterMode

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP

CONFIG = dataclasses.replace(PAPER, channels=(6, 8, 10), points_per_degree=4.0, fields=("land", "position"))


def test_multiplications_are_those_that_torch_counts():
    model, rows, columns = ConvCNP(CONFIG), 16, 24
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.unet(torch.zeros(1, CONFIG.n_inputs, rows, columns))
    wide = counter.get_total_flops() / 2 / rows / columns
    expected = multiplications(CONFIG, folded=True)
    assert expected < wide < 1.6 * expected  # torch counts the 1 x 1 convolutions, blurs and edges too
    assert multiplications(CONFIG, folded=False) > 1.2 * expected


def test_the_papers_arithmetic_is_the_known_one():
    assert abs(3 * 2 * 320**2 * multiplications(PAPER, folded=False) / 3 / 1e9 - 297) < 15


def test_a_rate_is_measured_on_whole_steps():
    assert tasks_a_second(ConvCNP(CONFIG), made_up_tasks(CONFIG, "cpu", n_hours=4), batch=2, steps=1) > 0
