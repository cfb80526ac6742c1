"""The stored tunings: how they are made, taken up again, chosen from and found."""

from itertools import pairwise, product

import pandas as pd
import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import InputError
from sparseobs.filtering.ienks import TransformSettings
from sparseobs.filtering.letkf import LETKFSettings
from sparseobs.filtering.tuning import METHODS
from sparseobs.runs.results import read_result
from sparseobs_book.trained_filters import tuning
from sparseobs_book.trained_filters.experiments import TEST_STREAM
from sparseobs_book.trained_filters.tuning import Case, Rung, Tuning

ONE, OTHER = Case("lorenz96", "LETKF", 1.0, 4), Case("lorenz96", "iEnKS", 2.5, 4)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout without results, a grid of a few settings, and two short rounds."""
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, method._replace(grid=method.grid[-10:]))
    monkeypatch.setattr(tuning, "how_to_tune", lambda *case: Tuning(2, (Rung(2, 3, 1), Rung(4, 2, 2))))
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    return tmp_path


def quiet(line):
    return None


def test_command_line_tunes_and_stores(root):
    words = "filters tune --size smoke --system lorenz96 --method LETKF --method EnKF --obs-error-std 2.5 --name x"
    done = CliRunner().invoke(main, words.split(), catch_exceptions=False)
    assert done.exit_code == 0 and "lorenz96, EnKF, 2.5, 5, standard: TransformSettings(" in done.output
    table, record = read_result("x")
    assert record["command"] == "python -m sparseobs filters tune --size smoke --name x"
    assert [one["case"] for one in record["parameters"]["tunings"]] == [
        ["lorenz96", "LETKF", 2.5, 5, "standard"],
        ["lorenz96", "EnKF", 2.5, 5, "standard"],
    ]
    assert len(table) == 20 and table.groupby("method")["radius"].count().to_dict() == {"LETKF": 10, "EnKF": 0}


def test_finished_cases_are_not_tuned_again(root, monkeypatch):
    first = tuning.tune([ONE], "smoke", "x", quiet).table
    asked, real = [], tuning.tune_case
    monkeypatch.setattr(tuning, "tune_case", lambda how, case: asked.append(case) or real(how, case))
    again = tuning.tune([ONE, OTHER], "smoke", "x", quiet).table
    assert asked == [OTHER]
    pd.testing.assert_frame_equal(again[:10], first, check_dtype=False)
    monkeypatch.setattr(tuning, "how_to_tune", lambda *case: Tuning(3, (Rung(2, 3), Rung(4, 2))))
    tuning.tune([ONE], "smoke", "x", quiet)
    assert asked == [OTHER, ONE], "other rounds"
    tuning.tune([ONE], "smoke", "x", quiet, again=True)
    assert asked == [OTHER, ONE, ONE]


def test_an_interrupted_tuning_keeps_its_finished_cases(root, monkeypatch):
    whole = tuning.tune([ONE, OTHER], "smoke", "whole", quiet).table
    real = tuning.tune_case

    def stop(how, case):
        if case == OTHER:
            raise KeyboardInterrupt
        return real(how, case)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tuning, "tune_case", stop)
        tuning.tune([ONE, OTHER], "smoke", "x", quiet)
    assert set(read_result("x").table["method"]) == {"LETKF"}
    after = tuning.tune([ONE, OTHER], "smoke", "x", quiet).table
    pd.testing.assert_frame_equal(after, whole)


def test_a_table_changed_by_hand_is_not_taken_for_none(root):
    tuning.tune([ONE], "smoke", "x", quiet)
    table = root / "results" / "x.csv"
    table.write_text(table.read_text().replace("lorenz96", "lorenz69", 1))
    with pytest.raises(InputError, match="the table its record describes"):
        tuning.tune([OTHER], "smoke", "x", quiet)


def test_choice_is_the_best_that_survived_the_longest_round():
    columns = ["inflation", "radius", "rotation", "rmse", "n_diverged", "n_cycles"]
    rows = [
        (1.04, 4.0, False, 0.70, 1, 10_000),
        (1.10, 4.0, False, 0.80, 0, 10_000),
        (1.20, 4.0, True, 0.85, 0, 10_000),
        (1.07, 2.0, False, 0.60, 0, 1000),
    ]
    assert tuning.choice(pd.DataFrame(rows, columns=columns), "LETKF") == LETKFSettings(1.10, 4.0)


def test_a_choice_is_found_by_its_case(root):
    table = tuning.tune([ONE, OTHER], "smoke", "x", quiet).table
    best = table[table["method"] == "iEnKS"].sort_values(["n_cycles", "rmse"], ascending=[False, True]).iloc[0]
    assert tuning.tuned(*OTHER[:4], "x") == TransformSettings(best["inflation"], bool(best["rotation"]))
    with pytest.raises(InputError, match=r"given \(1.0, 4\); expected a tuned pair: \(2.5, 4\). Try .*filters tune"):
        tuning.tuned("lorenz96", "iEnKS", 1.0, 4, "x")
    with pytest.raises(InputError, match="none yet"):
        tuning.tuned("vissio_lucarini", "iEnKS", 1.0, 4, "x")
    with pytest.raises(InputError, match="method: given 'LETKS'.* Try method='LETKF'"):
        tuning.tuned("lorenz96", "LETKS", 1.0, 4, "x")


def test_validation_truths_are_no_test_truths(root, monkeypatch):
    """Seeds of the tests begin where those of validation have long ended."""
    assert tuning.VALIDATION_STREAM < TEST_STREAM
    seeds, real = [], tuning.observed
    monkeypatch.setattr(tuning, "observed", lambda *a, seed, **k: seeds.append(seed) or real(*a, seed=seed, **k))
    tuning._validation.cache_clear()
    table = tuning.tune_case(tuning.how_to_tune(), ONE)
    assert seeds == [tuning.VALIDATION_STREAM] and len(table) == 10


@pytest.mark.parametrize("size", ["smoke", "lesson", "paper"])
def test_every_case_has_its_rounds(size):
    """Ever longer rounds, over more trajectories, of fewer settings."""
    for system, method, *_ in tuning.cases(size):
        rungs = tuning.how_to_tune(size, system, method).rungs
        assert all(a.n_cycles < b.n_cycles and a.n_trajectories <= b.n_trajectories for a, b in pairwise(rungs))


def test_stored_choices_survive_and_gain_from_members():
    """Over five first states; an EnKF without localization may lose its way in small ensembles, the others not."""
    table, record = read_result(tuning.RESULT)
    made = [tuple(one["case"][:4]) for one in record["parameters"]["tunings"]]
    first = table.groupby(tuning.KEYS[:4], sort=False).first()
    assert set(made) == set(first.index) and len(set(made)) == len(made)
    assert (first["n_runs"] == 5).all() and (first.drop("EnKF", level="method")["n_diverged"] == 0).all()
    for system, noise in product(SYSTEMS, (1.0, 2.5)):
        errors = [first.loc[(system, "LETKF", noise, members), "rmse"] for members in (20, 10, 5)]
        assert errors == sorted(errors) and errors[0] < noise
        for members in (5, 10, 20):
            chosen = first.loc[(system, "LETKF", noise, members)]
            assert tuning.tuned(system, "LETKF", noise, members).inflation == chosen["inflation"]


def test_stored_smoothers_are_ahead_of_letkf_where_both_were_tuned():
    """Over the same five first states and truths."""
    rivals, (table, record) = read_result(tuning.RESULT).table, read_result(tuning.SMOOTHERS)
    best = rivals[rivals["method"] == "LETKF"].groupby(tuning.KEYS[:4], sort=False).first()["rmse"]
    smoothers = table[table["method"] == "fixed-lag smoother"].groupby(tuning.KEYS, sort=False).first()
    assert {tuple(one["case"]) for one in record["parameters"]["tunings"]} == set(table.groupby(tuning.KEYS).groups)
    for (system, _, noise, members, experiment), row in smoothers.iterrows():
        assert row["n_diverged"] == 0
        if experiment == "standard" and (system, "LETKF", noise, members) in best:
            assert row["rmse"] < best[system, "LETKF", noise, members], (system, noise, members)
            chosen = tuning.tuned(system, "fixed-lag smoother", noise, members)
            assert (chosen.lag, chosen.radius) == (row["lag"], row["radius"])


@pytest.mark.parametrize("members, published", [(5, 0.1514), (10, 0.1231), (20, 0.1116)])
def test_stored_letkf_of_kuramoto_sivashinsky_is_near_the_authors(members, published):
    """Their grid search at noise 1, one run each; first states and lengths of the runs are not known."""
    table = read_result(tuning.RESULT).table
    case = "system == 'kuramoto_sivashinsky' and method == 'LETKF' and obs_error_std == 1 and ensemble_size == @members"
    assert table.query(case).iloc[0]["rmse"] == pytest.approx(published, rel=0.1)


def test_stored_letkf_of_lorenz96():
    """What the grid reads: every noise and size, each choice over five first states that it survived."""
    table, record = read_result(tuning.RESULT)
    assert record["parameters"]["validation_stream"] == tuning.VALIDATION_STREAM
    table, best = table.query("system == 'lorenz96' and method == 'LETKF'"), {}
    for noise, members in product((1.0, 2.5), (5, 10, 15, 20, 30)):
        case = table.query("obs_error_std == @noise and ensemble_size == @members")
        assert len(case) == 140 and case.iloc[0][["n_cycles", "n_diverged", "n_runs"]].tolist() == [5000, 0, 5]
        chosen = tuning.tuned("lorenz96", "LETKF", noise, members)
        assert (chosen.inflation, chosen.radius) == (case.iloc[0]["inflation"], case.iloc[0]["radius"])
        best[noise, members] = case.iloc[0]["rmse"]
    for noise, published in (1.0, 0.79), (2.5, 2.11):  # the authors' averages at ten members
        assert best[noise, 10] == pytest.approx(published, abs=0.09)
        assert best[noise, 30] < best[noise, 20] < best[noise, 10] < best[noise, 5]
    with pytest.raises(InputError, match=r"given \(1.0, 7\); expected a tuned pair: .*\(1, 10\)"):
        tuning.tuned("lorenz96", "LETKF", 1.0, 7)


def test_stored_tuning_is_what_the_code_gives():
    """The first cycles of one stored choice again, against climatology: a filter, not a table of numbers."""
    one = tuning.tuned("lorenz96", "LETKF", 1.0, 10)
    errors_of = tuning.validation_errors(Tuning(60, (Rung(60, 1, 3),)), Case("lorenz96", "LETKF", 1.0, 10))
    errors = errors_of([one], Rung(60, 1, 3))
    assert errors.shape == (1, 3) and torch.isfinite(errors).all() and errors.max() < 1.6
