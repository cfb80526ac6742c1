import math

import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import style
from sparseobs_book.gp_laboratory import figures as laboratory

pytestmark = pytest.mark.usefixtures("book_style")


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
    labels = [[line.get_label() for line in axes.lines if line.get_label()[0] != "_"] for axes in figure.axes]
    assert labels == [["sim-only", "exact GP"], ["Sim2Real", "exact GP"]]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(named) == ["Sim2Real", "exact GP", "sim-only"]


def test_realities_look_like_no_method():
    colors = {look.color for look in style.LOOKS.values()}
    assert not colors & {look.color for look in laboratory.REALITIES}
    assert len({look.marker for look in laboratory.REALITIES}) == len(laboratory.REALITIES)


def test_lead_has_a_panel_a_gap_and_unlimited_comes_last():
    leads = rows().query("method == 'Sim2Real'")
    figure = laboratory.film_lead(leads, {"growing": "grow", "shrinking": "shrink"})
    assert [axes.get_title() for axes in figure.axes] == ["grow", "shrink"]
    for axes in figure.axes:
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["16", "256", "∞"]
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0.1", "0.5"]
        assert axes.get_legend().get_title().get_text() == "length scale"


def test_realities_of_the_noise_are_told_by_their_noise():
    leads = rows(gap="noise").query("method == 'Sim2Real'")
    leads["noise_variance"] = leads["length_scale"]
    [axes] = laboratory.film_lead(leads, {"noise": "noise"}).axes
    assert axes.get_legend().get_title().get_text() == "noise variance"


def test_gaps_show_sim_only_as_a_level():
    before = rows().query("n_tasks == 16 and method == 'Sim2Real'").assign(n_tasks=0.0, method="sim-only", mean=0.7)
    figure = laboratory.gaps_to_exact(pd.concat([before, rows()]), "growing")
    assert [axes.get_title() for axes in figure.axes] == ["length scale 0.1", "length scale 0.5"]
    for axes in figure.axes:
        assert axes.get_yscale() == "log"
        assert axes.lines[0].get_ydata()[0] == 0.7
        assert "16" == axes.get_xticklabels()[0].get_text()


def test_rates_have_a_ring_round_the_best_of_each_method():
    tries = pd.DataFrame(
        {"gap": "growing", "length_scale": 0.5, "noise_variance": 0.05, "method": method, "learning_rate": rate}
        | {"validation_loglik": -abs(math.log(rate / best))}
        for method, best in (("Sim2Real", 1e-3), ("Sim2Real (FiLM)", 1e-1))
        for rate in (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    )
    [axes] = laboratory.rates_tried(tries, "growing").axes
    rings = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert rings == [1e-3, 1e-1] and axes.get_xscale() == "log"


def test_realities_stand_at_most_two_side_by_side():
    noises = [rows(gap="noise").query("length_scale == 0.1").assign(noise_variance=one) for one in (1, 2, 3, 4)]
    figure = laboratory.gaps_to_exact(pd.concat(noises), "noise")
    assert [axes.get_title() for axes in figure.axes] == [f"noise variance {one}" for one in (1, 2, 3, 4)]
    assert figure.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)
    three = laboratory.gaps_to_exact(pd.concat(noises[:3]), "noise")
    assert len(three.axes) == 3 and three.axes[0].get_subplotspec().get_gridspec().get_geometry() == (2, 2)
