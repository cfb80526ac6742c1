"""The exam of a pre-training: what passes, that all are asked the same, and what its stored table says."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sparseobs.errors import InputError
from sparseobs.neural_process.conv_cnp import ConvCNP
from sparseobs.neural_process.training import Training
from sparseobs.runs.results import read_result
from sparseobs_book.pretraining import gate
from sparseobs_book.pretraining.command import gate as command
from sparseobs_book.temperature import exam, stored
from sparseobs_book.temperature.exam import cells_task
from sparseobs_book.temperature.experiment import prepare
from sparseobs_book.temperature.presets import grid_presets
from sparseobs_book.temperature.station_adaptation import full_twin

NO_TRAINING = Training(pd.DataFrame({"epoch": [0.0]}), 0, "finished")


@pytest.fixture(scope="module")
def experiment():
    return prepare(grid_presets()["smoke"], full_twin("smoke", 0, None))


def table(**network):
    """Kriging errs by 1 K everywhere; the network by what is given, by number of cells shown."""
    rows = [{"n_shown": n, "method": "ordinary kriging", "mae": 1.0} for n in exam.COUNTS]
    errors = {n: network.get(f"with_{n}", 1.0) for n in exam.COUNTS}
    return pd.DataFrame([*rows, *({"n_shown": n, "method": "sim-only", "mae": mae} for n, mae in errors.items())])


@pytest.mark.parametrize("n", exam.JUDGED)
def test_a_fifth_more_than_kriging_passes_and_no_more(n):
    assert exam.passes(table(**{f"with_{n}": 1.2}))
    assert not exam.passes(table(**{f"with_{n}": 1.201}))


@pytest.mark.parametrize("n", exam.JUDGED)
def test_an_error_that_is_no_number_is_no_pass(n):
    assert not exam.passes(table(**{f"with_{n}": np.nan}))


def test_other_numbers_of_cells_are_shown_but_not_asked_for():
    assert exam.passes(table(with_3=2.0, with_300=2.0, with_600=2.0))


def test_every_seed_is_asked_the_same_and_fresh_weights_fail(tmp_path, monkeypatch, experiment):
    monkeypatch.setattr(stored, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(exam, "N_HOURS", 4)
    models = [ConvCNP(experiment.settings.architecture, seed) for seed in (0, 1)]
    hashes = tuple(stored.weights_hash(model) for model in models)
    for name, model in zip(hashes, models, strict=True):
        stored.save_pretrained(stored.checkpoint_path(f"pretrained-{name}"), model, NO_TRAINING)
    found = gate.gate_tables(experiment, hashes, exam.JUDGED)
    assert list(found.columns) == ["seed", "weights", "n_shown", "method", "mae", "crps", "passed"]
    assert not found["passed"].any()
    first, second = (found[found["seed"] == seed].drop(columns=["seed", "weights"]) for seed in (0, 1))
    rivals = first["method"] != "sim-only"
    pd.testing.assert_frame_equal(first[rivals], second[rivals])
    assert (first[~rivals]["mae"] != second[~rivals]["mae"]).all()
    for seed, name in enumerate(hashes):
        assert found.loc[found["seed"] == seed, "weights"].eq(name).all()
    mae = first.pivot(index="n_shown", columns="method", values="mae")
    assert (mae["ordinary kriging"] < mae["IDW"]).all() and (np.diff(mae["ordinary kriging"]) < 0).all()
    expected = exam.exam_table(experiment, models[1], exam.JUDGED).sort_values(["n_shown", "method"])
    columns = ["n_shown", "method", "mae", "crps"]
    pd.testing.assert_frame_equal(
        second[columns].sort_values(["n_shown", "method"]).reset_index(drop=True), expected.reset_index(drop=True)
    )


def test_other_weights_than_named_are_refused(tmp_path, monkeypatch, experiment):
    monkeypatch.setattr(stored, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(exam, "N_HOURS", 4)
    model = ConvCNP(experiment.settings.architecture, 0)
    stored.save_pretrained(stored.checkpoint_path("pretrained-0123"), model, NO_TRAINING)
    with pytest.raises(InputError, match="weights of that hash"):
        gate.gate_tables(experiment, ("0123",), (10,))


def test_hours_that_never_trained_are_asked(experiment):
    """A change of every training hour leaves the network's answers and what they are held against as they are."""
    hours = exam.evenly(experiment.reanalysis_hours.test)
    assert len(hours) <= exam.N_HOURS and len(np.unique(np.diff(hours))) <= 3
    tasks = experiment.reanalysis
    values = tasks.values.clone()
    values[experiment.reanalysis_hours.train] += 1.0
    changed = dataclasses.replace(experiment, reanalysis=dataclasses.replace(tasks, values=values))
    before, after = (
        cells_task(part, part.hours.test, 10) for part in (exam.at_hours(e, hours) for e in (experiment, changed))
    )
    np.testing.assert_array_equal(before.targets.values.numpy(), after.targets.values.numpy())


def test_the_stored_table_is_of_the_pretrainings_that_the_book_starts_from():
    found, record = read_result(gate.NAME)
    assert record["parameters"]["hashes"] == list(stored.PRETRAININGS)
    for seed, weights in enumerate(stored.PRETRAININGS):
        own = found[found["seed"] == seed]
        assert own["weights"].eq(weights).all() and sorted(own["n_shown"].unique()) == sorted(exam.COUNTS)
        assert own["passed"].nunique() == 1 and own["passed"].all() == exam.passes(own)
    assert found["seed"].nunique() == len(stored.PRETRAININGS)
    for weights in stored.PRETRAININGS:
        assert f"pretrained-{weights}.safetensors" in record["inputs"]


@pytest.mark.parametrize("given, wanted", [(["--hashes", "01 23"], ("01", "23")), ([], stored.PRETRAININGS)])
def test_the_command_examines_the_hashes_given_or_the_books(monkeypatch, tmp_path, given, wanted):
    asked = []
    monkeypatch.setattr(gate, "store", lambda *arguments: asked.append(arguments))
    assert CliRunner().invoke(command, ["--folder", str(tmp_path), *given]).exit_code == 0
    assert asked == [(tmp_path, wanted)]
