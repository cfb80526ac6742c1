import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sparseobs.figures import style
from sparseobs_book.adaptation_grid import figures as adaptation


@pytest.fixture(autouse=True)
def book_style():
    with plt.rc_context():
        style.use()
        yield
    plt.close("all")


def table() -> pd.DataFrame:
    rows = [
        {"seed": seed, "n_stations": n_stations, "n_times": n_times, "method": method, "mae": error + 0.01 * seed}
        for seed in (0, 1)
        for n_stations in (20, 500)
        for n_times in (16, 80)
        for method, error in (("sim-only", 9.0), ("real-only", 2.0), ("Sim2Real", 1.0 + n_times / 1000))
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_the_frame_is_shared_and_holds_every_method_but_the_untouched(logarithmic):
    figure = adaptation.scores_by_hours(table(), "mae", "MAE (°C)", logarithmic=logarithmic)
    assert [ax.get_title() for ax in figure.axes] == ["20 stations", "500 stations"]
    low, high = figure.axes[0].get_ylim()
    assert figure.axes[1].get_ylim() == (low, high)
    assert low < 1.016 and 2.01 < high < 9


def test_the_winner_of_a_cell_and_the_next_are_named():
    figure = adaptation.winners(table(), "mae")
    assert [text.get_text() for text in figure.axes[0].texts][0] == "Sim2Real\n1.02 (next 2.00)"


def test_returns_have_a_panel_a_number_and_a_place_a_step():
    steps = pd.DataFrame(
        {"method": method, "more": more, "start": start, "end": 5 * start, "change": change}
        for method, change in (("sim-only", 0.0), ("Sim2Real", -0.4))
        for more, starts in (("stations", (20,)), ("hours", (16, 80)))
        for start in starts
    ).assign(least=-0.6, greatest=0.1)
    figure = adaptation.returns(steps, "change (K)")
    assert [ax.get_title() for ax in figure.axes] == ["more stations", "more hours"]
    labels = [[tick.get_text() for tick in ax.get_xticklabels()] for ax in figure.axes]
    assert labels == [["20\nto 100"], ["16\nto 80", "80\nto 400"]]
    bars = figure.axes[1].collections
    assert [len(bar.get_segments()) for bar in bars] == [2, 2]
    assert {tuple(segment[:, 1]) for bar in bars for segment in bar.get_segments()} == {(-0.6, 0.1)}


def test_a_ring_marks_the_epoch_that_is_kept():
    epochs = np.arange(4)
    curve = pd.DataFrame({"epoch": epochs, "validation_nll": [3.0, 1.0, 2.0, 2.5]})
    figure = adaptation.losses_by_epoch({"Sim2Real": curve, "sim-only": curve[:1]}, {"Sim2Real": 1, "sim-only": 0})
    (ring,) = (line for line in figure.axes[0].lines if line.get_marker() == "o" and line.get_ms() > 8)
    assert (ring.get_xdata().tolist(), ring.get_ydata().tolist()) == ([1], [1.0])
    assert {text.get_text() for text in figure.axes[0].get_legend().get_texts()} == {"Sim2Real", "sim-only"}


@pytest.mark.parametrize("along, values", [("n_times", (16, 80)), ("lengthening", (1, 3))])
def test_the_gain_is_drawn_along_hours_or_steps_with_every_interval(along, values):
    rows = [
        {"seed": 0, "n_stations": 20, along: value, "method": method, "mae_gap": gap, "mae_low": -1.0, "mae_high": 0.5}
        for value in values
        for method, gap in (("Sim2Real", 0.0), ("sim-only", -0.3))
    ]
    (ax,) = adaptation.gain(pd.DataFrame(rows), "mae", "difference (K)", along).axes
    assert ax.get_xlabel() == adaptation.HORIZONTAL[along]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [str(value) for value in values]
    (bars,) = ax.collections
    assert [tuple(segment[:, 1]) for segment in bars.get_segments()] == [(-1.0, 0.5)] * 2
