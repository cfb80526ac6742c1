"""What the page on FiLM measures of a network, on networks whose answer is known."""

import copy
import dataclasses

import pytest
import torch

from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs_book.film_against_fine_tuning import run
from sparseobs_book.temperature.presets import grid_presets


@pytest.fixture(scope="module")
def model():
    return ConvCNP(dataclasses.replace(grid_presets()["smoke"].architecture, channels=(4, 4)))


def test_a_block_moves_as_far_as_its_parameters(model):
    moved = copy.deepcopy(model)
    with torch.no_grad():
        for part in moved.unet.down[1].convolution.parameters():
            part *= 1.5
        for part in moved.unet.down[0].film.parameters():
            part += 0.25  # scales are one and shifts zero
    table = run.block_changes(model, {"moved": moved, "same": model}).set_index(["method", "kind", "block"])["change"]
    assert table["moved", "FiLM", "down 0"] == pytest.approx(0.25 * 2**0.5)
    assert table["moved", "convolutions", "down 1"] > 0
    still = table.drop([("moved", "FiLM", "down 0"), ("moved", "convolutions", "down 1")])
    assert (still.fillna(0) == 0).all()


def test_film_is_two_numbers_a_channel_and_no_filter(model):
    names = [name for name, _ in model.named_parameters() if ".film." in name]
    blocks = [*model.unet.down, *model.unet.up]
    film = sum(part.numel() for part in model.film_parameters())
    assert film >= 2 * sum(block.convolution.in_channels for block in blocks) and len(names) >= 2 * len(blocks)
    features = torch.randn(1, blocks[1].convolution.in_channels, 3, 3)
    layer = copy.deepcopy(blocks[1].film)
    torch.testing.assert_close(layer(features), features)
    with torch.no_grad():
        layer.scale.fill_(2.0)
        layer.shift.fill_(-1.0)
    torch.testing.assert_close(layer(features), 2 * features - 1)
