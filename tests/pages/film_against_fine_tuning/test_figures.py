import math

import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import style
from sparseobs_book.film_against_fine_tuning import figures as laboratory

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


def test_responses_have_an_axis_each():
    profiles = pd.DataFrame({"method": "sim-only", "distance": 2 * [0.0, 5.0], "response": [2.0, 1.0, 0.2, 0.1]})
    figure = laboratory.responses(profiles.assign(case=2 * ["alone"] + 2 * ["among all others"]))
    tops = [axes.get_ylim()[1] for axes in figure.axes]
    assert tops[0] >= 2 and tops[1] < 0.5
