import numpy as np
import pandas as pd
import pytest

from sparseobs_book.heights import figures, summary
from sparseobs_book.heights.ground import Section
from sparseobs_book.heights.run import CLASSICAL, METHODS

pytestmark = pytest.mark.usefixtures("book_style")


def drawn(ax):
    return [line for line in ax.lines if line.get_markersize() > 5 and line.get_marker() not in ("", "None")]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_every_network_has_two_symbols_and_a_classical_method_one(heights_table, seeds):
    figure = figures.errors(summary.most_hours(heights_table(seeds)), "mae", "MAE (K)")
    for ax in figure.axes:
        assert len(drawn(ax)) == 2 * len(METHODS) - len(CLASSICAL)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(METHODS)
    hollow = [line for line in drawn(figure.axes[0]) if line.get_markerfacecolor() == "white"]
    assert len(hollow) == len(METHODS) - len(CLASSICAL)
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()


def test_every_gap_has_its_interval_and_the_prediction_is_on_the_ordinary_panel(heights_table):
    found = summary.verdicts(heights_table(), "mae")
    found = found[found["method"].isin(summary.NETWORKS)]
    figure = figures.gaps(found, "difference (K)")
    ordinary, value = figure.axes
    assert len(drawn(ordinary)) == len(drawn(value)) == len(found) / 2
    assert len(ordinary.patches) == 1 and not value.patches
    names = [label.get_text() for label in ordinary.get_yticklabels()]
    assert "FiLM, 10,000 h" in names and len(names) == 6
    ends = [line.get_xdata() for line in ordinary.lines if len(line.get_xdata()) == 2 and line not in drawn(ordinary)]
    assert any(np.allclose(end, [-0.17 * 1.05 - 0.02, -0.17 * 1.05 + 0.02]) for end in ends)


def test_a_line_in_height_has_the_slope_of_the_readings():
    height = np.linspace(0, 2, 30)
    readings = 10 - 4 * height
    readings[3] = np.nan
    figure = figures.lines_in_height(height, readings, 6.5, np.array([2, 14]), np.array([3.0, 8.0]))
    left, right = figure.axes
    own, fixed = left.lines[1:]
    assert np.diff(own.get_ydata()) == pytest.approx(-8) and np.diff(fixed.get_ydata()) == pytest.approx(-13)
    assert right.lines[0].get_ydata().tolist() == [3, 8]


def test_a_cut_shows_both_grounds_and_the_stations():
    cut = Section(np.linspace(7, 9, 5), np.array([100, 900, 300, 1200, 200.0]), np.full(5, 500.0))
    (ax,) = figures.cut_through(cut, {"low": (8.0, 250.0), "high": (8.5, 1250.0)}).axes
    assert [text.get_text() for text in ax.texts] == ["low", "high"]
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 1250


def test_every_curve_of_shares_is_named():
    shares = pd.DataFrame({name: np.linspace(0, 1, 4) for name in figures.WAYS}, index=[12.0, 24, 60, 190])
    figure = figures.gain_curves(shares)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(figures.WAYS)
    assert figure.axes[0].xaxis_inverted()
