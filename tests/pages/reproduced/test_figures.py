import pytest

from sparseobs.figures import style
from sparseobs_book.reproduced import figures, filters, temperature

pytestmark = pytest.mark.usefixtures("book_style")


def test_every_published_number_is_a_circle_and_every_interval_is_inside_its_panel():
    both = filters.beside_published()
    figure = figures.published_and_ours(both)
    figure.draw_without_rendering()
    assert figure.get_tightbbox().width <= style.FULL_WIDTH
    for axes, (_, rows) in zip(figure.axes, both.groupby(["system", "obs_error_std"], sort=False), strict=True):
        hollow = [line for line in axes.get_lines() if line.get_markerfacecolor() == "none"]
        assert sorted(y for line in hollow for y in line.get_ydata()) == sorted(rows["published"])
        low, high = axes.get_ylim()
        assert low < rows["low"].min() and rows["high"].max() < high


@pytest.mark.parametrize("score, panels", [("both", 2), ("nll", 1)])
def test_every_comparison_has_its_row_and_no_interval_is_cut(score, panels):
    rows = temperature.Shown(score).of(temperature.compared())
    figure = figures.leads(rows, temperature.PUBLISHED_LEAD, temperature.UNITS)
    figure.draw_without_rendering()
    assert len(figure.axes) == panels and figure.get_tightbbox().width <= style.FULL_WIDTH
    for axes, name in zip(figure.axes, dict.fromkeys(rows["score"]), strict=True):
        own = rows[rows["score"] == name]
        assert [label.get_text() for label in axes.get_yticklabels()] == list(own["name"])
        low, high = axes.get_xlim()
        assert low < own["low"].min() and own["high"].max() < high
