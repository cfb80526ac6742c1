import dataclasses
import json

import numpy as np
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.interpolation.kriging import Kriging
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.neural_process.tasks import ReanalysisTasks, StationTasks
from sparseobs.runs.settings import describe, resolve
from sparseobs_book.temperature import run as temperature
from sparseobs_book.temperature import stored
from sparseobs_book.temperature.experiment import adapt, prepare, pretrain
from sparseobs_book.temperature.presets import presets


def with_held_out_changed(data, experiment):
    temperature = data.stations["temperature"].copy(deep=True)
    temperature[:, experiment.stations.held_out] += 40.0
    return dataclasses.replace(data, stations=data.stations.assign(temperature=temperature))


def test_nothing_learnt_depends_on_held_out_stations(data, settings):
    experiment = prepare(settings, data)
    changed = prepare(settings, with_held_out_changed(data, experiment))
    for name in ADAPTATIONS:
        weights = []
        for part in (experiment, changed):
            model, _ = adapt(part, name, pretrain(part)[0])
            weights.append(model.state_dict())
        assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_nothing_learnt_depends_on_test_hours(data, settings):
    experiment = prepare(settings, data)
    stations, reanalysis = data.stations.copy(deep=True), data.reanalysis.copy(deep=True)
    stations["temperature"][experiment.hours.test] += 40.0
    reanalysis[experiment.reanalysis_hours.test] += 40.0
    changed = prepare(settings, dataclasses.replace(data, stations=stations, reanalysis=reanalysis))
    weights = [adapt(part, "Sim2Real", pretrain(part)[0])[0].state_dict() for part in (experiment, changed)]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_film_keeps_every_convolution(data, settings):
    experiment = prepare(settings, data)
    pretrained, _ = pretrain(experiment)
    settings = dataclasses.replace(experiment.settings.fine_tuning, learning_rate=1e-2, max_epochs=4)
    experiment = dataclasses.replace(
        experiment, settings=dataclasses.replace(experiment.settings, fine_tuning=settings)
    )
    tuned, training = adapt(experiment, "Sim2Real (FiLM)", pretrained)
    before, after = pretrained.state_dict(), tuned.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if "film" not in name)
    assert training.best_epoch == 0 or any(not torch.equal(before[name], after[name]) for name in before)


@pytest.fixture
def quick_kriging(monkeypatch):
    """Kriging that is not tuned, which takes long where every hour has gaps of its own."""
    for method, heights in (
        ("ordinary kriging", "ignored"),
        ("lapse rate + kriging", "reduced"),
        ("kriging + elevation drift", "drift"),
    ):
        monkeypatch.setitem(temperature.INTERPOLATIONS, method, lambda *_, heights=heights: Kriging(heights=heights))


@pytest.mark.usefixtures("quick_kriging")
def test_every_method_is_judged_on_the_same_pairs(data, settings):
    experiment = prepare(settings, data)
    said = []
    table = temperature.run(experiment, pretrain(experiment), said.append)
    left_out = temperature.missing(experiment)
    methods = [f"method {number} of {len(table)}: {method}" for number, method in enumerate(table["method"], 1)]
    assert said[len(left_out) :] == methods
    assert table["method"].tolist() == [method for method in temperature.METHODS if method not in left_out]
    assert table["n"].nunique() == 1
    observed = data.stations["temperature"].values[np.ix_(experiment.hours.test, experiment.stations.held_out)]
    assert table["n"].iloc[0] == np.isfinite(observed).sum()
    assert np.isfinite(table[["mae", "nll", "crps"]]).all(axis=None)
    assert (table["crps"] < table["mae"] + 1e-9).all() and (table["mae"] <= table["rmse"]).all()
    starts = table.set_index("method")["pretrained_weights"]
    assert starts.notna().tolist() == [temperature.needs_pretraining(method) for method in starts.index]
    assert starts.dropna().nunique() == 1


def test_what_cannot_be_run_is_left_out_and_said(data, settings, monkeypatch):
    experiment = prepare(settings, data)
    monkeypatch.setattr(temperature, "available", lambda: False)
    monkeypatch.setattr(temperature, "METHODS", ("IDW", temperature.REANALYSIS, temperature.OPTIMAL))
    said = []
    table = temperature.run(experiment, None, said.append)
    assert table["method"].tolist() == ["IDW", temperature.REANALYSIS]
    assert said[0].startswith("left out: optimal interpolation, gridpp is not installed")
    monkeypatch.setattr(temperature, "available", lambda: True)
    assert temperature.missing(experiment) == {}
    later = data.reanalysis.assign_coords(time=data.reanalysis["time"] + np.timedelta64(730, "D"))
    apart = dataclasses.replace(experiment, data=dataclasses.replace(data, reanalysis=later))
    assert set(temperature.missing(apart)) == {temperature.REANALYSIS, temperature.OPTIMAL}


def test_splits_differ_in_their_stations_and_seeds_do_not(data, settings):
    first, other_split, other_seed = (
        prepare(dataclasses.replace(settings, **change), data).stations.held_out
        for change in ({}, {"split_seed": 1}, {"seed": 1})
    )
    assert not np.array_equal(first, other_split)
    assert np.array_equal(first, other_seed)


