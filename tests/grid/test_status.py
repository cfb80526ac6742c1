"""What a person is shown of a grid: how far it is, what runs, what failed and where to look."""

import io
import json
import os
import re
import time
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from sparseobs.grid.folder import DONE, FAILED, LOST, CellFolder, begin, write_failure
from sparseobs.grid.plan import load_grid
from sparseobs.grid.run import run
from sparseobs.grid.state import WAITING, CellState, cell_states
from sparseobs.grid.status import MOST_RUNNING, board, failure_table, show_status
from sparseobs.grid.wording import duration, label, near, value, varying
from sparseobs.grid.worker import Outcome

from .finished import finish
from .small_project import write_grid, write_project


@pytest.fixture
def grid(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path)
    return load_grid(write_grid(tmp_path), "smoke")


@pytest.fixture
def folder(grid, tmp_path):
    """Of four cells one has failed, one was lost, one runs and one waits."""
    folder = tmp_path / "cells"
    attempts = [begin(CellFolder.of(folder, cell.identity), cell.parameters)[0] for cell in grid.cells[:3]]
    write_failure(attempts[0], status=FAILED, error="cell In [3]: ValueError: no rain", seconds=2.0)
    write_failure(attempts[1], status=LOST, error="No space left on device")
    said = [{"cell_type": "code", "metadata": {"papermill": {"status": status}}} for status in ("completed", "running")]
    (attempts[2] / "notebook.ipynb").write_text(json.dumps({"cells": said}))
    (attempts[2] / "log.txt").write_text("epoch 7\n")
    begun = time.time() - 30
    os.utime(attempts[2] / "parameters.json", (begun, begun))
    return folder


def text(picture, width=120) -> str:
    out = Console(width=width, record=True, file=open(os.devnull, "w"))
    with out.file:
        out.print(picture)
    return out.export_text()


def test_the_board_says_how_far_it_is_and_what_runs(grid, folder):
    shown = text(board(grid, cell_states(grid, folder)))
    assert "0 of 4 done · 1 running · 1 waiting · 1 interrupted · 1 failed" in shown
    assert "about 16 s left" in shown, "two cells of eight seconds; the third is overdue"
    (line,) = [line for line in shown.splitlines() if "▸" in line]
    assert "noise 2.5, members 5, inflation 1.2" in line
    assert line.rstrip().endswith("epoch 7") and "step 2 of 2" in line and "30 s" in line


def test_a_failure_says_why_and_where_to_look(grid, folder):
    shown = text(failure_table(grid, cell_states(grid, folder), most=2))
    assert "cell In [3]: ValueError: no rain" in shown and "No space left on device" in shown
    log = CellFolder.of(folder, grid.cells[0].identity).attempts
    assert f"{near(next(log.iterdir()))}/log.txt" in shown.replace("\n", "")
    assert failure_table(grid, [CellState(cell, WAITING) for cell in grid.cells], most=4) is None
    assert "no rain" not in text(failure_table(grid, cell_states(grid, folder), most=1))


def test_many_running_cells_fit_a_screen(grid):
    states = [CellState(grid.cells[0], "running")] * 40
    lines = text(board(grid, states)).splitlines()
    assert len(lines) == MOST_RUNNING + 2 and "and 30 more" in lines[-1]


def test_a_narrow_terminal_keeps_the_parameters(grid, folder):
    (folder / "cells" / grid.cells[2].identity / "attempts").iterdir().__next__().joinpath("log.txt").write_text(
        "word " * 99
    )
    assert "noise 2.5, members 5, inflation 1.2" in text(board(grid, cell_states(grid, folder)), width=80)


def test_status_is_printed_without_a_terminal_and_ends(grid, folder, capsys):
    show_status(grid, folder, watch=True)
    shown = capsys.readouterr().out
    assert "Filters by noise and seed  (filters, smoke)" in shown and "no rain" in shown
    assert "\x1b" not in shown and "left" in shown


def test_nothing_is_left_of_a_finished_grid(grid):
    states = [CellState(cell, DONE, seconds=3.0) for cell in grid.cells]
    assert "4 of 4 done" in text(board(grid, states)) and "left" not in text(board(grid, states))


def test_one_cell_is_told_as_one(grid, tmp_path, monkeypatch):
    grid, out = replace(grid, cells=grid.cells[:1]), Console(record=True, file=io.StringIO())
    finish(grid, grid.cells[0], tmp_path / "cells", pd.DataFrame({"rmse": [1.0]}), monkeypatch)
    assert run(grid, tmp_path / "cells", out, where="local", workers=None) == 0
    assert "\n1 cell done.\n" in out.export_text()


def test_cells_that_another_run_has_finished_are_not_told_as_own(grid, tmp_path, monkeypatch):
    def with_another(grid, folder, client, report):
        outcomes = [Outcome(cell.identity, DONE, executed=cell is grid.cells[0]) for cell in grid.cells]
        for cell, outcome in zip(grid.cells, outcomes, strict=True):
            finish(grid, cell, folder, pd.DataFrame({"rmse": [1.0]}), monkeypatch)
            report(outcome)
        return outcomes

    no_cluster = nullcontext(SimpleNamespace(scheduler_info=lambda **_: {"workers": {}}))
    monkeypatch.setattr("sparseobs.grid.run.open_client", lambda *_, **__: no_cluster)
    monkeypatch.setattr("sparseobs.grid.run.run_grid", with_another)
    out = Console(record=True, file=io.StringIO())
    assert run(grid, tmp_path / "cells", out, where="local", workers=None) == 0
    shown = out.export_text()
    assert re.search(r"\n1 cell finished in .*, 3 by another run\.\nAll 4 cells done\.\n", shown)
    assert shown.count("[1/4] done") == 1 and "[2/4]" not in shown


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0.44, "0.4 s"),
        (7, "7 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (89, "89 s"),
        (100, "1 min 40 s"),
        (120, "2 min"),
        (600, "10 min"),
        (5399, "1 h 30 min"),
        (19_200, "5 h 20 min"),
        (36_000, "10 h"),
        (200_000, "2 d 8 h"),
        (259_200, "3 d"),
    ],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_cells_are_told_by_what_varies(grid):
    assert varying(grid) == ("noise", "members", "inflation"), "one seed only at this size"
    assert label(grid.cells[0], varying(grid)) == "noise 1.0, members 5, inflation 1.2"
    assert [value(each) for each in (None, True, False, 1, 0, 2.5, "a")] == [
        "null", "true", "false", "1", "0", "2.5", "a",
    ]  # fmt: skip
