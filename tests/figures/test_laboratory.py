import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import laboratory, style


@pytest.fixture(autouse=True)
def book_style():
    with plt.rc_context():
        style.use()
        yield
    plt.close("all")


def rows(**columns):
    table = [
        {"gap": gap, "length_scale": scale, "noise_variance": 0.05, "n_tasks": n_tasks, "method": method}
        for gap in ("growing", "shrinking")
        for scale in (0.1, 0.5)
        for method in ("Sim2Real", "Sim2Real (FiLM)")
        for n_tasks in (16.0, 256.0, math.inf)
    ]
    return pd.DataFrame(table).assign(mean=0.1, low=0.05, high=0.2, **columns)


def test_the_exact_prediction_is_drawn_in_every_panel():
    x = np.linspace(-2, 2, 9)
    band = (np.sin(x), np.ones(9))
    figure = laboratory.one_task(x, {"exact GP": band, "sim-only": band, "Sim2Real": band}, ([0.0], [1.0]))
    labels = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in figure.axes]
    assert labels == [["sim-only", "exact GP"], ["Sim2Real", "exact GP"]]


def test_lead_has_a_panel_a_gap_and_unlimited_comes_last():
    leads = rows().query("method == 'Sim2Real'")
    figure = laboratory.film_lead(leads, {"growing": "grow", "shrinking": "shrink"})
    assert [axes.get_title() for axes in figure.axes] == ["grow", "shrink"]
    for axes in figure.axes:
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["16", "256", "∞"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["length scale 0.1", "length scale 0.5"]


def test_gaps_begin_at_zero_and_show_the_untouched_network_as_a_level():
    before = rows().query("n_tasks == 16 and method == 'Sim2Real'").assign(n_tasks=0.0, method="sim-only", mean=0.7)
    figure = laboratory.gaps_to_exact(pd.concat([before, rows()]), "growing")
    assert [axes.get_title() for axes in figure.axes] == ["length scale 0.1", "length scale 0.5"]
    for axes in figure.axes:
        assert axes.get_ylim()[0] == 0
        assert axes.lines[0].get_ydata()[0] == 0.7
        assert "16" == axes.get_xticklabels()[0].get_text()
