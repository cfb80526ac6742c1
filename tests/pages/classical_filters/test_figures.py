import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import style
from sparseobs_book.classical_filters import figures as draw
from sparseobs_book.classical_filters import run as classical

pytestmark = pytest.mark.usefixtures("book_style")


def gain():
    rows = [
        {"obs_error_std": noise, "ensemble_size": size, "rmse": 1.0, "no inflation": 1.5, "no localization": 3.0}
        for noise in (1.0, 2.5)
        for size in (5, 10)
    ]
    table = pd.DataFrame(rows)
    table.loc[1, "no localization"] = np.nan
    return table


def tried():
    rows = [
        {"inflation": inflation, "radius": radius, "rmse": inflation * radius / 2, "n_diverged": 0, "n_runs": 2}
        for inflation in (1.0, 1.1)
        for radius in (1.0, 4.0)
    ]
    table = pd.DataFrame(rows)
    table.loc[3, "n_diverged"] = 2
    return table


def curves():
    lost = np.where(np.arange(30) < 12, 2.0, np.nan)
    return {"LETKF": np.full(30, 0.8), "LETKF, no localization": lost}


def figures():
    random = np.random.default_rng(0)
    correlation = random.uniform(-1, 1, (5, 40))
    return [
        draw.tuning_gain(gain(), 3.6),
        draw.influence(correlation[0], correlation[1:4], np.ones(40)),
        draw.heat_map(tried(), (1.1, 1.0), 3.6),
        draw.error_and_spread(curves(), curves(), 5.0),
    ]


def test_every_figure_draws_with_labelled_axes_inside_its_canvas(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert axes.get_xlabel() or axes.get_ylabel() or figure.get_supylabel()
            assert axes.has_data()


def test_cells_that_diverged_show_how_many_runs_and_no_error():
    texts = [text.get_text() for text in draw.heat_map(tried(), (1.1, 1.0), 3.6).axes[0].texts]
    assert texts == ["0.50", "2.00", "0.55", "2/2"]


def test_a_size_at_which_nothing_survived_says_so():
    panels = draw.tuning_gain(gain(), 3.6).axes
    assert [[text.get_text() for text in axes.texts] for axes in panels] == [["none"], []]


def test_a_filter_that_diverged_is_marked_where_it_was_last_seen():
    axes = draw.error_and_spread(curves(), curves(), 5.0).axes[0]
    (mark,) = [line for line in axes.get_lines() if line.get_marker() == "X"]
    assert mark.get_xdata() == pytest.approx([1.2]) and mark.get_ydata() == pytest.approx([2.0])


def test_nothing_survived_is_a_figure_too():
    lost = tried().assign(n_diverged=2, rmse=np.nan)
    assert {text.get_text() for text in draw.heat_map(lost, (1.1, 1.0), 3.6).axes[0].texts} == {"2/2"}
    nowhere = {"LETKF": np.full(30, np.nan)}
    draw.error_and_spread(nowhere, nowhere, 5.0).canvas.draw()


def test_filters_of_one_figure_are_told_apart_without_colour():
    looks = [style.LOOKS[method] for method in draw.KINDS]
    assert len({look.linestyle for look in looks}) == len({look.marker for look in looks}) == len(looks)


def test_a_colour_of_the_map_means_the_same_at_every_noise_and_ensemble_size():
    rows = [
        tried().assign(rmse=lambda table, s=scale: table["rmse"] * s, obs_error_std=noise, ensemble_size=size)
        for size, noise, scale in ((5, 1.0, 1.0), (10, 1.0, 0.5), (5, 2.5, 2.0), (10, 2.5, 1.5))
    ]
    stored = pd.concat(rows).assign(rotation=False, n_cycles=100)
    turned = stored.assign(rotation=True, rmse=0.01)
    found = draw.moving_heat_map(pd.concat([stored, turned]), 3.6)
    assert len(found.frames) == 4 and found.frames["0,0"]["says"] != found.frames["1,0"]["says"]
    assert "5 members, noise 1: RMSE 0.50" in found.frames["0,0"]["says"], "settings that rotate are left out"
    assert "25%" in found.frames["0,0"]["says"]
    ends = [draw.heat_map(tried(), (1.1, 1.0), 3.6, least).axes[0].images[0].get_clim() for least in (None, 0.2)]
    assert ends == [(0.5, 3.6), (0.2, 3.6)]


def test_the_influence_has_one_axis_for_all_frames_and_opens_without_localization(monkeypatch):
    monkeypatch.setattr(draw, "SIZES", (5,))
    monkeypatch.setattr(draw, "RADII", ())
    drawn, original = [], draw.influence
    monkeypatch.setattr(draw, "influence", lambda *given: drawn.append(original(*given)) or drawn[-1])
    many = classical.forecast_ensemble(100, 0.5, 0)
    found = draw.moving_influence(many, 20, 1.0, (10, draw.NOWHERE), 4.0)
    assert list(found.sliders.values()) == [["5", "10"], ["4", "none"]] and found.start == (1, 1)
    assert len({figure.axes[0].get_ylim() for figure in drawn}) == 1
    weights = [figure.axes[1].lines[0].get_ydata() for figure in drawn]
    assert weights[0][0] == 0 and np.all(weights[1] == 1), "cut off at radius 4, everywhere one without"
