"""What is told of a cell from its files alone: every state, also while the files change."""

import json
import os
import time
from dataclasses import replace

import pytest

from sparseobs.grid.folder import (
    DONE,
    FAILED,
    INTERRUPTED,
    LOST,
    STALE_SECONDS,
    TIMED_OUT,
    CellFolder,
    begin,
    forget_failure,
    write_failure,
)
from sparseobs.grid.model import Cell
from sparseobs.grid.state import RUNNING, WAITING, CellState, cell_state, count, last_line, seconds_left, steps_done

CELL = Cell("0123456789abcdef", {"seed": 0})


@pytest.fixture
def places(tmp_path):
    return CellFolder.of(tmp_path, CELL.identity)


@pytest.fixture
def attempt(places):
    places.root.mkdir(parents=True)
    return begin(places, CELL.parameters)[0]


def finish(places, attempt, seconds=12.5):
    (attempt / "record.json").write_text(json.dumps({"wall_seconds": seconds}))
    attempt.rename(places.result)


def test_an_untouched_cell_waits(tmp_path):
    assert cell_state(CELL, tmp_path) == CellState(CELL, WAITING)


def test_a_beating_attempt_runs_and_a_silent_one_was_interrupted(tmp_path, attempt):
    started = time.time() - 40
    os.utime(attempt / "parameters.json", (started, started))
    state = cell_state(CELL, tmp_path)
    assert state.status == RUNNING and state.place == attempt and 39 < state.seconds < 100
    silent = time.time() - STALE_SECONDS - 5
    os.utime(attempt / "heartbeat", (silent, silent))
    assert cell_state(CELL, tmp_path).status == INTERRUPTED


def test_an_attempt_about_to_be_published_still_runs(tmp_path, attempt):
    (attempt / "heartbeat").unlink()
    assert cell_state(CELL, tmp_path).status == RUNNING


@pytest.mark.parametrize(
    "status, told", [(FAILED, FAILED), (TIMED_OUT, TIMED_OUT), (LOST, INTERRUPTED), ("interrupted", INTERRUPTED)]
)
def test_an_attempt_that_ended_says_why(tmp_path, attempt, status, told):
    write_failure(attempt, status=status, error="no rain", traceback="line 1", seconds=3.0)
    assert cell_state(CELL, tmp_path) == CellState(CELL, told, attempt, 3.0, "no rain", "line 1")


def test_a_failure_set_free_waits_again(tmp_path, places, attempt):
    write_failure(attempt, status=FAILED, error="no rain")
    assert forget_failure(places)
    assert cell_state(CELL, tmp_path).status == WAITING


def test_a_finished_cell_is_done_whatever_attempts_lie_beside_it(tmp_path, places, attempt):
    write_failure(attempt, status=LOST, error="disk full")
    second, _ = begin(places, CELL.parameters)
    finish(places, second)
    assert cell_state(CELL, tmp_path) == CellState(CELL, DONE, places.result, 12.5)


def test_a_cell_that_finishes_while_we_look_is_done(tmp_path, places, attempt, monkeypatch):
    """The attempt is renamed into place after its folder has been listed."""
    exists = type(attempt).exists

    def late(path, **options):
        if attempt.is_dir():
            finish(places, attempt)
        return exists(path, **options)

    monkeypatch.setattr(type(attempt), "exists", late)
    assert cell_state(CELL, tmp_path).status == DONE


def test_progress_is_read_from_a_notebook_that_is_being_executed(attempt):
    assert steps_done(attempt) is None
    said = ["completed", "completed", "running", "pending"]
    cells = [{"cell_type": "code", "metadata": {"papermill": {"status": status}}} for status in said]
    cells.insert(1, {"cell_type": "markdown", "metadata": {}})
    text = json.dumps({"cells": cells})
    (attempt / "notebook.ipynb").write_text(text)
    assert steps_done(attempt) == (2, 4)
    (attempt / "notebook.ipynb").write_text(text[:40])
    assert steps_done(attempt) is None, "half written"


def test_the_last_word_of_a_log_without_empty_lines_and_progress_bars(attempt):
    assert last_line(attempt) == ""
    (attempt / "log.txt").write_text("[IPKernelApp] WARNING | of itself\n")
    assert last_line(attempt) == ""
    (attempt / "log.txt").write_bytes(b"x" * 10_000 + b"\nepoch 1\n 10 %\r 20 %\n\n  \n")
    assert last_line(attempt) == "20 %"


def states(*statuses, seconds=10.0):
    return [replace(CellState(CELL, status), seconds=seconds) for status in statuses]


def test_states_are_counted():
    assert count(states(DONE, DONE, WAITING)) == {
        DONE: 2, RUNNING: 0, FAILED: 0, TIMED_OUT: 0, INTERRUPTED: 0, WAITING: 1,
    }  # fmt: skip


def test_time_left_follows_from_the_cells_that_are_finished():
    assert seconds_left(states(WAITING, WAITING, WAITING, WAITING), 8.0, workers=2) == 16.0
    assert seconds_left(states(DONE, WAITING, WAITING), 8.0, workers=1) == 20.0, "ten seconds each, as the one done"
    assert seconds_left([*states(DONE), *states(RUNNING, seconds=4.0)], 8.0, workers=1) == 6.0
    assert seconds_left([*states(DONE), *states(RUNNING, seconds=400.0)], 8.0, workers=1) == 0.0
    assert seconds_left(states(DONE, WAITING), 8.0, workers=8) == 10.0, "one cell is no faster on eight workers"
    assert seconds_left(states(DONE, FAILED), 8.0, workers=1) == 0.0
