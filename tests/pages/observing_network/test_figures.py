"""The figure of the page on observing networks says what it was given."""

import matplotlib.pyplot as plt
import pandas as pd

from sparseobs_book.observing_network import figures as draw


def test_every_truth_has_a_mark_and_lost_ones_are_counted():
    good = pd.DataFrame({"crps": [0.3, 0.4, 0.5], "lost": [False] * 3})
    bad = pd.DataFrame({"crps": [1.3, 1.4, 1.5], "lost": [True, True, False]})
    figure = draw.crps_by_network({"one": good, "two": bad}, {"one": "LETKF", "two": "AmEnS"})
    (axes,) = figure.axes
    marks = [line.get_xdata().tolist() for line in axes.lines if len(line.get_xdata()) == 3]
    assert marks == [[0.3, 0.4, 0.5], [1.3, 1.4, 1.5]]
    assert [text.get_text() for text in axes.texts] == ["0.40", "1.40, 2 lost"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one\nLETKF", "two\nAmEnS"]
    assert axes.get_xlim()[1] > 1.5
    plt.close(figure)
