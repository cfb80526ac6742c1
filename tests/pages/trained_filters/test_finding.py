"""Starts from the climate and exchanged truths: what is counted, and that every method is given the same."""

import shutil

import pytest
import torch
from click.testing import CliRunner

from sparseobs.cli import main
from sparseobs.errors import InputError
from sparseobs.files import project_root
from sparseobs.runs.results import read_result
from sparseobs_book.trained_filters.finding import SIZES, Finding, exchanged, find, found_after


def test_found_is_the_first_cycle_of_ten_good_ones():
    error = torch.ones(40, 4)
    error[5:9, 0] = 0.1  # too short
    error[20:, 0] = 0.1
    error[:, 1] = 0.1
    error[31:, 2] = 0.1  # nine cycles are left
    found = found_after(error, torch.tensor(0.5))
    assert found[:2].tolist() == [20, 0] and found[2:].isnan().all()


def test_truths_are_exchanged_half_way_and_so_are_their_observations():
    settings = Finding(n_starts=3, n_cycles=30)
    experiment = exchanged(settings)
    seen = experiment.observations
    noise = (seen.values - experiment.truth)[seen.mask[:, None, None].expand_as(seen.values)]
    assert noise.std() == pytest.approx(1, abs=0.1)
    jump = (experiment.truth[30] - experiment.truth[29]).square().mean().sqrt()
    step = (experiment.truth[29] - experiment.truth[28]).square().mean().sqrt()
    assert jump > 2 * step


def test_a_row_a_method_and_truth():
    table = find(SIZES["smoke"])
    assert {"LETKF", "fixed-lag smoother"} <= set(table["method"])
    assert (table.groupby("method")["truth"].nunique() == 2).all()


def test_the_smoother_finds_the_truth_and_finds_the_other_one_too():
    settings = Finding(ensemble_sizes=(10,), n_starts=3, n_cycles=220)
    table = find(settings).set_index("method").loc["fixed-lag smoother"]
    assert table["kept"].all() and not table["lost"].any()
    assert (table["found"] < 200).all() and (table["found_again"] < 200).all()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout with nothing but the tuned settings."""
    (tmp_path / "results").mkdir()
    for file in (project_root() / "results").glob("*_tuning.*"):
        shutil.copy(file, tmp_path / "results")
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))


def test_command_line_stores_a_table(root):
    asked = "filters find --size smoke --name x --experiment standard --experiment backwards"
    done = CliRunner().invoke(main, asked.split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    stored = read_result("x")
    assert list(stored.table.columns[:4]) == ["system", "obs_error_std", "experiment", "method"]
    assert list(stored.table["experiment"].unique()) == ["standard", "backwards"]
    assert stored.record["command"] == f"python -m sparseobs {asked}"


@pytest.mark.parametrize("numbers", [{"experiment": "sideways"}, {"n_starts": 1}, {"n_cycles": 5}])
def test_refuses_what_cannot_be_run(numbers):
    with pytest.raises(InputError, match=next(iter(numbers))):
        Finding(**numbers)
