"""Curves, the exact prediction of them, and predictions from the first so many readings."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.laboratory import GaussianProcess
from sparseobs.randomness import torch_stream
from sparseobs_book.own_convcnp import figures
from sparseobs_book.own_convcnp import run as line

PROCESS = GaussianProcess(0.4, noise_variance=0.04)


@pytest.fixture
def curve():
    return line.draw_one_curve(PROCESS, 20, torch_stream(0, "a curve"))


@pytest.mark.parametrize(
    "wrong", [{"length_scale": 3}, {"obs_error_std": 0}, {"nodes_per_unit": 2}, {"n_steps": 0}, {"seed": -1}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        line.OwnConvCNP(**wrong)


def test_nodes_hold_the_interval_and_its_margin():
    nodes = line.OwnConvCNP(nodes_per_unit=4).nodes
    assert (nodes[0], nodes[-1]) == (-2.5, 2.5) and torch.allclose(nodes.diff(), torch.tensor(0.25))


def test_readings_of_curves_have_the_variance_of_both():
    x, y = line.draw_curves(PROCESS, 2000, 10, torch_stream(0, "curves"))
    assert y.var().item() == pytest.approx(1.04, abs=0.05) and x.abs().max() <= 2
    near = (x[:, :1] - x[:, 1:2]).abs() < 0.05
    first, second = y[:, :1][near], y[:, 1:2][near]
    assert ((first - second).square().mean() / 2).item() == pytest.approx(0.04, abs=0.02)


def test_the_exact_prediction_without_readings_and_at_a_hundred_of_them():
    none = torch.zeros(1, 0)
    mean, std = line.exact(PROCESS)(none, none, torch.zeros(1, 1))
    assert (mean.item(), std.item()) == pytest.approx((0, 1.04**0.5))
    many = torch.zeros(1, 100)
    mean, std = line.exact(PROCESS)(many, many + 0.7, torch.zeros(1, 1))
    assert (mean.item(), std.item()) == pytest.approx((0.7, 0.2), abs=2e-3)


def test_a_curve_is_one_curve_its_readings_lie_about_it(curve):
    off = curve.y.numpy() - np.interp(curve.x, curve.at, curve.truth)
    assert 0.1 < off.std() < 0.35


def test_the_first_readings_are_shown_and_nothing_else_changes(curve):
    methods = {"exact GP": line.exact(PROCESS)}
    three, again = (line.with_readings(curve, 3, methods) for _ in range(2))
    assert (three.x == curve.x[:3].numpy()).all() and (three.y == curve.y[:3].numpy()).all()
    for one, other in zip(three.predictions["exact GP"], again.predictions["exact GP"], strict=True):
        assert isinstance(one, np.ndarray) and (one == other).all() and one.shape == three.at.shape
    more = line.with_readings(curve, 20, methods)
    assert (more.predictions["exact GP"][1] <= three.predictions["exact GP"][1] + 1e-5).all()
    for wrong in (-1, 21, 2.5):
        with pytest.raises(InputError, match="n_readings"):
            line.with_readings(curve, wrong, methods)


def test_figures_show_what_they_are_given(curve):
    methods = {"ConvCNP (this page)": line.exact(PROCESS), "exact GP": line.exact(PROCESS)}
    figure = figures.few_readings([line.with_readings(curve, n, methods) for n in (0, 2)])
    assert [len(ax.lines[-1].get_xdata()) for ax in figure.axes] == [0, 2]
    assert all(len(ax.collections) == 1 for ax in figure.axes)
    alone = figures.few_readings([line.with_readings(curve, 2, {"exact GP": line.exact(PROCESS)})])
    assert len(alone.axes[0].collections) == 1
    channels = figures.two_channels([0.0, 1.0], np.array([[1.0, 2.0], [3.0, 4.0]]), ([0.5], [0.1]))
    assert list(channels.axes[1].lines[0].get_ydata()) == [3, 4]
    std = figures.std_by_value([0.0, 1.0], {"exact GP": [0.2, 0.2]})
    assert std.axes[0].get_ylim()[0] == 0
    plt.close("all")


def test_the_moving_figure_says_errors_and_standard_deviations_of_its_frame(curve):
    frames = {n: line.with_readings(curve, n, {"exact GP": line.exact(PROCESS)}) for n in (0, 20)}
    found = figures.moving_readings(frames, 20)
    mean, std = frames[20].predictions["exact GP"]
    said = f"absolute error {np.abs(mean - frames[20].truth).mean():.2f}, standard deviation {std.mean():.2f}"
    assert found.start == (1,) and said in found.frames["1"]["says"] != found.frames["0"]["says"]
