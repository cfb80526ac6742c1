import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import filtering as draw
from sparseobs.figures import style


@pytest.fixture(autouse=True)
def book_style():
    with plt.rc_context():
        style.use()
        yield
    plt.close("all")


def figures():
    random = np.random.default_rng(0)
    truth, mask = random.normal(size=(20, 40)), random.random((20, 40)) < 0.25
    table = pd.DataFrame({"method": ["AmEnF", "LETKF"] * 3, "rmse": random.random(6), "spread": random.random(6)})
    return [
        draw.error_over_time({"AmEnF": np.ones(20), "LETKF": np.ones(20)}, 5, error_std=1.0),
        draw.truth_and_observations(truth, truth * mask, mask),
        draw.loss_curve(np.geomspace(10, 2, 60)),
        draw.snapshot(truth[0], truth[0], mask[0], {"AmEnF": truth[0] + 0.1}),
        draw.error_and_spread(table[:2]),
        draw.repeated_scores(table),
    ]


def test_every_figure_draws_with_labelled_axes_inside_its_canvas(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert axes.get_xlabel() or axes.get_ylabel()
        for axes in figure.axes[:1]:
            assert axes.has_data()


def test_diverged_runs_are_counted_not_hidden():
    table = pd.DataFrame({"method": ["LETKF"] * 4, "rmse": [0.8, 0.7, np.nan, 0.9]})
    whole, _ = draw.repeated_scores(table).axes
    assert "0.800   1 of 4 runs diverged" in [text.get_text() for text in whole.texts]


def test_no_two_methods_of_one_figure_look_alike():
    assert (
        len({(look.color, look.linestyle) for look in (style.LOOKS[m] for m in ("AmEnF", "LETKF", "climatology"))}) == 3
    )
    assert len({look.linestyle for look in (style.LOOKS[m] for m in ("AmEnF", "LETKF", "observations"))}) == 3
