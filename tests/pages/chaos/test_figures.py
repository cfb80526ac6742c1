import numpy as np
import pytest

from sparseobs.figures import style
from sparseobs.scores.intervals import Interval
from sparseobs_book.chaos import figures as draw

pytestmark = pytest.mark.usefixtures("book_style")


def spectra():
    return {
        system: [Interval(1.0 - number, 0.9 - number, 1.1 - number, 3) for number in range(3)] for system in draw.TITLES
    }


def growths():
    times = np.linspace(0, 10, 40)
    pair = np.minimum(1e-6 * np.exp(np.outer(2 * times, [0.8, 1.2])), 5.0)
    return {system: (times, pair, 5.0) for system in draw.TITLES}


def figures():
    random = np.random.default_rng(0)
    return [
        draw.hovmoeller({str(panel): (random.normal(size=(9, 12)), 0.1, "$x_k$") for panel in range(4)}),
        draw.error_growth(growths(), dict.fromkeys(draw.TITLES, 1.7)),
        draw.spectra(spectra()),
    ]


def test_every_figure_draws_with_labelled_axes_inside_its_canvas(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        labelled = bool(figure.get_supxlabel() and figure.get_supylabel())
        for axes in (axes for axes in figure.axes if axes.axison):
            assert axes.has_data() and (labelled or axes.get_xlabel() or axes.get_ylabel())


def test_every_system_has_a_look_of_its_own():
    looks = [style.LOOKS[title] for title in draw.TITLES.values()]
    for each in zip(*looks, strict=True):
        assert len(set(each)) == len(looks)


def test_the_dashed_slope_is_the_exponent_and_stops_where_differences_saturate():
    axes = draw.error_growth(growths(), dict.fromkeys(draw.TITLES, 1.7)).axes[0]
    (slope,) = [line for line in axes.get_lines() if line.get_label() == "leading exponent"]
    times, sizes = slope.get_data()
    assert np.polyfit(times, np.log(sizes), 1)[0] == pytest.approx(1.7)
    assert sizes.max() <= 5.0


def test_time_runs_down_and_zero_is_white():
    figure = draw.hovmoeller({str(panel): (np.ones((9, 12)) * panel, 0.1, "$x_k$") for panel in range(4)})
    image = figure.axes[3].images[0]
    assert figure.axes[0].get_ylim() == pytest.approx((0.9, 0.0))
    assert image.get_clim() == (-3, 3)


def test_the_bar_of_an_exponent_is_its_interval():
    axes = draw.spectra(spectra()).axes[0]
    assert [path.vertices[:, 1].tolist() for path in axes.collections[0].get_paths()][1] == pytest.approx([-0.1, 0.1])
    assert list(axes.get_lines()[-1].get_ydata()) == [1.0, 0.0, -1.0]


def test_a_legend_stands_in_the_panel_that_is_left():
    panels = draw.error_growth(growths(), dict.fromkeys(draw.TITLES, 1.7)).axes
    assert [bool(axes.get_legend()) for axes in panels] == [False, False, False, True] and not panels[-1].axison
