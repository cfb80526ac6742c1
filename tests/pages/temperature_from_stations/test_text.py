"""What the page says of the table `uk_ireland`."""

import pytest

from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.runs.results import read_result
from sparseobs_book.temperature import run as temperature


@pytest.fixture(scope="module")
def table():
    return read_result("uk_ireland").table


@pytest.fixture(scope="module")
def means(table):
    return table.groupby("method")[["mae", "nll", "crps", "coverage"]].mean()


@pytest.mark.parametrize(
    "method, mae",
    [
        ("lapse rate + kriging", 0.603),
        ("Sim2Real", 0.614),
        ("sim-only", 0.617),
        ("real-only", 0.833),
        (temperature.ENSEMBLE, 0.602),
    ],
)
def test_mean_absolute_errors_that_the_text_gives(means, method, mae):
    assert round(means.loc[method, "mae"], 3) == mae


def test_networks_are_between_those_numbers_and_ahead_of_the_interpolation(means):
    assert means.loc[["sim-only", "Sim2Real", "Sim2Real (FiLM)"], "mae"].between(0.6135, 0.6175).all()
    rivals = means.loc[temperature.INTERPOLATION, ["mae", "nll"]]
    assert (means.loc["Sim2Real", ["mae", "nll"]] < rivals).all()
    assert means["mae"].idxmin() == temperature.ENSEMBLE


def test_sim_only_is_overconfident_and_adapting_mends_it(means):
    assert round(means.loc["sim-only", "coverage"], 2) == 0.77 and round(means.loc["Sim2Real", "coverage"], 2) == 0.87
    assert means.loc["Sim2Real", "nll"] < means.loc["sim-only", "nll"]


def test_the_luck_of_the_stations_is_larger_than_that_of_the_training(table):
    splits = table.groupby(["method", "split_seed"])["mae"]
    between, within = splits.mean().groupby("method").std(), splits.var().groupby("method").mean() ** 0.5
    for method in ADAPTATIONS:
        assert between[method] ** 2 - within[method] ** 2 / 2 > within[method] ** 2
    assert round(between["Sim2Real"], 2) == 0.07 and round(within["Sim2Real"], 2) == 0.02
