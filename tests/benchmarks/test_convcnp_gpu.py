"""The arithmetic that a benchmark prints is what the network does."""

import dataclasses

import pytest
import torch
from convcnp_gpu import made_up_tasks, our_flop, published_flop, tasks_a_second
from torch.utils.flop_counter import FlopCounterMode

from sparseobs.neural_process.conv_cnp import PAPER, ConvCNP
from sparseobs.neural_process.unet import UNet

from ..neural_process.plain_unet import plain_unet

CONFIG = dataclasses.replace(PAPER, channels=(6, 8, 10), points_per_degree=4.0, fields=("land", "position"))


def test_the_papers_arithmetic_is_the_known_one():
    assert published_flop(PAPER, (320, 320)) / 3 == pytest.approx(297e9, rel=0.05)


def test_published_operations_are_those_that_torch_counts():
    """On the plain network, but for its 1 x 1 convolutions and a first layer that passes no gradient on."""
    network, shape = UNet(5, 2, (8, 10, 12), 3), (16, 24)
    image = torch.zeros(1, 5, *shape, requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        plain_unet(network, image).sum().backward()
    config = dataclasses.replace(CONFIG, channels=(8, 10, 12), kernel=3, fields=("land",), scalars=("hour",))
    assert config.n_inputs == 5
    assert 1 < counter.get_total_flops() / published_flop(config, shape) < 1.25


def test_ours_are_fewer_and_fewest_where_little_is_read():
    shape = (128, 96)
    whole, part = (our_flop(PAPER, shape, window) for window in (((0, 128), (0, 96)), ((16, 112), (16, 80))))
    assert part < whole < 0.65 * published_flop(PAPER, shape)


def test_a_rate_is_measured_on_whole_steps():
    assert tasks_a_second(ConvCNP(CONFIG), made_up_tasks(CONFIG, "cpu", n_hours=4), batch=2, steps=1) > 0
