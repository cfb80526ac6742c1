"""What the page says of the stored spectra."""

import pytest

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.chaos import lyapunov


@pytest.fixture(scope="module")
def table():
    return read_result("lyapunov").table


def test_a_third_of_lorenz96_grows_and_a_quarter_to_a_third_of_those_shown(table):
    growing = lyapunov.summary(table)["positive"] / table.groupby("system")["number"].max()
    assert growing["lorenz96"] == pytest.approx(1 / 3, abs=0.02)
    assert growing.between(0.22, 0.34).all()


def test_doubling_takes_two_looks_at_a_site_that_are_four_cycles_apart(table):
    leading = table[table["number"] == 1].groupby("system")["exponent"].mean()
    assert 0.69315 / leading["lorenz96"] / 0.1 == pytest.approx(4.1, abs=0.05)
    assert leading["kuramoto_sivashinsky"] < leading.drop("kuramoto_sivashinsky").min() / 10


def test_dappers_exponent_of_kuramoto_sivashinsky(table):
    ours = table.query("system == 'kuramoto_sivashinsky' and number == 1")["exponent"]
    assert repeat_interval(ours).low > 0.08, "theirs lies outside our interval"
    assert round(ours.std(), 3) == 0.004
    _, n_trajectories, duration, _ = lyapunov.MEASURED["kuramoto_sivashinsky"]
    assert n_trajectories * duration == 1600, "time units of a repeat"


def test_extremes_of_the_stored_lorenz96_are_near_dappers(table):
    part = table[table["system"] == "lorenz96"].groupby("number")["exponent"].mean()
    assert part.max() == pytest.approx(1.66, abs=0.06) and part.min() == pytest.approx(-4.87, abs=0.2)
