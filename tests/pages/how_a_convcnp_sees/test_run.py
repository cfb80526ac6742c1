import dataclasses

import numpy as np
import pytest

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.tiles import reach
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


def test_the_answer_to_a_station_is_that_of_the_change(experiment, model, hour):
    station = int(views.some_stations(experiment, 1, hour)[0])
    given = {"station": station, "hour": hour, "spacing": 40.0}
    small = views.response(experiment, model, change=0.01, **given)
    assert float(np.abs(small["mean"]).max()) > 0
    assert float(small["distance"].min()) < 40
    rings = views.by_distance(small, width=50.0)
    assert (rings["largest"] >= rings["mean"].abs() - 1e-9).all()
    with pytest.raises(InputError, match="change: given 0"):
        views.response(experiment, model, **given, change=0.0)
    with pytest.raises(InputError, match="station"):
        views.response(experiment, model, **given | {"station": int(experiment.stations.held_out[0])}, change=1.0)


def test_gradients_stay_within_the_arithmetic(model):
    measured = views.gradient_by_distance(model)
    assert measured["gradient"].sum() == pytest.approx(1)
    assert measured.loc[measured["nodes"] > reach(model.config), "gradient"].max() == 0
    nodes = views.reaches(model, measured).set_index("what")["nodes"]
    assert nodes["90 % of the gradient"] <= nodes["any gradient"] <= nodes["with pooling and interpolation"]
