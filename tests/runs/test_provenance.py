"""A record says which sources, which libraries and which machine a number came from."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from sparseobs.runs.provenance import process_state, run_record, source_state


def public(version):
    """A version without the build's name, which torch itself and the package's metadata need not agree on."""
    return version.partition("+")[0]


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A project with one commit."""
    (tmp_path / "results").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "model.py").write_text("F = 8\n")
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "--quiet", "-m", "first")
    return tmp_path


def git(folder, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


def test_a_record_says_how_to_make_the_table_again():
    record = run_record("python -m sparseobs score", {"seed": 3, "n_members": 10}, 12.34, {"era5": "ab" * 32})
    assert record["command"] == "python -m sparseobs score"
    assert record["parameters"] == {"seed": 3, "n_members": 10}
    assert record["inputs"] == {"era5": "ab" * 32}
    assert record["wall_seconds"] == 12.3
    assert public(record["versions"]["torch"]) == public(torch.__version__)
    assert record["versions"]["numpy"] == np.__version__
    assert {"commit", "clean", "device", "date", "platform"} <= record.keys()
    assert json.loads(json.dumps(record)) == record


def test_the_commit_is_named_and_its_tree_is_clean(checkout):
    assert source_state() == {"commit": git(checkout, "rev-parse", "HEAD").strip(), "clean": True}


@pytest.mark.parametrize("name", ["src/model.py", "src/new.py", "notebooks/lesson.ipynb", "constraints.txt"])
def test_a_changed_source_makes_the_tree_unclean(checkout, name):
    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("F = 9\n")
    assert source_state()["clean"] is False


def test_a_table_that_a_run_wrote_leaves_the_tree_clean(checkout):
    (checkout / "results" / "filters.csv").write_text("rmse\n0.8\n")
    assert source_state()["clean"] is True


def test_a_copy_within_another_checkout_does_not_borrow_its_commit(checkout, monkeypatch):
    (checkout / "copy" / "results").mkdir(parents=True)
    monkeypatch.setenv("SPARSEOBS_ROOT", str(checkout / "copy"))
    assert source_state() == {"commit": "unknown", "clean": None}


def test_without_history_the_commit_is_unknown(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert source_state() == {"commit": "unknown", "clean": None}


def test_threads_are_those_that_torch_uses():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        state = process_state()
    finally:
        torch.set_num_threads(before)
    assert (state["threads"], state["device"]) == (3, "cpu (3 threads)")
    assert state["gpu"] is None and state["gpu_peak_memory_mb"] is None, "a GPU that nobody used is not named"


def test_it_works_without_loading_torch():
    code = (
        "import json, sys; from sparseobs.runs.provenance import run_record; "
        "record = run_record('x', {}, 0.0); assert 'torch' not in sys.modules; print(json.dumps(record))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert public(json.loads(done.stdout)["versions"]["torch"]) == public(torch.__version__)
