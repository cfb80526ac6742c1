"""Networks of the twin that begin with kriging: untrained they are it, and they learn nothing from what is judged."""

import dataclasses

import numpy as np
import pytest
import torch

from sparseobs.interpolation.optimal_interpolation import available
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.prediction import predict_stations
from sparseobs_book.temperature import from_kriging
from sparseobs_book.temperature import station_adaptation as grid
from sparseobs_book.temperature.adapted_networks import keep_from_kriging, stored_from_kriging
from sparseobs_book.temperature.experiment import prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.scores import held_out, network_predict
from sparseobs_book.temperature.stored import weights_hash

PAGE = from_kriging.correcting(grid_presets()["smoke"])


@pytest.fixture(scope="module")
def data():
    return grid.full_twin("smoke", 0, None)


@pytest.fixture(scope="module")
def experiment(data):
    return from_kriging.with_kriging(prepare(PAGE, data))


@pytest.fixture(scope="module")
def pretrained(experiment):
    return from_kriging.pretrain(experiment)


def test_untrained_it_is_kriging_fitted_to_the_stations(experiment):
    found = held_out(experiment, network_predict(experiment, ConvCNP(PAGE.architecture)))
    expected = held_out(experiment, lambda *asked: from_kriging.kriging_of(experiment).predict(experiment.data, *asked))
    np.testing.assert_allclose(found[0], expected[0], atol=0.02)
    # It is no less sure than the climate.
    np.testing.assert_allclose(found[1], np.minimum(expected[1], experiment.standardisation.std), rtol=0.01)


def test_untrained_it_is_kriging_of_the_cells_of_the_reanalysis(experiment):
    kriging, data = from_kriging.kriging_of(experiment), experiment.data
    tasks = from_kriging.field_tasks(experiment, kriging)
    shown, asked, hours = np.arange(0, 60, 2), np.arange(1, 60, 2), experiment.reanalysis_hours.train[:4]
    found = predict_stations(
        ConvCNP(PAGE.architecture), tasks, experiment.standardisation, context=shown, targets=asked, hours=hours
    )
    cells = grid_cells(experiment)
    values = data.reanalysis.transpose("time", "latitude", "longitude").values[hours].reshape(len(hours), -1)
    mean, std = kriging.interpolate(cells[shown], values[:, shown].astype(float), cells[asked])
    np.testing.assert_allclose(found[0], mean, atol=0.02)
    np.testing.assert_allclose(found[1], np.minimum(std, experiment.standardisation.std), rtol=0.01)


def grid_cells(experiment):
    return from_kriging.described(from_kriging.cell_points(experiment.data), experiment.data.elevation)


def test_every_network_has_a_row_beside_its_start_and_rivals(experiment, pretrained):
    table, trainings = from_kriging.compare(experiment, pretrained, progress=lambda name: None, folder=None)
    networks = [f"{name} from kriging" for name in grid.NETWORKS]
    rivals = [grid.LEARNED, *([grid.OPTIMAL] if available() else [])]
    assert table["method"].tolist() == [*rivals, from_kriging.FIELDS_FIRST, *networks]
    assert list(trainings) == networks
    rows = table.set_index("method")
    assert rows["n"].nunique() == rows["split"].nunique() == 1
    for gap, reference in (("", "Sim2Real from kriging"), ("start_", from_kriging.FIELDS_FIRST)):
        for score in ("mae", "nll"):
            expected = rows.loc[reference, score] - rows[score]
            np.testing.assert_allclose(rows[f"{score}_{gap}gap"], expected, atol=1e-6)
            assert (rows[f"{score}_{gap}low"] <= rows[f"{score}_{gap}high"]).all()
    named = rows["pretrained_weights"].notna()
    assert named[named].index.tolist() == [name for name in networks if "real-only" not in name]
    assert rows.loc["sim-only from kriging", "pretrained_weights"] == weights_hash(pretrained[0])


def test_nothing_is_learnt_from_what_is_judged(data, experiment, pretrained):
    """Of stations, the start knows those shown and the pre-training none."""
    stations = data.stations.copy(deep=True)
    stations["temperature"][:, experiment.stations.held_out] += 40.0
    stations["temperature"][experiment.hours.test] += 40.0
    changed = from_kriging.with_kriging(prepare(PAGE, dataclasses.replace(data, stations=stations)))
    assert from_kriging.kriging_of(changed) == from_kriging.kriging_of(experiment)
    stations["temperature"] += 10.0
    other = prepare(PAGE, dataclasses.replace(data, stations=stations))
    again = from_kriging.pretrain(other)[0].state_dict()
    assert all(torch.equal(weights, again[name]) for name, weights in pretrained[0].state_dict().items())


def test_a_pretraining_is_shared_by_all_numbers_of_stations_and_by_no_other_recipe(
    tmp_path, data, experiment, pretrained, monkeypatch
):
    made = []
    monkeypatch.setattr(from_kriging, "pretrain", lambda *given: made.append(1) or pretrained)
    fewer = prepare(dataclasses.replace(PAGE, n_stations=10, split_seed=1), data)
    longer = dataclasses.replace(PAGE.pretraining, max_epochs=3)
    slower = prepare(dataclasses.replace(PAGE, pretraining=longer), data)
    for one, expected in ((experiment, 1), (fewer, 1), (slower, 2)):
        model, training = from_kriging.shared_pretraining(one, tmp_path)
        assert len(made) == expected and model.config.corrects
        assert weights_hash(model) == weights_hash(pretrained[0])
        assert training.best_epoch == pretrained[1].best_epoch


def test_a_network_is_kept_with_the_kriging_that_it_corrects(tmp_path, experiment, pretrained):
    path = keep_from_kriging("smoke", 0, tmp_path / "shared", tmp_path)
    network, kriging = stored_from_kriging(tmp_path)
    assert path.parent == tmp_path and weights_hash(network.model) == weights_hash(pretrained[0])
    assert kriging == from_kriging.taught(experiment, None) and network.model.config.corrects
    assert network.standardisation == experiment.standardisation


def test_what_the_simulator_teaches_a_covariance_is_shared_and_the_same(tmp_path, data, experiment, monkeypatch):
    shared = from_kriging.with_kriging(prepare(PAGE, data), tmp_path)
    assert from_kriging.kriging_of(shared) == from_kriging.kriging_of(experiment)
    monkeypatch.setattr(from_kriging, "taught_by_fields", None)  # nobody teaches it again
    again = from_kriging.with_kriging(prepare(PAGE, data), tmp_path)
    assert from_kriging.kriging_of(again) == from_kriging.kriging_of(experiment)


@pytest.mark.parametrize("preset", ["smoke", "lesson", "paper"])
def test_a_network_that_corrects_is_pretrained_no_longer_than_any_other(preset):
    plain = grid_presets()[preset]
    page = from_kriging.correcting(plain)
    steps = [recipe.max_epochs * recipe.batches_per_epoch for recipe in (page.pretraining, plain.pretraining)]
    assert steps[0] <= min(steps[1], 1500) and page.architecture.corrects and not plain.architecture.corrects
    assert (page.fine_tuning, page.real_only) == (plain.fine_tuning, plain.real_only)
