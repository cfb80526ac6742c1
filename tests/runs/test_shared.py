import os
import signal
import subprocess
import sys
import time

import pytest

from sparseobs.errors import InputError
from sparseobs.runs import shared
from sparseobs.runs.shared import content_address, make_once, shared_folder

# Makes a file slowly, noting each step in its progress: a step that is there is not taken again.
SLOW = """
import sys, time
from pathlib import Path
from sparseobs.files import replacing
from sparseobs.runs.shared import make_once

def make(path, progress):
    for step in range(len(progress.read_text().split()) if progress.exists() else 0, 3):
        with progress.open("a") as file:
            file.write(f"{step}\\n")
        with Path(sys.argv[2]).open("a") as file:
            file.write(f"{step}\\n")
        time.sleep(float(sys.argv[3]))
    with replacing(path) as temporary:
        temporary.write_text(progress.read_text())

print(make_once(Path(sys.argv[1]), make).read_text().split())
"""


def start(path, steps, seconds):
    command = [sys.executable, "-c", SLOW, str(path), str(steps), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_many_processes_ask_and_one_makes(tmp_path):
    asking = [start(tmp_path / "model.bin", tmp_path / "steps", 0.3) for _ in range(3)]
    said = [process.communicate(timeout=60)[0] for process in asking]
    assert all(process.returncode == 0 for process in asking)
    assert all(text.endswith("['0', '1', '2']\n") for text in said)
    assert (tmp_path / "steps").read_text().split() == ["0", "1", "2"]


def test_when_its_maker_is_killed_the_next_goes_on(tmp_path):
    maker = start(tmp_path / "model.bin", tmp_path / "steps", 30)
    while not (tmp_path / "steps").exists():
        time.sleep(0.02)
    waiting = start(tmp_path / "model.bin", tmp_path / "steps", 0)
    assert waiting.stdout.readline() == "waiting for model.bin, which another cell is making\n"
    os.kill(maker.pid, signal.SIGKILL)
    maker.communicate()
    assert waiting.communicate(timeout=60)[0] == "['0', '1', '2']\n"
    assert (tmp_path / "steps").read_text().split() == ["0", "1", "2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.bin", "model.lock", "steps"]


def test_a_failure_leaves_no_file_and_no_lock(tmp_path):
    with pytest.raises(ZeroDivisionError):
        make_once(tmp_path / "model.bin", lambda path, progress: 1 / 0)
    assert make_once(tmp_path / "model.bin", lambda path, progress: path.write_text("whole")).read_text() == "whole"


def test_an_address_changes_with_identity_and_code(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text("one")
    monkeypatch.setattr(shared, "SOURCE", tmp_path)
    first = content_address("pretrained", {"seed": 0}, ["model.py"])
    assert first == content_address("pretrained", {"seed": 0}, ["model.py"])
    assert first != content_address("pretrained", {"seed": 1}, ["model.py"])
    (tmp_path / "model.py").write_text("two")
    assert first != content_address("pretrained", {"seed": 0}, ["model.py"])
    with pytest.raises(InputError, match="code: given 'modle.py'"):
        content_address("pretrained", {"seed": 0}, ["model.py", "modle.py"])


def test_the_folder_lies_beside_the_cells(monkeypatch, tmp_path):
    monkeypatch.setenv("SPARSEOBS_CELL_PROGRESS", str(tmp_path / "cells" / "0123456789abcdef" / "progress"))
    assert shared_folder() == tmp_path / "shared"
    monkeypatch.setenv("SPARSEOBS_CELL_PROGRESS", str(tmp_path / "progress"))
    assert shared_folder() is None, "a cell on its own, recomputed elsewhere"
    monkeypatch.delenv("SPARSEOBS_CELL_PROGRESS")
    assert shared_folder() is None
