"""A page ends with the functions that its cells name: those of the API as links to it."""

import json

import pytest
from docutils import nodes
from functions_used import TITLE, api_entries, code_of, fold, names_used, project_modules
from sphinx import addnodes

from sparseobs.files import project_root

SOURCE = project_root() / "src"
MODULES = {"sparseobs", "sparseobs.scores", "sparseobs.scores.waves", "sparseobs_book.chaos", "sparseobs.figures.style"}


@pytest.mark.parametrize(
    "code, names",
    [
        ("import numpy as np\nnp.mean(x)", []),
        ("from sparseobs.scores.waves import wave_transfer as t", ["sparseobs.scores.waves.wave_transfer"]),
        ("from sparseobs.scores import waves\nwaves.wave_transfer(a)", ["sparseobs.scores.waves.wave_transfer"]),
        ("from sparseobs.scores import waves as w\nprint(w.LEVEL, w.a.b)", ["sparseobs.scores.waves.a"]),
        ("from sparseobs_book.chaos import PRESETS, run", ["sparseobs_book.chaos.run"]),
        ("def f():\n    from sparseobs.scores import pit", ["sparseobs.scores.pit"]),
    ],
)
def test_names_are_read_off_the_code(code, names):
    assert names_used(code, MODULES) == names


def test_cells_with_magics_and_prose_are_left_out(tmp_path):
    cells = [("markdown", "import a"), ("code", "%matplotlib inline"), ("code", ["x = 1\n", "y = 2"])]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}))
    assert code_of(notebook) == "x = 1\ny = 2"


def test_every_name_of_the_api_is_known_by_its_module_too():
    entries = api_entries(SOURCE)
    assert entries["sparseobs.filtering.letkf.run_letkf"] == "sparseobs.filtering.run_letkf"
    assert entries["sparseobs.filtering.run_letkf"] == "sparseobs.filtering.run_letkf"
    assert "sparseobs.filtering.letkf" in project_modules(SOURCE) and "sparseobs.filtering" in project_modules(SOURCE)


def test_names_of_the_api_are_links_once_and_the_others_are_code():
    entries = {"sparseobs.a.b.f": "sparseobs.a.f", "sparseobs.a.f": "sparseobs.a.f"}
    made = fold(["sparseobs.a.b.f", "sparseobs.a.f", "sparseobs.c.g"], entries)
    assert made["opened"] is False and made[0].astext() == TITLE
    (link,) = made.findall(addnodes.pending_xref)
    assert (link["refdomain"], link["reftarget"], link["refwarn"]) == ("py", "sparseobs.a.f", True)
    assert [item.astext() for item in made.findall(nodes.list_item)] == ["sparseobs.a.f", "sparseobs.c.g"]


def test_each_lesson_of_the_book_uses_something():
    modules, entries = project_modules(SOURCE), api_entries(SOURCE)
    for notebook in sorted((project_root() / "notebooks").glob("*.ipynb")):
        names = names_used(code_of(notebook), modules)
        assert any(name in entries for name in names), notebook.stem
        assert all(name.startswith(("sparseobs.", "sparseobs_book.")) for name in names)
