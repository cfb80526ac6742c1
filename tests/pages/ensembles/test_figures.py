import numpy as np
import pytest

from sparseobs_book.ensembles import figures as draw

pytestmark = pytest.mark.usefixtures("book_style")


def figures():
    random = np.random.default_rng(0)
    case = (random.normal(size=(20, 5)), random.normal(size=20), random.normal(size=20), random.random(20) < 0.25)
    return [
        draw.members_at_a_site({"noise 1": case, "noise 2.5": case}),
    ]


def test_every_figure_draws_with_labelled_axes(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        assert all(axes.has_data() and (axes.get_title() or axes.get_ylabel()) for axes in figure.axes)


def test_only_cycles_that_saw_the_site_carry_an_observation():
    mask = np.array([True, False, False, True])
    panel = draw.members_at_a_site({"noise 1": (np.zeros((4, 2)), np.zeros(4), np.arange(4), mask)}).axes[0]
    seen = next(line for line in panel.get_lines() if line.get_label() == "observations")
    assert seen.get_ydata().tolist() == [0, 3]
