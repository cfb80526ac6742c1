"""Every notebook is one source in two files, without outputs, and runs with other numbers, from anywhere."""

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import papermill
import pytest
from page_checks import toc_parts

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXPERIMENTS = sorted((ROOT / "notebooks" / "experiments").glob("*.ipynb"))  # what the grids run; no pages
NOTEBOOKS = LESSONS + EXPERIMENTS
# One of each part, and quick: test_reruns.py runs them all.
BY_PAPERMILL = ("two_systems", "open_questions", "trained_filter")
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(notebook) -> list[tuple]:
    kept = ("tags", "mystnb")
    return [
        (cell.cell_type, cell.source, {key: cell.metadata[key] for key in kept if key in cell.metadata})
        for cell in notebook.cells
    ]


def run_papermill(path: Path, folder: Path, *parameters: str) -> subprocess.CompletedProcess:
    command = [
        Path(sys.executable).with_name("papermill"),
        path,
        "out.ipynb",
        "--no-progress-bar",
        *parameters,
    ]
    # As a reader would: nothing of the tests' own settings in the environment.
    environment = {name: value for name, value in os.environ.items() if name != "SPARSEOBS_PRESET"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_every_notebook_has_its_script_and_every_script_its_notebook():
    scripts = {path.with_suffix("") for path in (ROOT / "notebooks").rglob("*.py") if path.stem != "conftest"}
    assert scripts == {path.with_suffix("") for path in NOTEBOOKS}
    assert LESSONS, "the book has no lesson"


@each_notebook
def test_pair_says_the_same(path):
    script = jupytext.read(path.with_suffix(".py"))
    assert cells(nbformat.read(path, as_version=4)) == cells(script), f"run make pairs (from {path.stem}.py)"


@each_notebook
def test_no_outputs_are_committed(path):
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert not [cell for cell in code if cell.outputs or cell.execution_count], "run make pairs"
    assert path.stat().st_size < 100_000


@each_notebook
def test_parameters_cell_starts_with_the_preset(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    names = list(papermill.inspect_notebook(str(path)))
    assert names and names[0] == "preset", f"papermill reads the parameters {names}"
    assert "SPARSEOBS_PRESET" in tagged[0].source


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if path.stem in BY_PAPERMILL], ids=lambda path: path.stem)
def test_papermill_runs_the_page_from_another_folder(path, tmp_path):
    done = run_papermill(path, tmp_path, "-p", "preset", "smoke", "-p", "seed", "3")
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out.ipynb"], "a page writes nothing beside itself"
    injected = [cell.source for cell in nbformat.read(tmp_path / "out.ipynb", as_version=4).cells]
    assert any('preset = "smoke"' in source and "seed = 3" in source for source in injected)


def test_papermill_stops_at_an_unknown_preset(tmp_path):
    path = next(path for path in LESSONS if path.stem in BY_PAPERMILL)
    done = run_papermill(path, tmp_path, "-p", "preset", "smokey")
    assert done.returncode != 0
    assert re.search(r"preset: given 'smokey'; expected one of lesson, .*smoke.*Try preset='smoke'", done.stderr)


def test_papermill_stops_at_a_misspelt_parameter(tmp_path):
    path = next(path for path in LESSONS if path.stem == "two_systems")
    done = run_papermill(path, tmp_path, "-p", "preset", "smoke", "-p", "ensemblesize", "4")
    assert done.returncode != 0
    assert re.search(r"parameter: given 'ensemblesize'; expected one of preset, .*Try ensemble_size", done.stderr)


@each_lesson
def test_page_without_the_package_says_what_to_try(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sparseobs", None)
    first = next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    with pytest.raises(ModuleNotFoundError, match="given .* expected .* Try make book"):
        exec(first, {})


def test_next_names_the_page_that_follows_in_its_part():
    for pages in toc_parts(ROOT).values():
        for page, following in itertools.pairwise(pages):
            if not page.startswith("notebooks/results_") and page.startswith("notebooks/"):
                text = "\n".join(cell.source for cell in nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells)
                assert f"/{following}`" in text.split("**Next:**")[1].split("\n\n")[0], page
