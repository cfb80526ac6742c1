import numpy as np
import pandas as pd
import pytest

from sparseobs_book.sparse_world import figures as draw

MASK = np.arange(40) % 8 == 0


pytestmark = pytest.mark.usefixtures("book_style")


def sweep():
    """Two movements, three strides, four truths; LETKF lost two truths at stride 8, fixed."""
    rows = [
        {"method": method, "movement": movement, "stride": stride, "truth": truth, "rmse": stride + 0.1 * truth}
        for method in ("AmEnF", "LETKF")
        for movement in ("fixed", "random")
        for stride in (1, 4, 8)
        for truth in range(4)
    ]
    table = pd.DataFrame(rows)
    table.loc[(table["method"] == "LETKF") & (table["stride"] == 8) & (table["truth"] > 1), "rmse"] = np.nan
    return table


def figures():
    wave = np.sin(np.arange(40))
    two = {"AmEnF": np.linspace(1, 3, 40), "LETKF": np.linspace(1, 2, 40)}
    return [
        draw.fillings(wave, MASK, {"zeros": np.where(MASK, wave, 0)[None], "forecasts": wave + np.ones((3, 1))}),
        draw.errors_by_stride(sweep(), 3.6),
        draw.errors_around_the_ring(two, MASK),
    ]


def test_every_figure_draws_with_labelled_axes(tmp_path):
    for number, figure in enumerate(figures()):
        figure.savefig(tmp_path / f"{number}.png")
        assert all(axes.has_data() and (axes.get_xlabel() or axes.get_title()) for axes in figure.axes)


def test_diverged_runs_are_left_out_of_the_mean():
    panel = draw.errors_by_stride(sweep(), 3.6).axes[0]
    letkf = next(line for line in panel.get_lines() if line.get_label() == "LETKF")
    assert letkf.get_ydata() == pytest.approx([1.15, 4.15, 8.05])


def test_only_unobserved_sites_are_drawn_as_filled():
    panel = draw.fillings(np.zeros(40), MASK, {"zeros": np.zeros((2, 40))}).axes[0]
    by_label = {line.get_label(): set(line.get_xdata()) for line in panel.get_lines()}
    assert by_label["observed"] == set(np.flatnonzero(MASK))
    assert by_label["filled in, a member each"] == set(np.flatnonzero(~MASK))
