"""The stored tuning: how it is made, taken up again, chosen from and found."""

from itertools import product

import pandas as pd
import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import letkf_grid
from sparseobs.runs import lorenz96_tuning as tuning
from sparseobs.runs.lorenz96_comparison import TEST_STREAM
from sparseobs.runs.results import read_result


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout without results, and a grid of a few settings."""
    monkeypatch.setattr(tuning, "letkf_grid", lambda: letkf_grid()[56:66])
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    return tmp_path


def small(**changes):
    numbers = {"obs_error_stds": (1.0,), "ensemble_sizes": (4,), "n_trajectories": 2, "burn_in": 2}
    return tuning.Tuning(**numbers | {"rungs": (tuning.Rung(2, 3), tuning.Rung(4, 2))} | changes)


def test_command_line_tunes_and_stores(root):
    done = CliRunner().invoke(main, ["lorenz96", "tune", "--preset", "smoke", "--name", "x"], catch_exceptions=False)
    assert done.exit_code == 0 and "noise 1.0, 5 members" in done.output
    table, record = read_result("x")
    assert record["command"] == "python -m sparseobs lorenz96 tune --preset smoke --name x"
    assert set(record["inputs"]) == set(tuning.CODE)
    assert len(table.drop_duplicates(["inflation", "radius", "rotation"])) == len(table) == 10


def test_finished_cases_are_not_tuned_again(root, monkeypatch):
    tuning.tune(small(), "first", "x", lambda line: None)
    first = read_result("x").table
    asked = []
    real = tuning.tune_case
    monkeypatch.setattr(tuning, "tune_case", lambda *case: asked.append(case[1:]) or real(*case))
    again = tuning.tune(small(), "second", "x", lambda line: None)
    assert asked == []
    pd.testing.assert_frame_equal(again.table, first)
    tuning.tune(small(burn_in=3), "other numbers", "x", lambda line: None)
    assert asked == [(1.0, 4)]


def test_an_interrupted_tuning_keeps_its_finished_cases(root, monkeypatch):
    whole = tuning.tune(small(obs_error_stds=(1.0, 2.5)), "whole", "whole", lambda line: None).table
    real = tuning.tune_case

    def stop(settings, noise, members):
        if noise == 2.5:
            raise KeyboardInterrupt
        return real(settings, noise, members)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tuning, "tune_case", stop)
        tuning.tune(small(obs_error_stds=(1.0, 2.5)), "x", "x", lambda line: None)
    assert set(read_result("x").table["obs_error_std"]) == {1.0}
    after = tuning.tune(small(obs_error_stds=(1.0, 2.5)), "x", "x", lambda line: None).table
    pd.testing.assert_frame_equal(after, whole)


def test_choice_is_the_best_that_survived_the_longest_round():
    columns = ["obs_error_std", "ensemble_size", "inflation", "radius", "rotation", "rmse", "n_diverged", "n_cycles"]
    rows = [
        (1.0, 10, 1.04, 4.0, False, 0.70, 1, 10_000),
        (1.0, 10, 1.10, 4.0, False, 0.80, 0, 10_000),
        (1.0, 10, 1.20, 4.0, True, 0.85, 0, 10_000),
        (1.0, 10, 1.07, 2.0, False, 0.60, 0, 1000),
        (2.5, 10, 1.02, 2.0, False, 2.0, 0, 10_000),
    ]
    table = pd.DataFrame(rows, columns=columns)
    assert tuning.tuned_settings(1.0, 10, table) == LETKFSettings(1.10, 4.0)
    with pytest.raises(InputError, match=r"given \(1.0, 5\); expected a tuned pair: \(1, 10\), \(2.5, 10\)"):
        tuning.tuned_settings(1.0, 5, table)


def test_validation_truths_are_no_test_truths(monkeypatch):
    """Seeds of the tests begin where those of validation have long ended."""
    assert tuning.VALIDATION_STREAM < TEST_STREAM
    seeds = []
    real = tuning.simulate
    monkeypatch.setattr(tuning, "simulate", lambda *a, seed, **k: seeds.append(seed) or real(*a, seed=seed, **k))
    table = tuning.tune_case(small(), 1.0, 4)
    assert set(seeds) == {tuning.VALIDATION_STREAM} and len(table) == 140


def test_stored_tuning():
    """What the grid reads: every noise and size, each choice over five first states that it survived."""
    table, record = read_result(tuning.RESULT)
    assert record["parameters"]["validation_stream"] == tuning.VALIDATION_STREAM
    best = {}
    for noise, members in product((1.0, 2.5), (5, 10, 15, 20, 30)):
        case = table.query("obs_error_std == @noise and ensemble_size == @members")
        assert len(case) == 140 and case.iloc[0][["n_cycles", "n_diverged", "n_runs"]].tolist() == [5000, 0, 5]
        chosen = tuning.tuned_settings(noise, members)
        assert (chosen.inflation, chosen.radius) == (case.iloc[0]["inflation"], case.iloc[0]["radius"])
        best[noise, members] = case.iloc[0]["rmse"]
    for noise, published in (1.0, 0.79), (2.5, 2.11):  # the authors' averages at ten members
        assert best[noise, 10] == pytest.approx(published, abs=0.09)
        assert best[noise, 30] < best[noise, 20] < best[noise, 10] < best[noise, 5]


def test_stored_tuning_is_what_the_code_gives():
    """The first cycles of one stored choice again, against climatology: a filter, not a table of numbers."""
    one = tuning.tuned_settings(1.0, 10)
    errors = tuning.validation_errors(small(n_trajectories=3, burn_in=60), 1.0, 10)([one], 60)
    assert errors.shape == (1, 3) and torch.isfinite(errors).all() and errors.max() < 1.6
