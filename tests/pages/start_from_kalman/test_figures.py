import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs_book.start_from_kalman import figures as draw
from sparseobs_book.start_from_kalman.run import Learned

pytestmark = pytest.mark.usefixtures("book_style")


def by_lag():
    """Two shares, two lags, three truths; one run diverged."""
    rows = [
        {"lag": lag, "reduction": share, "truth": truth, "rmse": 1 + lag + share + 0.1 * truth}
        for lag in (0, 3)
        for share in (0.5, 0.65)
        for truth in range(3)
    ]
    table = pd.DataFrame(rows)
    table.loc[0, "rmse"] = np.nan
    return table


def by_shift():
    return pd.DataFrame({"shift": [0.0, 0.0, 0.6, 0.6], "truth": [0, 1] * 2, "rmse": [0.6, 0.7, 0.5, 0.6]})


def exchange():
    curves = {"AmEnS": np.ones((30, 2)), "AmEnS, no way back": np.arange(60.0).reshape(30, 2)}
    return draw.error_and_lag(curves, curves, exchanged=10, start=5)


def test_every_figure_draws_with_labelled_axes(tmp_path):
    profile = np.exp(-(np.arange(-20, 20) ** 2) / 9)
    figures = [
        draw.errors_by_lag({"one": by_lag(), "other": by_lag()}, 3.6),
        draw.then_and_now({0: profile, 5: np.roll(profile, -3)}, {0: 0.0, 5: -3.0}, by_shift()),
        exchange(),
    ]
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png")
        assert all(axes.has_data() for axes in figure.axes)
        assert any(axes.get_xlabel() for axes in figure.axes) and any(axes.get_ylabel() for axes in figure.axes)


def test_diverged_runs_are_left_out_of_the_mean():
    panel = draw.errors_by_lag({"one": by_lag()}, 3.6).axes[0]
    lines = {line.get_label(): line.get_ydata() for line in panel.get_lines()}
    assert lines["fixed-lag smoother, half the gain"] == pytest.approx([1.65, 4.6])
    assert lines["fixed-lag smoother"] == pytest.approx([1.75, 4.75])


def test_cycles_are_counted_from_the_exchange():
    line = next(line for line in exchange().axes[0].get_lines() if line.get_label() == "AmEnS, no way back")
    assert line.get_xdata()[0] == -5 and line.get_xdata()[-1] == 19
    assert line.get_ydata()[0] == 10.5, "a mean over truths"


def test_a_frame_of_the_trainings_shows_its_own_step(monkeypatch):
    drawn, original = [], draw.legend_above
    monkeypatch.setattr(draw, "legend_above", lambda figure, *given: drawn.append(figure) or original(figure, *given))
    errors = {"AmEnS": [0.6, 0.5], "AmEnF": [3.6, 2.0]}
    analyses = {"AmEnS": torch.zeros(2, 40), "AmEnF": torch.tensor([[1.0], [2.0]]).expand(2, 40)}
    found = draw.moving_training(Learned([0, 10], errors, analyses, torch.zeros(40)), 3.6)
    assert "After 10 steps, analysis RMSE: AmEnS 0.50; AmEnF 2.00" in found.frames["1"]["says"] and found.start == (1,)
    first, last = (figure.axes[1].lines[-1].get_ydata() for figure in drawn)
    assert first[0] == 1 and last[0] == 2
    assert len({figure.axes[1].get_ylim() for figure in drawn}) == 1
