import numpy as np
import pytest

from sparseobs.figures import style
from sparseobs_book.own_filter import figures as draw
from sparseobs_book.own_filter.run import Followed

BLOWN_UP = np.where(np.arange(30) < 12, [[5.0], [1.0]], np.nan)


pytestmark = pytest.mark.usefixtures("book_style")


def figures():
    random = np.random.default_rng(0)
    runs = {"LETKF": np.ones((2, 30)), "LETKF, no localization": BLOWN_UP}
    site = Followed(random.normal(size=9), random.normal(size=(9, 4)), np.full(9, np.nan))
    return [
        draw.followed(site),
        draw.gains(random.normal(size=40), random.normal(size=(5, 40)), 20),
        draw.errors(runs, 3.6),
        draw.errors_and_spreads(runs, 7.0),
    ]


def test_every_figure_draws_with_labelled_axes(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert axes.get_ylabel() and axes.has_data()


def test_a_filter_that_blew_up_is_marked_where_it_was_last_seen():
    for axes, value in zip(figures()[3].axes, (5.0, 1.0), strict=True):
        (mark,) = [line for line in axes.get_lines() if line.get_marker() == "X"]
        assert mark.get_xdata() == pytest.approx([1.2]) and mark.get_ydata() == pytest.approx([value])


def test_one_that_blew_up_at_once_is_a_figure_too():
    draw.errors({"EnKF, bare": np.full((2, 5), np.nan)}, 3.6).canvas.draw()


def test_filters_of_the_ladder_are_told_apart_without_colour():
    looks = [style.LOOKS[name] for name in ("EnKF, bare", "EnKF, inflation alone", "EnKF", "LETKF")]
    assert len({(look.linestyle, look.color) for look in looks}) == len(looks)
    assert len({look.linestyle for look in looks[:3]}) == 3
