import dataclasses

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP, Points
from sparseobs.neural_process.prediction import predict
from sparseobs.neural_process.tasks import TaskBatch
from sparseobs_book.how_a_convcnp_sees import run as views
from sparseobs_book.temperature.experiment import prepare


@pytest.fixture(scope="module")
def experiment(data):
    from sparseobs_book.temperature.presets import presets

    return prepare(dataclasses.replace(presets("uk_ireland")["smoke"], n_held_out=3, n_validation=3), data)


@pytest.fixture(scope="module")
def model(experiment):
    return ConvCNP(experiment.settings.architecture, seed=1)


@pytest.fixture(scope="module")
def hour(experiment):
    return int(np.isfinite(experiment.network.values.numpy()).sum(1).argmax())


def test_some_stations_are_shown_ones_that_report(experiment, hour):
    chosen = views.some_stations(experiment, 4, hour)
    assert len(set(chosen)) == 4 and set(chosen) <= set(experiment.shown)
    assert np.isfinite(experiment.network.values[hour].numpy()[chosen]).all()
    with pytest.raises(InputError, match="n_stations"):
        views.some_stations(experiment, 99, hour)


def test_rings_average_places_hour_by_hour():
    distance = np.array([5.0, 15.0, 25.0, 65.0])
    answers = np.array([[1.0, 3.0, 7.0, 0.0], [2.0, 4.0, 9.0, 0.0], [6.0, 8.0, 2.0, 0.0]])
    rings = views.by_distance(distance, answers, width=20.0)
    assert rings["distance"].tolist() == [10, 30, 70], "a ring without a place is left out"
    assert rings["mean"].tolist() == [4, 6, 0]
    assert rings["low"].tolist() == [2.5, 4.5, 0] and rings["high"].tolist() == [5, 8, 0], "quartiles of the hours"
    with pytest.raises(InputError, match="answers"):
        views.by_distance(distance[:3], answers)


def with_departures(experiment, model, departures):
    """Return the experiment with what the model expects of its reanalysis, plus these departures (hour, cell)."""
    cells, n = experiment.reanalysis, len(departures)
    cells = dataclasses.replace(cells, values=cells.values[:n], scalars=cells.scalars[:n])
    none = torch.zeros(len(cells.values), 1)
    nothing = Points(cells.coordinates[:1][None], none, none > 0)
    asked = Points(cells.coordinates[None], cells.values, torch.isfinite(cells.values))
    expected, _ = predict(model, TaskBatch(nothing, asked, cells.scalars, cells.grid))
    values = torch.as_tensor(expected + departures, dtype=torch.float32)
    return dataclasses.replace(experiment, reanalysis=dataclasses.replace(cells, values=values))


def test_departures_from_what_is_expected_are_what_correlates(experiment, model):
    stream, shape = np.random.default_rng(0), (300, experiment.reanalysis.values.shape[1])
    everywhere = with_departures(experiment, model, stream.normal(size=(shape[0], 1)))
    np.testing.assert_allclose(views.weather_correlation(everywhere, model)["mean"], 1.0, atol=1e-3)
    alone = views.weather_correlation(with_departures(experiment, model, stream.normal(size=shape)), model)
    assert alone["mean"].abs().max() < 0.1, "no cell is paired with itself"


def test_weights_of_all_stations_sum_to_one_and_each_is_greatest_at_its_own_place(experiment, hour):
    shown = views.some_stations(experiment, 6, hour)
    places = experiment.network.coordinates[torch.as_tensor(shown)]
    hours = np.arange(len(experiment.network.values))
    weights = np.stack([views.kriging_weight(experiment, shown, station, hours, places)[0] for station in shown])
    np.testing.assert_allclose(weights.sum(0), 1.0, atol=1e-6)
    assert (weights.argmax(axis=0) == np.arange(6)).all()
