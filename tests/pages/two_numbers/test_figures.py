import numpy as np
import pytest

from sparseobs_book.two_numbers import figures as draw
from sparseobs_book.two_numbers.run import covariance_of

pytestmark = pytest.mark.usefixtures("book_style")
PRIOR = np.array([20.0, 1.0]), covariance_of((4, 1), 0.8)
POSTERIOR = np.array([22.4, 1.96]), covariance_of((0.8, 0.5), 0.5)


def figures():
    variances = np.ones((6, 2))
    return [
        draw.plane(PRIOR, POSTERIOR, 23.0, 1.0),
        draw.ahead({0: POSTERIOR, 1: PRIOR}),
        draw.settling(variances, 2 * variances, 3),
    ]


def test_every_figure_draws_with_units_on_its_axes(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert "(" in axes.get_ylabel() and axes.has_data()
        assert "(" in figure.axes[-1].get_xlabel()


@pytest.mark.parametrize("deviations", [1, 2])
def test_an_ellipse_is_a_line_of_equal_density(deviations):
    mean, covariance = PRIOR
    away = draw.ellipse(mean, covariance, deviations).T - mean
    np.testing.assert_allclose(np.sum(away @ np.linalg.inv(covariance) * away, axis=1), deviations**2)


def test_prior_and_posterior_are_told_apart_without_colour():
    lines = draw.plane(PRIOR, POSTERIOR, 23.0, 1.0).axes[0].get_lines()
    named = {line.get_label(): line.get_linestyle() for line in lines if not line.get_label().startswith("_")}
    assert len(named) == 3 == len(set(named.values()))


def test_the_moving_figure_says_what_the_formula_says_and_opens_where_it_is_told():
    shown = draw.moving_plane([20, 1], [4, 1], 0.8, 23, 1)
    (values,) = shown.sliders.values()
    said = dict(zip(values, (frame["says"] for frame in shown.frames.values()), strict=True))
    assert values[shown.start[0]] == "0.8"
    assert said["0.8"] == "Analysis: 22.40 km, give or take 0.89; 1.96 km/h, give or take 0.70."
    assert said["0"] == "Analysis: 22.40 km, give or take 0.89; 1.00 km/h, give or take 1.00."
    assert len({frame["png"] for frame in shown.frames.values()}) == len(values)
