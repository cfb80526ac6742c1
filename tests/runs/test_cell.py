"""What a notebook leaves to its grid: progress that survives an attempt, and one table in full precision."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.runs.cell import keep, progress_path

TABLE = pd.DataFrame(
    {"method": ["LETKF", "AmEnF"], "rmse": [1 / 3, np.nan], "member": [1, 2], "diverged": [False, True]}
)


@pytest.fixture
def cell(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_CELL", str(tmp_path))
    return tmp_path


def stored(folder) -> pd.DataFrame:
    return pd.read_csv(folder / "result.csv")


def test_the_table_comes_back_to_the_last_digit(cell):
    keep(TABLE)
    pd.testing.assert_frame_equal(stored(cell), TABLE, check_exact=True)
    assert sorted(path.name for path in cell.iterdir()) == ["kernel.json", "result.csv"]


def test_the_kernel_says_what_it_computed_on(cell):
    keep(TABLE, read={"stations.rda": "ab" * 32})
    kernel = json.loads((cell / "kernel.json").read_text())
    assert kernel["versions"]["pandas"] == pd.__version__
    assert kernel["read"] == {"stations.rda": "ab" * 32}
    assert kernel["threads"] >= 1 and kernel["device"].startswith("cpu")


def test_a_second_table_is_refused_and_the_first_stays(cell):
    keep(TABLE)
    with pytest.raises(InputError, match="one table a cell"):
        keep(TABLE.head(1))
    pd.testing.assert_frame_equal(stored(cell), TABLE)


@pytest.mark.parametrize(
    "table, problem",
    [
        ({"rmse": [1.0]}, "given 'dict'"),
        (TABLE.head(0), "given '0 rows'"),
        (pd.DataFrame(index=[0]), "expected a pandas.DataFrame with rows and columns"),
        (pd.DataFrame([[1.0, 2.0]]), "columns with names"),
        (pd.DataFrame([[1.0, 2.0]], columns=["rmse", "rmse"]), "each once"),
        (pd.DataFrame({"rmse": [[1.0], [2.0]]}), "column rmse: given 'mixed'"),
        (pd.DataFrame({"rmse": [1.0, "diverged"]}), "column rmse"),
        (pd.DataFrame({"rmse": [1 + 2j]}), "column rmse: given 'complex'"),
    ],
)
def test_what_no_csv_can_hold_is_refused_also_outside_a_grid(cell, monkeypatch, table, problem):
    for _ in range(2):
        with pytest.raises(InputError, match=problem):
            keep(table)
        monkeypatch.delenv("SPARSEOBS_CELL", raising=False)
    assert not list(cell.iterdir())


def test_outside_a_grid_nothing_is_written(tmp_path, monkeypatch):
    for name in ("SPARSEOBS_CELL", "SPARSEOBS_CELL_PROGRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    keep(TABLE)
    assert progress_path("training.safetensors") is None
    assert not list(tmp_path.iterdir())


def test_progress_lies_in_the_cells_own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_CELL_PROGRESS", str(tmp_path / "cell" / "progress"))
    path = progress_path("training.safetensors")
    path.write_bytes(b"step 7")
    assert progress_path("training.safetensors").read_bytes() == b"step 7"
    assert path == tmp_path / "cell" / "progress" / "training.safetensors"


@pytest.mark.parametrize("name", ["", ".", "..", "../lock", "/etc/hosts", "a/b"])
def test_progress_stays_inside(tmp_path, monkeypatch, name):
    monkeypatch.setenv("SPARSEOBS_CELL_PROGRESS", str(tmp_path))
    with pytest.raises(InputError, match="without a folder"):
        progress_path(name)


def test_a_notebook_pays_for_no_library_it_does_not_use():
    code = (
        "import sys, sparseobs.runs.cell; print(sorted({'torch', 'dask', 'papermill', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
