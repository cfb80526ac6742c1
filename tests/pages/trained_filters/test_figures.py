"""Figures of trainings show what the tables say."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from sparseobs_book.trained_filters import figures as draw


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def points(axes):
    return [tuple(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "o"]


def test_objectives_one_panel_a_stride_with_the_noise_line():
    rows = [
        {
            "seed": seed,
            "stride": stride,
            "objective": objective,
            "obs_error_std": 2.0,
            "rmse": stride + seed / 10 + shift,
        }
        for seed in (0, 1)
        for stride in (1, 4)
        for shift, objective in enumerate(["forecast", "supervised_analysis"])
    ]
    figure = draw.scores_by_objective(pd.DataFrame(rows))
    full, partial = figure.axes
    assert full.get_title() == "every site observed" and partial.get_title() == "one site in 4 observed"
    assert [label.get_text() for label in full.get_yticklabels()] == ["forecast", "supervised analysis"]
    assert points(full) == [(1.0, 1.1), (2.0, 2.1)] and points(partial) == [(4.0, 4.1), (5.0, 5.1)]
    assert any(list(line.get_xdata()) == [2.0, 2.0] and line.get_linestyle() == ":" for line in full.get_lines())


def test_one_seed_has_no_interval():
    row = {"seed": 0, "stride": 1, "objective": "forecast", "obs_error_std": 1.0, "rmse": 0.5}
    axes = draw.scores_by_objective(pd.DataFrame([row])).axes[0]
    assert points(axes) == [(0.5,)] and not [line for line in axes.get_lines() if line.get_linewidth() == 4]


def test_misfit_and_error_share_an_axis():
    rows = [
        {"objective": name, "step": step, "misfit": 1 / (1 + step), "rmse_observed": 1.0}
        for name in ("analysis", "forecast")
        for step in (0, 10)
    ]
    left, right = draw.misfit_while_training(pd.DataFrame(rows), error_std=1.0).axes
    assert left.get_ylim() == right.get_ylim() and left.get_ylim()[0] == 0
    assert list(left.get_lines()[0].get_ydata()) == [1.0, 1 / 11]


def test_unrolls_by_protocol():
    rows = [
        {"seed": seed, "protocol": protocol, "unroll": unroll, "rmse": unroll + seed}
        for seed in (0, 1)
        for protocol, unrolls in (("no_truth", (1, 4)), ("paper", (4,)))
        for unroll in unrolls
    ]
    axes = draw.scores_by_unroll(pd.DataFrame(rows)).axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["protocol no_truth", "protocol paper"]
    means = [list(line.get_ydata()) for line in axes.get_lines() if not line.get_label().startswith("_")]
    assert means == [[1.5, 4.5], [4.5]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4"]


def test_differences_run_downwards_with_their_intervals():
    table = pd.DataFrame({"variant": ["a", "b"], "difference": [0.1, -0.2], "low": [0.0, -0.5], "high": [0.2, 0.1]})
    axes = draw.differences(table, "variant", "change").axes[0]
    assert axes.get_ylim()[0] > axes.get_ylim()[1] and axes.get_xlabel() == "change"
    assert [path.vertices[:, 0].tolist() for path in axes.collections[0].get_paths()] == [[0.0, 0.2], [-0.5, 0.1]]
