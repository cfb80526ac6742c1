import numpy as np
import pandas as pd
import pytest

from sparseobs_book.adaptation_grid import figures as adaptation

pytestmark = pytest.mark.usefixtures("book_style")


def test_every_score_lies_in_its_panels_frame():
    errors = {"sim-only": 9.0, "real-only": 2.0, "Sim2Real": 1.0}
    rows = [
        {"seed": seed, "n_stations": n_stations, "n_times": n_times, "method": method, "nll": error * (1 + 0.1 * seed)}
        for seed in (0, 1)
        for n_stations in (20, 500)
        for n_times in (16, 80)
        for method, error in errors.items()
    ]
    figure = adaptation.scores_by_hours(pd.DataFrame(rows), "nll", "NLL (nats)")
    assert [ax.get_title() for ax in figure.axes] == ["20 stations", "500 stations"]
    for ax in figure.axes:
        low, high = ax.get_ylim()
        assert ax.get_yscale() == "log" and low < 1.0 and high > 9.9
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["16", "80"]


def test_a_ring_marks_the_epoch_that_is_kept():
    epochs = np.arange(4)
    curve = pd.DataFrame({"epoch": epochs, "validation_nll": [3.0, 1.0, 2.0, 2.5]})
    figure = adaptation.losses_by_epoch({"Sim2Real": curve, "sim-only": curve[:1]}, {"Sim2Real": 1, "sim-only": 0})
    (ring,) = (line for line in figure.axes[0].lines if line.get_marker() == "o" and line.get_ms() > 8)
    assert (ring.get_xdata().tolist(), ring.get_ydata().tolist()) == ([1], [1.0])
    assert {text.get_text() for text in figure.legends[0].get_texts()} == {"Sim2Real", "sim-only"}


@pytest.mark.parametrize("along, values", [("n_times", (16, 80)), ("lengthening", (1, 3))])
def test_the_gain_is_drawn_along_hours_or_steps_with_the_pooled_interval_and_the_seeds(along, values):
    rows = [
        {"seed": seed, "n_stations": 20, along: value, "method": method, "mae_gap": gap + seed / 10}
        | {"mae_low": gap - 1, "mae_high": gap + 0.5}
        for seed in (0, 1)
        for value in values
        for method, gap in (("Sim2Real", 0.0), ("sim-only", -0.3))
    ]
    (ax,) = adaptation.gain(pd.DataFrame(rows), "difference (K)", along).axes
    assert ax.get_xlabel() == adaptation.HORIZONTAL[along]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [str(value) for value in values]
    (bars,) = ax.collections
    assert [tuple(segment[:, 1]) for segment in bars.get_segments()] == [(-1.3, 0.2)] * 2
    pooled, seeds = ax.lines[1:]
    assert pooled.get_ydata() == pytest.approx([-0.25] * 2)
    assert sorted(seeds.get_ydata()) == pytest.approx([-0.3, -0.3, -0.2, -0.2])


def test_no_symbol_lies_outside_its_panel():
    methods = ("Sim2Real", "lapse rate + IDW", "sim-only", "real-only", "frozen high frequencies")
    rows = [
        {"seed": 0, "n_stations": 20, "method": method, "n_times": hours, "lengthening": hours}
        for hours in (16, 10000)
        for method in methods
    ]
    table = pd.DataFrame(rows).assign(mae_gap=0.0, mae_low=-0.1, mae_high=0.1)
    for along, other in (("n_times", "lengthening"), ("lengthening", "n_times")):
        (ax,) = adaptation.gain(table.drop(columns=other), "difference (K)", along).axes
        low, high = ax.get_xlim()
        drawn = np.concatenate([line.get_xdata() for line in ax.lines[1:]])
        assert low < drawn.min() and drawn.max() < high


def test_a_panel_has_the_steps_that_were_run_with_its_stations():
    rows = [
        {"seed": 0, "n_stations": n_stations, "lengthening": steps, "method": method}
        for n_stations, lengths in ((100, (1, 3)), (500, (1, 3, 9)))
        for steps in lengths
        for method in ("Sim2Real", "sim-only")
    ]
    table = pd.DataFrame(rows).assign(mae_gap=0.0, mae_low=-0.1, mae_high=0.1)
    few, many = adaptation.gain(table, "difference (K)", "lengthening").axes
    assert len(few.get_xticks()) == 2 and len(many.get_xticks()) == 3
