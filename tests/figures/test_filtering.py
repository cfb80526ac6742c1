import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.figures import filter_scores as compared
from sparseobs.figures import filtering as draw
from sparseobs.figures import style

pytestmark = pytest.mark.usefixtures("book_style")


def grid_table():
    """Two noises, two sizes, three seeds; every large LETKF run at noise 2.5 diverged, and one small one at noise 1."""
    rows = [
        {"method": method, "obs_error_std": noise, "ensemble_size": size, "seed": seed, "rmse": noise + 0.1 * seed}
        for method in ("AmEnF", "LETKF", "LETKF, authors' tuning")
        for noise in (1.0, 2.5)
        for size in (5, 20)
        for seed in range(3)
    ]
    table = pd.DataFrame(rows)
    letkf = table["method"] == "LETKF"
    table.loc[letkf & (table["obs_error_std"] == 2.5) & (table["ensemble_size"] == 20), "rmse"] = np.nan
    table.loc[letkf & (table["obs_error_std"] == 1) & (table["ensemble_size"] == 5) & (table["seed"] == 2), "rmse"] = (
        np.nan
    )
    return table


def two_systems():
    """The same for two systems, with a method that carries a single state."""
    single = grid_table().query("method == 'LETKF'").assign(method="4D-Var", ensemble_size=1, rmse=1.2)
    whole = pd.concat([grid_table(), single]).assign(spread=0.5)
    whole.loc[whole["method"] == "4D-Var", "spread"] = np.nan
    return pd.concat([whole.assign(system="lorenz96"), whole.assign(system="vissio_lucarini", rmse=0.2)])


def figures():
    random = np.random.default_rng(0)
    truth, mask = random.normal(size=(20, 40)), random.random((20, 40)) < 0.25
    table = pd.DataFrame({"method": ["AmEnF", "LETKF"] * 3, "rmse": random.random(6), "spread": random.random(6)})
    return [
        draw.error_over_time({"AmEnF": np.ones(20), "LETKF": np.ones(20)}, 5, error_std=1.0),
        draw.error_over_time({"AmEnF": np.ones(20), "LETKF": np.ones(20)}, outage=(10, 5)),
        draw.error_over_time({"AmEnF": np.ones(20), "AmEnF, dropout off": np.geomspace(1, 1e-7, 20)}, log=True),
        draw.truth_and_observations(truth, truth * mask, mask),
        draw.loss_curve(np.geomspace(10, 2, 60)),
        draw.error_and_spread(table[:2]),
        draw.repeated_scores(table),
        compared.scores_by_ensemble_size(grid_table()),
        compared.scores_by_ensemble_size(two_systems(), log=True),
        compared.spread_against_error(two_systems()),
    ]


def test_every_figure_draws_with_labelled_axes_inside_its_canvas(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        for axes in figure.axes:
            assert axes.get_xlabel() or axes.get_ylabel()
        for axes in figure.axes[:1]:
            assert axes.has_data()
        assert figure.get_tightbbox().width <= style.FULL_WIDTH


def test_the_near_panel_holds_the_intervals_of_the_best_two():
    table = pd.DataFrame({"method": np.repeat(["AmEnF", "LETKF", "climatology"], 3)})
    table["rmse"] = [0.8, 0.9, 1.0, 0.7, 0.9, 1.1, 3.6, 3.6, 3.6]
    _, near = draw.repeated_scores(table).axes
    drawn = [line.get_xdata() for line in near.get_lines() if line.get_linewidth() == 5][:2]
    low, high = near.get_xlim()
    assert low < min(map(min, drawn)) and max(map(max, drawn)) < high < 3


def test_a_legend_too_wide_for_the_page_takes_fewer_columns():
    figure, axes = plt.subplots(figsize=(style.FULL_WIDTH, 3))
    for number in range(3):
        axes.plot([0, 1], label=f"a rather long name of a method, {number}")
    style.legend_above(figure, 3)
    (legend,) = figure.legends
    assert legend.get_window_extent().width <= figure.bbox.width


def test_what_was_not_observed_is_grey_and_not_the_white_of_zero():
    mask = np.eye(4, dtype=bool)
    image = draw.truth_and_observations(np.ones((4, 4)), np.ones((4, 4)), mask).axes[1].get_images()[0]
    colours = image.to_rgba(image.get_array())
    assert len(set(colours[0, 1][:3])) == 1 and 0.5 < colours[0, 1][0] < 0.95
    assert image.cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.05)


