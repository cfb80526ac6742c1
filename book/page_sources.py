"""Which files a page's numbers may depend on: the modules it imports, the data it names, the pins.

Jupyter's execution cache knows a notebook's own code only, so the build asks here whether anything below
has changed. Where the code does not tell (a dynamic import, a command run in a shell), everything counts.
"""

import json
import os
import platform
import site
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sparseobs.code_files import (
    CannotTellError,
    digest,
    imported_files,
    notebook_code,
    package_files,
    quoted_texts,
)

NO_NUMBERS = (".pyc", ".pyi", ".md", ".part")
NO_DATA = ("dictionary.csv", "py.typed")  # what columns mean, in words; a mark for type checkers
BOOK_IGNORES = {"_build", "__pycache__", "tests", "sparseobs.egg-info"}  # folders that no page shows or rests on
SETTINGS = ("SPARSEOBS_PRESET", "SPARSEOBS_DATA", "SPARSEOBS_ROOT")  # environment variables that pages read


def page_digests(notebooks: Iterable[Path], root: Path) -> dict[Path, str]:
    """Return for each notebook a digest of all that its outputs may depend on besides its own cells."""
    source = root / "src"
    files = package_files(source)
    modules = {path for path in files if path.suffix == ".py"}
    data = files | {path for path in (root / "results").rglob("*") if path.is_file()}
    data = {path for path in data - modules if path.suffix not in NO_NUMBERS and path.name not in NO_DATA}
    code, texts = {}, {}
    for notebook in notebooks:
        try:
            text = notebook_code(notebook)
            code[notebook] = imported_files(text, source)
            texts[notebook] = quoted_texts([text, *(path.read_text("utf-8") for path in code[notebook])])
        except (CannotTellError, SyntaxError):
            code[notebook], texts[notebook] = modules, None
    common = pins(root)
    return {
        notebook: digest(code[notebook] | _data_read(texts[notebook], texts.values(), data), root, common)
        for notebook in texts
    }


def _data_read(texts: str | None, all_texts: Iterable[str | None], data: set[Path]) -> set[Path]:
    """Return the data files whose name a page's code quotes, and those that no page's code quotes."""
    all_texts = [each for each in all_texts if each is not None]
    return {
        path for path in data if texts is None or path.stem in texts or not any(path.stem in each for each in all_texts)
    }


def pins(root: Path) -> str:
    """Return the versions and settings that every page depends on, as one text."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {name: project.get(name) for name in ("requires-python", "dependencies", "optional-dependencies")}
    settings = {name: os.environ.get(name) for name in SETTINGS}
    constraints = (root / "constraints.txt").read_text(encoding="utf-8")
    return json.dumps([platform.python_version(), wanted, settings, constraints], sort_keys=True)


def sources_digest(root: Path) -> str:
    """Return a digest of all that the book is built from: the checkout, the packages installed, the settings."""
    installed = [path.name for folder in site.getsitepackages() for path in Path(folder).glob("*.dist-info")]
    return digest(_files(root, BOOK_IGNORES), root, pins(root) + "\n".join(sorted(installed)))


def built_digest(html: Path) -> str:
    """Return a digest of the built pages."""
    return digest(_files(html, set()), html)


def _files(folder: Path, ignored: set[str]) -> Iterator[Path]:
    """Yield the files below `folder`, without hidden ones and those in folders named in `ignored`."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ignored and not name.startswith(".")]
        yield from (Path(here, name) for name in names if not name.startswith("."))
