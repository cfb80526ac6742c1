"""What a piece of code imports is read off its text, or it is said that the text does not tell."""

import json

import pytest

from sparseobs.code_files import CannotTellError, digest, imported_files, notebook_code, quoted_texts


@pytest.fixture
def source(tmp_path):
    files = {
        "__init__.py": "",
        "errors.py": "",
        "filtering/__init__.py": "",
        "filtering/letkf.py": "from sparseobs.errors import InputError\n",
        "filtering/amenf.py": "def late():\n    from . import letkf\n",
        "../sparseobs_book/__init__.py": "",
        "../sparseobs_book/chaos.py": "from sparseobs import errors\n",
        "exports.py": "import importlib\nimportlib.import_module('sparseobs.' + 'errors')\n",
        "scores/__init__.py": "from sparseobs.exports import offered\n",
        "scores/__init__.pyi": "from sparseobs.scores.waves import a as a\n"
        "from sparseobs.scores.spectrum import b as b\n",
        "scores/waves.py": "from sparseobs.errors import InputError\n",
        "scores/spectrum.py": "",
        "hidden.py": "import importlib\nimportlib.import_module('sparseobs.' + 'errors')\n",
    }
    for name, text in files.items():
        path = tmp_path / "sparseobs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "code, expected",
    [
        ("import math", set()),
        ("import sparseobs", {"__init__.py"}),
        ("from sparseobs import errors as e", {"__init__.py", "errors.py"}),
        (
            "import sparseobs.filtering.letkf",
            {"__init__.py", "filtering/__init__.py", "filtering/letkf.py", "errors.py"},
        ),
        (
            "def f():\n    from sparseobs.filtering.amenf import AmEnF",
            {"__init__.py", "errors.py", "filtering/__init__.py", "filtering/amenf.py", "filtering/letkf.py"},
        ),
        (
            "from sparseobs_book import chaos",
            {"sparseobs_book/__init__.py", "sparseobs_book/chaos.py", "__init__.py", "errors.py"},
        ),
        ("from sparseobs.scores import a", {"__init__.py", "scores/waves.py", "errors.py"}),
        ("from sparseobs.scores import spectrum", {"__init__.py", "scores/spectrum.py"}),
        ("from sparseobs.scores.spectrum import b", {"__init__.py", "scores/spectrum.py"}),
        ("import sparseobs.scores", {"__init__.py", "scores/waves.py", "scores/spectrum.py", "errors.py"}),
        ("from sparseobs import scores", {"__init__.py", "scores/waves.py", "scores/spectrum.py", "errors.py"}),
        ("from sparseobs.scores import no_such_name", {"__init__.py"}),
        ("network.eval()\nimport re\nre.compile('x')\nframe.query('a')", set()),
    ],
)
def test_imports_are_followed(source, code, expected):
    assert {path.relative_to(source).as_posix() for path in imported_files(code, source)} == {
        name if name.startswith("sparseobs_book") else f"sparseobs/{name}" for name in expected
    }


@pytest.mark.parametrize(
    "code",
    [
        "eval('x')",
        "from sparseobs import hidden",
        "from sparseobs.filtering import *",
        "from . import letkf",
        "import os\nos.system('python -m sparseobs train')",
    ],
)
def test_what_the_text_does_not_tell_is_said(source, code):
    with pytest.raises(CannotTellError):
        imported_files(code, source)


def test_a_notebooks_code_is_its_code_cells_with_magics_as_calls(tmp_path):
    cells = [("markdown", "import prose"), ("code", "%matplotlib inline\nx = 1"), ("code", "!python -m sparseobs")]
    notebook = {"cells": [{"cell_type": kind, "source": [source]} for kind, source in cells]}
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook))
    code = notebook_code(tmp_path / "a.ipynb")
    assert "x = 1" in code and "prose" not in code
    assert "run_line_magic('matplotlib', 'inline')" in code and ".system('python -m sparseobs')" in code


def test_docstrings_name_no_file():
    assert quoted_texts(['"""Reads a.csv."""\nread("b.csv")']) == "b.csv"


def test_a_digest_tells_names_contents_and_their_borders(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    before = digest([one, two], tmp_path)
    assert digest([two, one], tmp_path) == before
    one.write_text("a")
    two.write_text("bc")
    moved = digest([one, two], tmp_path)
    one.rename(tmp_path / "three")
    renamed = digest([tmp_path / "three", two], tmp_path)
    assert len({before, moved, renamed, digest([two], tmp_path)}) == 4
