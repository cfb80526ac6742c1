import numpy as np
import pytest

from sparseobs_book.one_number import figures as draw
from sparseobs_book.one_number.run import curves

pytestmark = pytest.mark.usefixtures("book_style")


def figures():
    random = np.random.default_rng(0)
    line, cloud = random.normal(size=20), random.normal(size=(50, 2))
    told = np.geomspace(0.1, 10, 5)
    return [
        draw.bayes(curves(12, 4, 15, 1)),
        draw.filter_in_time(line, line + 1, line, np.ones(20)),
        draw.told(told, (told, told), (told, told), 1.0),
        draw.bent_prior(cloud, cloud[:9], [0, 0], np.eye(2), 1.0),
    ]


def test_every_figure_draws_with_units_on_its_axes(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert "(" in axes.get_ylabel() and axes.has_data()


def test_the_ellipse_holds_two_standard_deviations():
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    axes = draw.bent_prior(np.zeros((3, 2)), np.zeros((1, 2)), [1.0, -2.0], covariance, 0.0).axes[0]
    (ellipse,) = [line for line in axes.get_lines() if line.get_label().startswith("Kalman")]
    away = ellipse.get_xydata() - [1.0, -2.0]
    np.testing.assert_allclose(np.sum(away @ np.linalg.inv(covariance) * away, axis=1), 4)


def test_curves_are_told_apart_without_colour():
    lines = draw.bayes(curves(12, 4, 15, 1)).axes[0].get_lines()
    assert len({line.get_linestyle() for line in lines}) == len(lines) == 3
