"""The commands as a reader types them: those of the page *Rerun with your numbers*, and what a run says at its end."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from dask_jobqueue.core import dask as jobqueue_dask

from sparseobs.cli import main
from sparseobs.grid.engine import Started
from sparseobs.grid.plan import load_grid
from sparseobs.grid.run import Progress
from sparseobs.runs.results import read_result

from .small_project import write_notebook

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "book" / "rerun.md").read_text()
COMMANDS = re.findall(r"^\.venv/bin/python -m sparseobs (grid .*)$", PAGE, re.MULTILINE)
HERE = [command for command in COMMANDS if "--slurm" not in command and "--scheduler" not in command]
# The parameters of the example's notebook, and a number of each cell.
PARAMETERS = """\
preset: str = "lesson"
source: str = "twin"
method: str = "Sim2Real"
split_seed: int = 0
obs_error_std: float = 1.0
n_held_out: int = 1
n_validation: int = 1
"""
SCORE = """\
import pandas as pd
from sparseobs.runs.cell import keep
keep(pd.DataFrame({"method": [method], "mae": [len(method) * obs_error_std / n_held_out]}))
"""
WAIT = """\
import time
from pathlib import Path
while not Path({!r}).exists():
    time.sleep(0.02)
"""
FAIL = "if method == 'IDW':\n    raise ValueError('no rain')"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with the page's example, whose notebook is a quick one with the same parameters."""
    monkeypatch.setenv("SPARSEOBS_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("results", "grids", "notebooks"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "grids" / "example.yaml", tmp_path / "grids")
    write_notebook(tmp_path / "notebooks/experiments/temperature_adaptation.ipynb", SCORE, parameters=PARAMETERS)
    return tmp_path


def grid_command(line: str):
    return CliRunner().invoke(main, shlex.split(line))


def test_the_commands_of_the_page_do_what_it_says(project):
    said = {}
    for line in HERE:
        result = grid_command(line)
        assert result.exit_code == 0, f"{line}\n{result.output}{result.exception!r}"
        said[line.split()[1]] = result.output
    assert set(said) == {"check", "run", "collect", "report", "status", "retry", "recompute", "clean"}
    assert "smoke" in said["check"] and "lesson" in said["check"]
    assert "All 2 cells done." in said["run"] and "2 cells, not run again" in said["retry"]
    assert "2 of 2 done" in said["status"] and "equal" in said["recompute"]
    table, record = read_result("my_table")
    assert list(table["mae"]) == pytest.approx([0.1 * 3 / 5, 0.1 * 16 / 5])
    assert record["command"].endswith("grid collect grids/example.yaml --size smoke --name my_table")
    assert Path(said["report"].removesuffix("\n")).is_file(), "the page and nothing else"
    (cell, *_) = Path("grids/cells/example/cells").glob("*/result")
    assert {"notebook.ipynb", "log.txt", "result.csv", "record.json"} <= {path.name for path in cell.iterdir()}


def test_the_example_is_sound_and_explained_field_by_field():
    grid = load_grid(ROOT / "grids" / "example.yaml", "lesson")
    assert len(grid.cells) == 30 and grid.notebook.is_file()
    fields = set(re.findall(r"^`(\w+)`\n: ", PAGE, re.MULTILINE))
    assert fields == set(yaml.safe_load(grid.path.read_text())) | {"inputs"}


def test_the_slurm_settings_of_the_page_are_known_to_dask():
    (text,) = re.findall(r"```yaml\n(jobqueue:.*?)```", PAGE, re.DOTALL)
    settings = yaml.safe_load(text)["jobqueue"]["slurm"]
    assert set(settings) <= set(jobqueue_dask.config.get("jobqueue.slurm"))


def test_a_failing_cell_ends_the_run_with_a_table_and_is_retried_when_mended(project):
    write_notebook(project / "notebooks/experiments/temperature_adaptation.ipynb", FAIL, SCORE, parameters=PARAMETERS)
    result = grid_command("grid run grids/example.yaml --size smoke --workers 2")
    assert result.exit_code == 1
    assert "1 of 2 cells done." in result.output and "ValueError: no rain" in result.output
    log = re.search(r"\S+log\.txt", result.output)[0]
    assert (project / log).is_file()
    again = grid_command("grid run grids/example.yaml --size smoke")
    assert again.exit_code == 1 and "left alone" in again.output and "at a time" not in again.output
    assert "1 failed" in grid_command("grid collect grids/example.yaml --size smoke").output
    assert list((project / "results").iterdir()) == []


def test_ctrl_c_says_how_to_go_on_and_the_same_command_does(project, monkeypatch):
    """The cells wait to be let go, so that none finishes before the run is interrupted."""
    go = project / "go"
    wait = WAIT.format(str(go))
    write_notebook(project / "notebooks/experiments/temperature_adaptation.ipynb", wait, SCORE, parameters=PARAMETERS)

    def interrupt(progress, event):
        if isinstance(event, Started):
            raise KeyboardInterrupt

    command = "grid run grids/example.yaml --size smoke --workers 2 --collect"
    with monkeypatch.context() as interrupted:
        interrupted.setattr(Progress, "__call__", interrupt)
        result = grid_command(command)
    assert result.exit_code == 130
    assert "Stopped. 0 of 2 cells finished and kept; the same command goes on from here." in result.output
    go.touch()
    result = grid_command(command)
    assert result.exit_code == 0, result.output
    assert read_result("example").record["command"] == f"python -m sparseobs {command.replace(' --workers 2', '')}"


@pytest.mark.parametrize(
    "line, told",
    [
        ("grid run grids/exampel.yaml", "one of example.yaml"),
        ("grid run grids/example.yaml --size huge", "one of smoke, lesson"),
        ("grid run grids/example.yaml --slurm --scheduler tcp://a:1", "leaving one out"),
        ("grid run grids/example.yaml --size smoke --workers 0", "workers: given 0"),
        ("grid collect grids/example.yaml", "0 of 30 cells done, 30 waiting"),
        ("grid recompute my_table", "none yet"),
    ],
)
def test_bad_input_is_told_in_one_line(project, line, told):
    result = grid_command(line)
    assert result.exit_code == 2 and told in " ".join(result.output.split())
    assert "Traceback" not in result.output
