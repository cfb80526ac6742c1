"""A small network and random tasks, so that every test takes a fraction of a second."""

import pytest

from sparseobs.neural_process.conv_cnp import ConvCNP, ConvCNPConfig

from .small_conv_cnp import make_batch


@pytest.fixture
def config():
    return ConvCNPConfig(channels=(6, 8), kernel=3, fields=(), scalars=("hour",))


@pytest.fixture
def model(config):
    return ConvCNP(config, seed=1)


@pytest.fixture
def batch():
    return make_batch()
