import numpy as np
import pandas as pd
import pytest

from sparseobs_book.unknown_instrument import figures as unknown

pytestmark = pytest.mark.usefixtures("book_style")


def grid_table():
    rows = [
        {"method": method, "n_channels": channels, "channel_error_std": noise, "seed": seed, "rmse_known": 1.0 + seed}
        for method in ("AmEnF", "AmEnF + instrument", "EnKF", "EnKF, weights known", "EnKF, weights regressed")
        for noise, channels in ((0.3, 10), (0.3, 40), (30.0, 10))
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows).assign(rmse_between=2.0)


def test_every_figure_draws_with_labelled_axes(tmp_path):
    random = np.random.default_rng(0)
    mask = np.zeros((8, 40), bool)
    mask[::2, ::4] = True
    weights = random.normal(size=(10, 40))
    figures = [
        unknown.two_instruments(random.normal(size=(8, 40)), mask, random.normal(size=(8, 10))),
        unknown.two_maps({"true": weights, "learned": 2 * weights}),
        unknown.worth(grid_table(), {"rmse_known": "known", "rmse_between": "between"}),
    ]
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png")
        assert all(axes.has_data() for axes in figure.axes[:2])
    assert [axes.get_xlabel() for axes in figures[0].axes[:2]] == ["site $k$", "channel"]


def test_each_instrument_is_drawn_at_its_own_cycles():
    mask = np.zeros((4, 8), bool)
    mask[::2, 0] = True
    known, channels = unknown.two_instruments(np.ones((4, 8)), mask, np.ones((4, 3))).axes[:2]
    shown = [axes.images[0].get_array().mask for axes in (known, channels)]
    assert (shown[0] == ~mask).all()
    assert shown[1].all(1).tolist() == [True, False, True, False]


def test_every_seed_and_the_mean_are_drawn():
    figure = unknown.worth(grid_table(), {"rmse_known": "known", "rmse_between": "between"})
    drawn = [line.get_xdata() for line in figure.axes[0].get_lines()]
    assert [list(np.atleast_1d(one)) for one in drawn[:2]] == [[1.0, 2.0], [1.5]]
    assert len(figure.axes) == 6
