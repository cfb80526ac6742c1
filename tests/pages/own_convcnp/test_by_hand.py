"""What the page writes out in torch, beside the package and beside what holds whatever the readings."""

import ast
import math
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from sparseobs.neural_process.set_conv import grid_to_points, points_to_grid
from sparseobs_book.own_convcnp import run as line

PAGE = Path(__file__).parents[3] / "notebooks" / "own_convcnp.py"
SETTINGS = line.OwnConvCNP(n_channels=4)
NODES, SPACING = SETTINGS.nodes, 1 / SETTINGS.nodes_per_unit


@pytest.fixture(scope="module")
def page():
    """The functions of the page, as a reader would have them."""
    tree = ast.parse(PAGE.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {
        "torch": torch,
        "nn": nn,
        "math": math,
        "pairwise": pairwise,
        "nodes": NODES,
        "spacing": SPACING,
        "page": SETTINGS,
    }
    body = [node for node in tree.body if not node.decorator_list]
    exec(compile(ast.Module(body, []), "the page", "exec"), names)
    return type("Page", (), {name: staticmethod(each) for name, each in names.items() if callable(each)})


def readings(n_tasks=3, n=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(n_tasks, n, generator=generator) - 1
    return x, torch.randn(n_tasks, n, generator=generator)


def on_plane(x):
    return torch.stack([torch.zeros_like(x), x], dim=-1)


AXES = {"y": torch.zeros(1), "x": NODES, "length_scale": SPACING}


@pytest.mark.parametrize("n", [0, 1, 40])
def test_the_set_convolution_is_the_packages(page, n):
    x, y = readings(n=n)
    theirs = points_to_grid(on_plane(x), y, torch.ones_like(x) > 0, **AXES)[:, :, 0]
    torch.testing.assert_close(page.set_convolution(x, y), theirs)


def test_the_way_back_is_the_packages_and_keeps_a_constant(page):
    x, features = readings()[0], torch.randn(3, 5, len(NODES), generator=torch.Generator().manual_seed(1))
    theirs = grid_to_points(features[:, :, None], on_plane(x), **AXES)
    torch.testing.assert_close(page.read_out(features, x), theirs)
    torch.testing.assert_close(page.read_out(torch.full_like(features, 3.0), x), torch.full((3, 5, 7), 3.0))


def test_predictions_know_no_order_and_move_with_the_readings(page):
    network, (x, y) = page.convolutions(), readings(n=6)
    targets = torch.tensor([[-0.2, 0.1, 0.3]]).expand(3, -1)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    with torch.no_grad():
        plain = page.predict(network, x, y, targets)
        mixed = page.predict(network, x[:, order], y[:, order], targets)
        moved = page.predict(network, x + 4 * SPACING, y, targets + 4 * SPACING)
    torch.testing.assert_close(mixed, plain)
    torch.testing.assert_close(moved, plain, atol=1e-4, rtol=1e-4)
    assert (plain[1] > 0).all()


def test_the_loss_is_the_gaussian_density(page):
    mean, y = readings()
    std = 0.1 + mean.abs()
    torch.testing.assert_close(page.nll(mean, std, y), -torch.distributions.Normal(mean, std).log_prob(y))


def test_without_density_a_reading_of_zero_is_no_reading(page):
    zero, none = torch.zeros(1, 1), torch.zeros(1, 0)
    assert (page.signal_alone(zero, zero) == page.signal_alone(none, none)).all()
    assert (page.set_convolution(zero, zero) != page.set_convolution(none, none)).any()


def test_inverse_distance_returns_a_reading_at_its_place(page):
    x, y = readings()
    torch.testing.assert_close(page.by_distance(x, y, x), y, atol=0.02, rtol=0.02)
    between = page.by_distance(torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 4.0]]), torch.tensor([[0.5]]))
    torch.testing.assert_close(between, torch.tensor([[3.0]]))
