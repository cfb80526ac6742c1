"""What the page on pre-training shows: the same cells for every method, and kriging that is kriging."""

import copy

import numpy as np
import pytest

from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.pretraining import run as pretraining
from sparseobs_book.temperature import exam
from sparseobs_book.temperature.adapted_networks import sample_experiment, stored_models


@pytest.fixture(scope="module")
def model():
    return stored_models()["sim-only"].model


@pytest.fixture(scope="module")
def experiment(model):
    data = load_sample()
    return sample_experiment(data, model, stored_models()["sim-only"].standardisation)


def test_a_task_shows_the_first_cells_of_the_order_and_asks_for_all(experiment):
    _, values, order = exam.cells(experiment, seed=2)
    task = exam.cells_task(experiment, np.array([4]), 7, seed=2)
    std = experiment.standardisation.std
    np.testing.assert_allclose(std * task.context.values[0].numpy(), values[4, order[:7]], rtol=1e-5)
    assert task.targets.values.shape == (1, len(order)) and task.context.mask.all()


def test_a_completed_hour_keeps_what_it_was_shown(experiment, model):
    """Kriging nearly returns the cells shown; heights are put back as they were taken out."""
    found = pretraining.completed(experiment, model, hour=20, n_cells=30)
    order = exam.cells(experiment)[2][:30]
    kriged, field = (found[name].values.ravel()[order] for name in ("kriging", "reanalysis"))
    assert np.abs(kriged - field).mean() < 0.2, "a nugget of a thousandth of the sill"
    assert "kriging" not in pretraining.completed(experiment, model, hour=20, n_cells=0)


def test_without_wide_set_convolutions_the_network_loses_what_lies_far(experiment, model):
    """What the page breaks: the first eight of the U-Net's inputs are density and data at four scales."""

    def hide(unet, given):
        image = given[0].clone()
        image[:, 2 : 2 * len(model.config.scales)] = 0.0
        return image, *given[1:]

    narrow = copy.deepcopy(model)
    narrow.unet.register_forward_pre_hook(hide)
    whole, cut = (exam.error_by_cells(experiment, part, (30,))["mae"].iloc[0] for part in (model, narrow))
    assert cut > 1.5 * whole


def test_land_lies_in_the_south_and_sea_in_the_north(experiment):
    land = pretraining.cell_land(experiment)
    latitude = exam.cells(experiment)[0].latitude
    assert land.shape == latitude.shape and land[latitude < 52].min() > 0.9
    assert land[latitude > 54.2].mean() < 0.6
