"""Every page runs to its end with other valid numbers than its own, and refuses what is no preset at its first check.

A page's other numbers are three lines of `tests/pages/NAME/settings.yaml`; the first is run with every test, the others
by `make reruns`. Cells run here one after the other in one process, at smoke size, which spares a kernel each; that a
kernel runs them is what nbval shows.
"""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
import yaml

from sparseobs.errors import InputError

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
EXPERIMENTS = sorted(f"experiments/{path.stem}" for path in (ROOT / "notebooks" / "experiments").glob("*.ipynb"))
N_SETTINGS = 3


def other_numbers(page: str) -> list[dict]:
    return yaml.safe_load((ROOT / "tests" / "pages" / page / "settings.yaml").read_text())


def run_cells(page: str, numbers: dict, monkeypatch, folder: Path) -> dict:
    """Run a notebook's code with some of its parameters replaced, in an empty folder; return its names."""
    monkeypatch.chdir(folder)
    notebook = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4)
    names = {"__name__": "__main__"}
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        source = cell.source
        if "parameters" in cell.metadata.get("tags", []):
            source += "".join(f"\n{name} = {value!r}" for name, value in numbers.items())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the built book, whose raw warnings fail, looks at those
            exec(compile(source, f"{page}, code cell {number}", "exec"), names)
        plt.close("all")
    return names


@pytest.mark.parametrize("page", LESSONS)
def test_three_other_settings_are_named_and_each_is_a_parameter(page):
    notebook = nbformat.read(ROOT / "notebooks" / f"{page}.ipynb", as_version=4)
    parameters = next(cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    settings = other_numbers(page)
    assert len(settings) == N_SETTINGS
    for numbers in settings:
        assert all(f"\n{name} = " in parameters for name in numbers) and "preset" not in numbers


@pytest.mark.parametrize("page", LESSONS)
def test_a_page_runs_with_other_numbers(page, monkeypatch, tmp_path, capsys):
    run_cells(page, {"preset": "smoke", **other_numbers(page)[0]}, monkeypatch, tmp_path)
    assert list(tmp_path.iterdir()) == [], "a page writes nothing beside itself"


@pytest.mark.reruns
@pytest.mark.parametrize("number", range(1, N_SETTINGS))
@pytest.mark.parametrize("page", LESSONS)
def test_a_page_runs_with_yet_other_numbers(page, number, monkeypatch, tmp_path):
    run_cells(page, {"preset": "smoke", **other_numbers(page)[number]}, monkeypatch, tmp_path)


@pytest.mark.parametrize("page", LESSONS + EXPERIMENTS)
def test_an_unknown_preset_is_refused_with_what_is_expected(page, monkeypatch, tmp_path):
    wanted = r"preset: given 'smokey'; expected one of lesson, .*smoke.*Try preset='smoke'"
    with pytest.raises(InputError, match=wanted):
        run_cells(page, {"preset": "smokey"}, monkeypatch, tmp_path)