def test_every_split_and_noise_starts_from_the_same_pretraining_and_every_seed_from_another(data, settings):
    def pretrained(data=data, **change):
        experiment = prepare(dataclasses.replace(settings, **change), data)
        return stored.pretraining_address(experiment), stored.weights_hash(pretrain(experiment)[0])

    noisy = data.stations.assign(temperature=data.stations["temperature"] + 1.0)
    assert (
        pretrained() == pretrained(split_seed=1, n_held_out=4) == pretrained(dataclasses.replace(data, stations=noisy))
    )
    warmer = dataclasses.replace(data, reanalysis=data.reanalysis * 1.5)
    recipe = dataclasses.replace(settings.pretraining, learning_rate=2e-3)
    others = [pretrained(), pretrained(seed=1), pretrained(warmer), pretrained(pretraining=recipe)]
    assert len(set(others)) == len({address for address, _ in others}) == len({hashed for _, hashed in others}) == 4


def test_a_shared_pretraining_is_trained_once_and_taken_up_where_it_was_left(tmp_path, monkeypatch, data, settings):
    experiment = prepare(settings, data)
    alone = stored.weights_hash(stored.shared_pretraining(experiment, None)[0])
    sample, drawn = ReanalysisTasks.sample, []

    def interrupted(*arguments):
        drawn.append(None)
        if len(drawn) == 6 + 2 + 1:  # validation batches, the first epoch's, and one of the second's
            raise KeyboardInterrupt
        return sample(*arguments)

    monkeypatch.setattr(ReanalysisTasks, "sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stored.shared_pretraining(experiment, tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".lock", ".progress"}
    model, training = stored.shared_pretraining(experiment, tmp_path)
    assert len(drawn) == 9 + 6 + 2 and len(training.history) == 3
    again, _ = stored.shared_pretraining(prepare(dataclasses.replace(settings, split_seed=3), data), tmp_path)
    assert len(drawn) == 9 + 6 + 2, "another split found it"
    assert stored.weights_hash(model) == stored.weights_hash(again) == alone
    assert {path.suffix for path in tmp_path.iterdir()} == {".lock", ".safetensors"}


def test_grids_name_stored_pretrainings_by_the_hashes_of_their_weights(tmp_path, monkeypatch, data, settings):
    monkeypatch.setattr(stored, "CHECKPOINTS", tmp_path)
    experiments = [prepare(dataclasses.replace(settings, seed=seed), data) for seed in (0, 1)]
    trained = [pretrain(experiment) for experiment in experiments]
    hashes = [stored.weights_hash(model) for model, _ in trained]
    for name, made in zip(hashes, trained, strict=True):
        stored.save_pretrained(stored.checkpoint_path(f"pretrained-{name}"), *made)
    for experiment, name in zip(experiments, hashes, strict=True):
        assert stored.weights_hash(stored.named_pretraining(" ".join(hashes), experiment)[0]) == name
    with pytest.raises(InputError, match="one for each seed up to 1"):
        stored.named_pretraining(hashes[0], experiments[1])
    stored.save_pretrained(stored.checkpoint_path("pretrained-0123"), *trained[0])
    with pytest.raises(InputError, match=f"weights of that hash, not {hashes[0]}"):
        stored.named_pretraining("0123", experiments[0])


def test_an_interrupted_method_ends_with_the_same_row(tmp_path, monkeypatch, data, settings):
    experiment = prepare(settings, data)
    whole, _ = temperature.run_method(experiment, "real-only")
    sample, drawn = StationTasks.sample, []

    def interrupted(*arguments):
        drawn.append(None)
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return sample(*arguments)

    monkeypatch.setattr(StationTasks, "sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        temperature.run_method(experiment, "real-only", progress=tmp_path / "adapting.pt")
    resumed, _ = temperature.run_method(experiment, "real-only", progress=tmp_path / "adapting.pt")
    assert len(drawn) == 3 + 2
    assert whole == resumed


def test_a_method_without_its_pretraining_is_refused(data, settings):
    with pytest.raises(InputError, match="pretrained: given None"):
        temperature.run_method(prepare(settings, data), "Sim2Real")
    with pytest.raises(InputError, match="method: given 'kriging'"):
        temperature.run_method(prepare(settings, data), "kriging")


@pytest.mark.parametrize("source", ["twin", "uk_ireland"])
def test_presets_describe_themselves(source):
    for name, settings in presets(source).items():
        assert resolve(presets(source), name, seed=3).seed == 3
        assert f"source            {source}"[:6] in describe(settings)
        json.dumps(dataclasses.asdict(settings))


@pytest.mark.parametrize(
    "change",
    [
        {"source": "mars"},
        {"obs_error_std": -1.0},
        {"obs_error_std": float("nan")},
        {"n_held_out": 0},
        {"n_held_out": 2.5},
        {"n_validation": 0},
        {"seed": -1},
        {"split_seed": -1},
        {"max_context": 0},
        {"lapse_rate": float("inf")},
        {"window": (8, -8)},
    ],
)
def test_impossible_settings_are_refused(settings, change):
    with pytest.raises(InputError):
        dataclasses.replace(settings, **change)


def test_an_unknown_source_is_refused():
    with pytest.raises(InputError, match="uk_ireland"):
        presets("ireland")


@pytest.mark.parametrize(
    "change, words",
    [({"n_held_out": 12}, "n_held_out"), ({"window": (30, 24)}, "multiples of"), ({"window": (4, 4)}, "larger window")],
)
def test_what_the_data_cannot_give_is_refused(data, settings, change, words):
    with pytest.raises(InputError, match=words):
        prepare(dataclasses.replace(settings, **change), data)
