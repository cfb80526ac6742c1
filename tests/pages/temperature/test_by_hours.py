import numpy as np
import pandas as pd
import pytest

from sparseobs_book.temperature import figures as adaptation

pytestmark = pytest.mark.usefixtures("book_style")


def scores() -> pd.DataFrame:
    errors = {"sim-only": 9.0, "real-only": 2.0, "Sim2Real": 1.0}
    rows = [
        {"seed": seed, "n_stations": n_stations, "n_times": n_times, "method": method, "nll": error * (1 + 0.1 * seed)}
        for seed in (0, 1)
        for n_stations in (20, 500)
        for n_times in (16, 80)
        for method, error in errors.items()
    ]
    return pd.DataFrame(rows)


def test_every_score_lies_in_its_panels_frame():
    figure = adaptation.scores_by_hours(scores(), "nll", "NLL (nats)")
    assert [ax.get_title() for ax in figure.axes] == ["20 stations", "500 stations"]
    for ax in figure.axes:
        low, high = ax.get_ylim()
        assert ax.get_yscale() == "log" and low < 1.0 and high > 9.9
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["16", "80"]


def test_a_band_reaches_between_its_edges_in_each_panel_and_is_named_once():
    band = pd.DataFrame({20: [12.0, 0.5], 500: [3.0, 4.0]}, index=["upper", "lower"])
    figure = adaptation.scores_by_hours(scores(), "nll", "NLL (nats)", band)
    for ax, edges in zip(figure.axes, ((0.5, 12.0), (3.0, 4.0)), strict=True):
        (drawn,) = ax.patches
        assert (drawn.get_y(), drawn.get_y() + drawn.get_height()) == edges
        assert ax.get_ylim()[0] <= edges[0] and edges[1] <= ax.get_ylim()[1]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names.count("headroom") == 1 and set(names) == {"headroom", "sim-only", "real-only", "Sim2Real"}


def test_the_gain_is_drawn_with_the_pooled_interval_and_the_seeds():
    rows = [
        {"seed": seed, "n_stations": 20, "n_times": hours, "method": method, "mae_gap": gap + seed / 10}
        | {"mae_low": gap - 1, "mae_high": gap + 0.5}
        for seed in (0, 1)
        for hours in (16, 80)
        for method, gap in (("Sim2Real", 0.0), ("sim-only", -0.3))
    ]
    (ax,) = adaptation.gain(pd.DataFrame(rows), "difference (K)").axes
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["16", "80"]
    (bars,) = ax.collections
    assert [tuple(segment[:, 1]) for segment in bars.get_segments()] == [(-1.3, 0.2)] * 2
    pooled, seeds = ax.lines[1:]
    assert pooled.get_ydata() == pytest.approx([-0.25] * 2)
    assert sorted(seeds.get_ydata()) == pytest.approx([-0.3, -0.3, -0.2, -0.2])


def test_no_symbol_lies_outside_its_panel():
    methods = ("Sim2Real", "lapse rate + IDW", "sim-only", "real-only", "frozen high frequencies")
    rows = [
        {"seed": 0, "n_stations": 20, "method": method, "n_times": hours} for hours in (16, 10000) for method in methods
    ]
    table = pd.DataFrame(rows).assign(mae_gap=0.0, mae_low=-0.1, mae_high=0.1)
    (ax,) = adaptation.gain(table, "difference (K)").axes
    low, high = ax.get_xlim()
    drawn = np.concatenate([line.get_xdata() for line in ax.lines[1:]])
    assert low < drawn.min() and drawn.max() < high
