"""The handout opens without a network and holds what the notebooks need; without a book there is none."""

import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from handout import FILES, START, handout, main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(tmp_path):
    for name in (*FILES, "book/selftest.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    files = {
        "src/sparseobs/__init__.py": "",
        "src/sparseobs/__pycache__/x.pyc": "",
        "src/sparseobs.egg-info/PKG-INFO": "",
        "results/table.csv": "a\n",
        "_toc.yml": "format: jb-book\nroot: notebooks/page\n",
        "_build/html/index.html": "<p>A book</p>",
        "_build/built_from": "a digest",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    solution = nbformat.v4.new_code_cell("6 * 7", metadata={"tags": ["solution"]})
    (tmp_path / "notebooks").mkdir()
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), solution]),
        tmp_path / "notebooks" / "page.ipynb",
    )
    return tmp_path


def test_it_holds_pages_notebooks_without_solutions_and_the_package(book, capsys):
    assert main(["--root", str(book)]) == 0
    assert re.search(r"handout\.zip \(\d+\.\d MB\)", capsys.readouterr().out)
    with zipfile.ZipFile(book / "_build" / "handout.zip") as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
        assert b"6 * 7" not in archive.read("handout/learners/page.ipynb")
    wanted = {"START_HERE.md", "html/index.html", "learners/page.py", "src/sparseobs/__init__.py", "results/table.csv"}
    assert {f"handout/{name}" for name in wanted | set(FILES)} <= names
    assert not [name for name in names if "egg-info" in name or "__pycache__" in name]


def test_what_its_first_page_names_is_in_it(book):
    with zipfile.ZipFile(handout(book, book / "_build")) as archive:
        names = archive.namelist()
    for named in re.findall(r"`(\w[\w./-]+)`", START):
        assert any(name.startswith(f"handout/{named}") for name in names), named


@pytest.mark.parametrize("gone", ["_build/html/index.html", "_build/built_from"])
def test_without_a_finished_book_it_says_what_to_do(book, capsys, gone):
    (book / gone).unlink()
    assert main(["--root", str(book)]) == 2
    assert "expected a built book. Try make book." in capsys.readouterr().err
    assert not (book / "_build" / "handout.zip").exists()
