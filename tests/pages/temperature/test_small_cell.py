"""The small cell of the page on the grid of stations by hours keeps the grid's rules."""

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.training import mean_loss
from sparseobs.stations.splits import cycle_numbers
from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.temperature.adapted_networks import stored_models
from sparseobs_book.temperature.scores import judge
from sparseobs_book.temperature.small_cell import (
    MOST_SMALL_HOURS,
    losses_of_one_step,
    small_cell,
    small_hours,
    small_scores,
)
from sparseobs_book.temperature.verdicts import FILM


@pytest.fixture(scope="module")
def sample():
    return load_sample(), stored_models()["sim-only"]


def test_small_hours_are_nested_and_parts_are_days_apart(sample):
    times = sample[0].stations["time"].values
    few, many = (small_hours(times, n_times=n_times, seed=3) for n_times in (10, MOST_SMALL_HOURS))
    cycles = {part: set(cycle_numbers(times)[positions]) for part, positions in vars(many).items()}
    assert not cycles["train"] & cycles["test"] | cycles["train"] & cycles["validation"]
    assert not cycles["validation"] & cycles["test"]
    assert set(few.train) < set(many.train) and set(few.validation) < set(many.validation)
    assert np.array_equal(few.test, many.test)
    assert (len(few.train), len(few.validation), len(many.train) + len(many.validation)) == (8, 2, 33)
    assert not np.array_equal(few.train, small_hours(times, n_times=10, seed=4).train)


@pytest.mark.parametrize("name, number", [("n_times", 34), ("n_times", 4), ("n_stations", 4), ("n_epochs", 0)])
def test_a_small_cell_refuses_what_it_does_not_hold(sample, name, number):
    sizes = {"n_stations": 20, "n_times": 10, "n_epochs": 1, "seed": 0} | {name: number}
    with pytest.raises(InputError, match=name):
        small_cell(*sample, **sizes)


def test_a_small_cell_judges_all_methods_alike_and_leaves_the_network_as_it_is(sample):
    cell = small_cell(*sample, n_stations=10, n_times=5, n_epochs=1, seed=0)
    before = {name: part.clone() for name, part in sample[1].model.state_dict().items()}
    methods = ("sim-only", FILM)
    scores, models = small_scores(cell, sample[1], methods)
    assert tuple(scores.index) == tuple(models) == methods and scores["n"].nunique() == 1
    assert np.isfinite(scores[["mae", "nll", "nll_offset"]].to_numpy(dtype=float)).all()
    assert scores["mae"].tolist() == pytest.approx([judge(cell, model).mae for model in models.values()])
    after = sample[1].model.state_dict()
    assert all((after[name] == part).all() for name, part in before.items())


def test_one_step_begins_at_the_stored_network_and_is_the_first_of_an_adaptation(sample):
    cell = small_cell(*sample, n_stations=10, n_times=5, n_epochs=1, seed=0)
    before, after = losses_of_one_step(cell, sample[1])
    stations = cell.stations.train, cell.stations.validation
    asked = cell.network.given(*map(torch.as_tensor, (cell.hours.validation, *stations)))
    assert before == pytest.approx(mean_loss(sample[1].model, [asked]))
    assert np.isfinite(after) and after != before
