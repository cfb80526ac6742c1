import numpy as np
import pandas as pd
import pytest

from sparseobs_book.why_it_works import figures as draw

pytestmark = pytest.mark.usefixtures("book_style")


def terms():
    names = list(draw.TERM_COLOURS)
    rows = [
        {"estimate": estimate, "term": name, "mean": mean, "low": mean - 0.1, "high": mean + 0.1}
        for estimate in ("forecast", "analysis")
        for name, mean in zip(names, (0.8, 1.0, -0.7, 1.1), strict=True)
    ]
    return pd.DataFrame(rows)


def by_objective(**columns):
    return pd.concat([pd.DataFrame({"objective": name, **columns}) for name in ("forecast", "analysis")])


def crosses():
    rows = [
        {"instrument": instrument, "term": target, "mean": -0.1, "low": -0.2, "high": 0.1}
        for instrument in ("moving", "standing")
        for target in ("next cycle", "two cycles on")
    ]
    return pd.DataFrame(rows)


def figures():
    growth = {case: np.full((6, 3), 0.1) for case in draw.CASE_LOOKS}
    lengths = {case: np.ones((5, 3)) for case in draw.CASE_LOOKS}
    errors = pd.DataFrame({"lead": [0, 0.1, 0.2], "rmse": [0.8, 0.9, 1.1]})
    return [
        draw.bars(terms(), "estimate"),
        draw.pulled(by_objective(weight=[0, 0.5, 1], supervised=[0.5, 0.4, 1], self_supervised=[1.5, 1.3, 1])),
        draw.stability(growth, lengths, 0.1),
        draw.error_growth(errors, 1.7),
        draw.bars(crosses(), "instrument"),
    ]


def test_every_figure_draws_with_labelled_axes_inside_its_canvas(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert (axes.get_xlabel() or axes.get_title()) and axes.has_data()


def test_bars_are_the_means_with_their_intervals():
    forecast, _ = draw.bars(terms(), "estimate").axes
    assert [bar.get_width() for bar in forecast.patches] == pytest.approx([0.8, 1.0, -0.7, 1.1])
    ends = [line.get_xdata() for line in forecast.lines[:4]]
    assert ends[2] == pytest.approx([-0.8, -0.6])
    assert [text.get_text() for text in forecast.texts] == ["+0.800", "+1.000", "-0.700", "+1.100"]


def test_the_lowest_point_of_each_curve_is_ringed():
    table = by_objective(weight=[0, 0.5, 1], supervised=[0.5, 0.4, 1], self_supervised=[1.5, 1.3, 1])
    forecast, _ = draw.pulled(table).axes
    rings = [line.get_xydata()[0] for line in forecast.lines if line.get_markersize() == 12]
    assert np.array(rings) == pytest.approx(np.array([[1, 0], [0.5, 0.4]]))


def test_growth_starts_at_one_and_adds_up():
    growth = {case: np.full((6, 3), 0.1) for case in draw.CASE_LOOKS}
    lengths = {case: np.geomspace(5, 50, 4)[:, None].repeat(3, 1) for case in draw.CASE_LOOKS}
    forwards, backwards = draw.stability(growth, lengths, 0.2).axes
    assert forwards.lines[0].get_ydata()[[0, -1]] == pytest.approx([1, np.exp(0.6)])
    assert forwards.lines[0].get_xdata()[-1] == pytest.approx(1.2)
    assert backwards.lines[0].get_ydata()[[0, -1]] == pytest.approx([1, 10])
    assert len({line.get_linestyle() + line.get_color() for line in forwards.lines}) == 3
