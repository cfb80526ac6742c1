"""Figures of the page on 4D-Var say what they were given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sparseobs_book.fit_a_trajectory import figures as draw


def test_the_site_drawn_has_a_circle_for_each_of_its_observations():
    truth = np.arange(12.0).reshape(4, 3)
    mask = np.array([[True, False, True], [False, True, False], [True, False, False]])
    figure = draw.trajectory(truth, truth + 3, truth - 1, truth[1:] + 0.5, mask, site=0)
    upper, lower = figure.axes
    circles = next(line for line in upper.lines if line.get_label() == "observations")
    assert circles.get_xydata().tolist() == [[0.1, 3.5], [0.30000000000000004, 9.5]]
    assert [line.get_ydata().tolist() for line in lower.lines] == [[3.0] * 4, [1.0] * 4]
    plt.close(figure)


def test_a_method_without_members_is_a_level_line():
    rows = [(1, "4D-Var", 1, 1.0), (1, "LETKF", 5, 1.2), (1, "LETKF", 10, 0.8)]
    table = pd.DataFrame(rows, columns=["obs_error_std", "method", "ensemble_size", "rmse"])
    figure = draw.compared(table.assign(low=table["rmse"] - 0.1, high=table["rmse"] + 0.1), 3.6)
    level = next(line for line in figure.axes[0].lines if line.get_label() == "4D-Var")
    assert set(level.get_ydata()) == {1.0}
    assert figure.axes[0].get_xticks().tolist() == [5, 10]
    plt.close(figure)


def test_every_truth_has_a_line_and_a_cross():
    figure = draw.grown([5.0, 7.0, 9.0], {1: [0.5, 0.6, 0.7], 2: [1.0, 1.1, 1.2]})
    crosses = next(line for line in figure.axes[0].lines if line.get_label() == "whole window at once")
    assert crosses.get_xydata().tolist() == [[2, 5], [2, 7], [2, 9]]
    assert sum(len(line.get_xdata()) == 2 and line.get_linestyle() == "--" for line in figure.axes[0].lines) >= 3
    plt.close(figure)