def test_diverged_runs_are_counted_not_hidden():
    table = pd.DataFrame({"method": ["LETKF"] * 4, "rmse": [0.8, 0.7, np.nan, 0.9]})
    whole, _ = draw.repeated_scores(table).axes
    assert "0.800, 1 of 4 diverged" in [text.get_text() for text in whole.texts]


def test_diverged_runs_are_counted_at_every_ensemble_size():
    panels = compared.scores_by_ensemble_size(grid_table()).axes
    crosses = [[len(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "x"] for axes in panels]
    assert [sorted(filter(None, counts)) for counts in crosses] == [[1], [3]]
    assert "a run that diverged" in [line.get_label() for line in panels[0].get_lines()]
    letkf = panels[0].get_lines()[[line.get_label() for line in panels[0].get_lines()].index("LETKF")]
    assert letkf.get_ydata() == pytest.approx([1.05, 1.1])


def test_a_panel_a_system_and_noise_and_a_line_for_a_single_state():
    panels = compared.scores_by_ensemble_size(two_systems()).axes
    assert [axes.get_title() for axes in panels] == [
        f"{system}\nnoise {noise}" for system in ("Lorenz-96", "Vissio-Lucarini") for noise in ("1", "2.5")
    ]
    single = [line for line in panels[0].get_lines() if line.get_label() == "4D-Var"]
    assert [list(line.get_ydata()) for line in single] == [[1.2, 1.2]]


def test_no_two_methods_of_one_figure_look_alike():
    assert (
        len({(look.color, look.linestyle) for look in (style.LOOKS[m] for m in ("AmEnF", "LETKF", "climatology"))}) == 3
    )
    assert len({look.linestyle for look in (style.LOOKS[m] for m in ("AmEnF", "LETKF", "observations"))}) == 3


def test_no_two_filters_side_by_side_look_alike():
    methods = ("AmEnF", "LETKF", "LETKF, authors' tuning", "iEnKS", "4D-Var", "climatology")
    looks = [style.LOOKS[method] for method in methods]
    assert len({look.color for look in looks}) == len({look.linestyle for look in looks}) == len(methods)


@pytest.mark.parametrize("counts, shares", [([4, 2, 4], [0.4, 0.2, 0.4]), ([1, 3], [0.25, 0.75])])
def test_rank_histograms_show_shares(counts, shares):
    panel = draw.rank_histograms({"LETKF": torch.tensor(counts), "LETKF, no inflation": np.array([2, 2])}).axes[0]
    assert [bar.get_height() for bar in panel.patches] == pytest.approx(shares)


def test_rank_histograms_of_no_filter_are_a_figure_too():
    figure = draw.rank_histograms({})
    assert figure.get_supxlabel() == "no filter that kept its states finite"
    figure.canvas.draw()


def test_rank_histograms_of_three_filters_leave_no_empty_panel():
    counts = dict.fromkeys(("AmEnF", "AmEnF, likelihood", "LETKF"), [3, 3, 4])
    figure = draw.rank_histograms(counts)
    assert [axes.get_title() for axes in figure.axes] == list(counts)
    assert all(axes.has_data() for axes in figure.axes)


def test_only_observed_sites_are_marked():
    mask = np.zeros((4, 6), bool)
    mask[1, 2] = mask[3, 5] = True
    (marks,) = draw.observed_sites({"one": mask, "other": mask}).axes[0].get_lines()
    assert sorted(zip(*marks.get_data(), strict=True)) == [(2, 1), (5, 3)]
