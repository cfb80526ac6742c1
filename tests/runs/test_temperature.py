import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.neural_process.adaptation import ADAPTATIONS
from sparseobs.runs import temperature
from sparseobs.runs.settings import describe, resolve
from sparseobs.runs.temperature_experiment import adapt, prepare, pretrain
from sparseobs.runs.temperature_presets import presets


@pytest.fixture
def loaded(monkeypatch, data):
    """Loading the source gives the made-up data and counts how often the weather was asked for."""
    monkeypatch.setattr(temperature, "load", lambda *args, **kwargs: data)


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


def test_every_method_is_judged_on_the_same_pairs(data, settings):
    experiment = prepare(settings, data)
    pretrained, _ = pretrain(experiment)
    table = pd.DataFrame([temperature.run_method(experiment, name, pretrained) for name in temperature.METHODS])
    assert table["method"].tolist() == list(temperature.METHODS)
    assert table["n"].nunique() == 1
    observed = data.stations["temperature"].values[np.ix_(experiment.hours.test, experiment.stations.held_out)]
    assert table["n"].iloc[0] == np.isfinite(observed).sum()
    assert np.isfinite(table[["mae", "nll", "crps"]]).all(axis=None)
    assert (table["crps"] < table["mae"] + 1e-9).all()


def test_an_interrupted_repeat_goes_on_where_it_stopped(tmp_path, monkeypatch, loaded, settings):
    whole = temperature.repeat(settings, 2, tmp_path / "whole")
    run_method, calls = temperature.run_method, []

    def interrupted(experiment, method, pretrained):
        calls.append(method)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return run_method(experiment, method, pretrained)

    monkeypatch.setattr(temperature, "run_method", interrupted)
    with pytest.raises(KeyboardInterrupt):
        temperature.repeat(settings, 2, tmp_path / "cut")
    resumed = temperature.repeat(settings, 2, tmp_path / "cut")
    clocks = ["seconds", "pretraining_seconds"]
    assert len(calls) == 2 * len(temperature.METHODS) + 1
    pd.testing.assert_frame_equal(resumed.drop(columns=clocks), whole.drop(columns=clocks))
    assert not list(tmp_path.rglob("*.part"))


def test_seeds_differ_in_their_stations(tmp_path, loaded, data, settings):
    splits = [prepare(dataclasses.replace(settings, seed=seed), data).stations.held_out for seed in (0, 1)]
    assert not np.array_equal(*splits)


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
