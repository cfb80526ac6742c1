"""A stored number comes again from its record, and where it does not, that is said."""

import pandas as pd
import pytest

from sparseobs.errors import InputError
from sparseobs.files import sha256
from sparseobs.grid.collect import collect
from sparseobs.grid.plan import load_grid
from sparseobs.grid.recompute import compare, recompute
from sparseobs.runs.results import write_result

from .finished import finish, kept_here
from .small_project import write_grid, write_notebook

GRID = """\
title: The mean of noisy readings
notebook: notebooks/readings.ipynb
inputs: [data/truth.csv]
parameters: {n: 50}
axes: {noise: [1, 2.5], seed: 0..1}
sizes: {smoke: {cost: {seconds: 2, measured_on: a test}}}
"""
READ = """\
from pathlib import Path
import numpy as np
import pandas as pd
from sparseobs.files import project_root
from sparseobs.runs.cell import keep
truth = pd.read_csv(project_root() / "data/truth.csv")["x"][0]
readings = truth + noise * np.random.default_rng(seed).standard_normal(n)
keep(pd.DataFrame({"statistic": ["mean", "median"], "error": [readings.mean() - truth, np.median(readings) - truth]}))
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with one notebook, which reads a file."""
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    for name in ("results", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "truth.csv").write_text("x\n273.15\n")
    write_notebook(tmp_path / "notebooks" / "readings.ipynb", READ, parameters="noise = 1.0\nseed = 0\nn = 10")
    return tmp_path


def test_a_cell_that_fails_now_is_told_with_its_traceback(project, monkeypatch):
    grid = load_grid(write_grid(project, text=GRID), "smoke")
    finish(grid, grid.cells[0], project / "cells", pd.DataFrame({"error": [0.1]}), monkeypatch)
    stored = collect(grid, project / "cells", partial=True)
    write_notebook(project / "notebooks" / "readings.ipynb", "raise ValueError('no rain')", parameters="noise = 1.0")
    (failed,) = recompute(stored.stem)
    assert not failed.equal and "ValueError: no rain" in failed.problem and "Traceback" in failed.problem


def test_a_cell_picked_at_random_gets_its_number_again_until_something_changes(project, monkeypatch):
    grid = load_grid(write_grid(project, text=GRID), "smoke")
    for cell in grid.cells[:2]:
        finish(grid, cell, project / "cells", kept_here(READ, cell.parameters), monkeypatch)
    stored = collect(grid, project / "cells", partial=True)
    before = sha256(stored)
    (same,) = recompute(stored.stem, cells=1, seed=4)
    assert same.equal and same.differences == {} and same.environment == [] and same.problem == ""
    (project / "data" / "truth.csv").write_text("x\n10.0\n")
    changed = READ.replace("noise *", "1.01 * noise *")
    write_notebook(project / "notebooks" / "readings.ipynb", changed, parameters="noise = 1.0\nseed = 0\nn = 10")
    (other,) = recompute(stored.stem, cells=1, seed=4)
    assert other.parameters == same.parameters
    assert not other.equal and "by up to" in other.differences["error"]
    assert set(other.environment) == {
        "input data/truth.csv has changed",
        "the code has changed since commit c0ffeec0ff",
    }
    assert sha256(stored) == before, "what is stored stays as it is"


def test_other_tables_are_refused(project):
    write_result("old", pd.DataFrame({"a": [1]}), {"command": "python -m sparseobs lorenz96 evaluate"})
    with pytest.raises(InputError, match="without cells"):
        next(recompute("old"))
    with pytest.raises(InputError, match="none yet|one of old"):
        next(recompute("older"))


STORED = pd.DataFrame({"seed": ["1", "1"], "method": ["a", "b"], "rmse": ["0.789123", ""], "rest": ["", ""]})


@pytest.mark.parametrize(
    "column, values, told",
    [
        ("method", ["a", "b"], {}),
        ("rmse", ["0.7891230", ""], {}),
        ("rmse", ["0.7891231", ""], {}),
        ("rmse", ["0.789124", ""], {"rmse": "by up to 1e-06, where the largest is 0.789"}),
        ("rmse", ["0.789123", "0.1"], {"rmse": "1 of 2 rows are other texts"}),
        ("rmse", ["", ""], {"rmse": "1 of 2 rows are other texts"}),
        ("method", ["a", "c"], {"method": "1 of 2 rows are other texts"}),
        ("mae", ["1", "2"], {"mae": "not in the stored table"}),
        ("rmse", None, {"rmse": "only in the stored table"}),
    ],
)
def test_tables_are_compared_to_the_digits_stored(column, values, told):
    anew = STORED.drop(columns=["seed", "rest"])
    anew = anew.drop(columns=column) if values is None else anew.assign(**{column: values})
    assert compare(STORED, anew, given=["seed"]) == told


def test_a_missing_row_is_a_difference():
    assert compare(STORED, STORED.head(1)) == {"rows": "2 stored, 1 anew"}
