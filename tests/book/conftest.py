"""A small book with the project's own configuration, Makefile and build script, and pages of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


class MiniBook:
    """A checkout that builds in seconds: change its files, then `make()` it."""

    def __init__(self, root: Path):
        self.root = root
        for name in ("Makefile", "_config.yml", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, root / name)
        (root / "book").mkdir()
        for path in (ROOT / "book").glob("*.py"):
            shutil.copy(path, root / "book" / path.name)
        shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
        shutil.copy(ROOT / "book" / "references.bib", root / "book" / "references.bib")
        self.write("src/sparseobs/__init__.py", "")
        self.pages("book/intro")
        self.write("book/intro.md", "# Mini\n\nWith $x^2$.\n")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def pages(self, root: str, *others: str) -> None:
        lines = ["format: jb-book", f"root: {root}", "chapters:" if others else ""]
        self.write("_toc.yml", "\n".join([*lines, *(f"- file: {page}" for page in others)]) + "\n")

    def notebook(self, name: str, *cells: str, **last_metadata) -> None:
        """Write a notebook with a title and code cells; the last one may carry metadata."""
        code = [nbformat.v4.new_code_cell(source) for source in cells]
        code[-1].metadata |= last_metadata
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {name}"), *code])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.root / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)

    def make(self, target: str = "book", **environment: str) -> subprocess.CompletedProcess:
        """Run `make book` in the environment that the tests run in."""
        here = Path(sys.executable).parent
        command = ["make", "--no-print-directory", target, f"BIN={here}", "WORKERS=2"]
        variables = os.environ | environment
        variables.pop("MAKEFLAGS", None)  # set where the tests themselves were started by make
        return subprocess.run(command, cwd=self.root, env=variables, capture_output=True, text=True, timeout=600)


@pytest.fixture
def mini_book(tmp_path) -> MiniBook:
    return MiniBook(tmp_path)
