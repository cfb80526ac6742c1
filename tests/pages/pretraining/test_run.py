"""What the page on pre-training shows: the same cells for every method, and kriging that is kriging."""

import numpy as np
import pytest

from sparseobs.stations.twin_sample import load_sample
from sparseobs_book.pretraining import run as pretraining
from sparseobs_book.temperature.adapted_networks import sample_experiment, stored_models


@pytest.fixture(scope="module")
def model():
    return stored_models()["sim-only"].model


@pytest.fixture(scope="module")
def experiment(model):
    data = load_sample()
    return sample_experiment(data, model, stored_models()["sim-only"].standardisation)


def test_a_task_shows_the_first_cells_of_the_order_and_asks_for_all(experiment):
    _, values, order = pretraining.cells(experiment, seed=2)
    task = pretraining.cells_task(experiment, np.array([4]), 7, seed=2)
    std = experiment.standardisation.std
    np.testing.assert_allclose(std * task.context.values[0].numpy(), values[4, order[:7]], rtol=1e-5)
    assert task.targets.values.shape == (1, len(order)) and task.context.mask.all()


def test_a_completed_hour_keeps_what_it_was_shown(experiment, model):
    """Kriging nearly returns the cells shown; heights are put back as they were taken out."""
    found = pretraining.completed(experiment, model, hour=20, n_cells=30)
    order = pretraining.cells(experiment)[2][:30]
    kriged, field = (found[name].values.ravel()[order] for name in ("kriging", "reanalysis"))
    assert np.abs(kriged - field).mean() < 0.2, "a nugget of a thousandth of the sill"
    assert "kriging" not in pretraining.completed(experiment, model, hour=20, n_cells=0)


def test_the_network_is_behind_kriging_on_its_own_reanalysis(experiment, model):
    """The page's main finding, at the number of cells of its first figure."""
    places, values, order = pretraining.cells(experiment)
    shown = order[:30]
    kriged, _ = pretraining.cell_kriging(experiment).interpolate(places[shown], values[:, shown], places)
    network = pretraining.error_by_cells(experiment, model, (30,))["mae"].iloc[0]
    assert np.abs(kriged - values).mean() < 0.5 * network
