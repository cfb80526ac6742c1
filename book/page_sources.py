"""Which files a page's numbers may depend on: the modules it imports, the data it names, the pins.

Jupyter's execution cache knows a notebook's own code only, so the build asks here whether anything below
has changed. Where the code does not tell (a dynamic import, a command run in a shell), everything counts.
"""

import ast
import hashlib
import json
import os
import platform
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

PACKAGE = "sparseobs"
SETTINGS = ("SPARSEOBS_PRESET", "SPARSEOBS_DATA", "SPARSEOBS_ROOT")  # environment variables that pages read
HIDDEN_IMPORT = re.compile(r"(__import__|exec|eval|.*\bimport_module|.*\brun_module|.*\brun_path)")
COMMAND = re.compile(r".*\b(system|getoutput|run|Popen|call|check_call|check_output|run_line_magic)")


class CannotTellError(Exception):
    """The imports of a piece of code cannot be read off its text."""


def notebook_code(notebook: Path) -> str:
    """Return a notebook's code cells as one Python source, its magics turned into calls."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return "\n".join(TransformerManager().transform_cell(cell) for cell in code)


def page_digests(notebooks: Iterable[Path], root: Path) -> dict[Path, str]:
    """Return for each notebook a digest of all that its outputs may depend on besides its own cells."""
    source = root / "src" / PACKAGE
    modules = set(source.rglob("*.py"))
    data = {path for folder in (source, root / "results") for path in folder.rglob("*") if path.is_file()}
    data = {path for path in data - modules if path.suffix not in (".pyc", ".md", ".part")}
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
        notebook: _digest(code[notebook] | _data_read(texts[notebook], texts.values(), data), root, common)
        for notebook in texts
    }


def imported_files(code: str, source: Path) -> set[Path]:
    """Return the package's files that `code` imports, directly or not; `source` is the package's folder."""
    found: set[Path] = set()
    waiting = _imports(ast.parse(code), source, here=None)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting |= _imports(ast.parse(path.read_text(encoding="utf-8")), source, here=path)
    return found


def _imports(tree: ast.AST, source: Path, here: Path | None) -> set[Path]:
    """Return the package's files that one parsed file imports itself."""
    files: set[Path] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                files |= _module_files(alias.name, source)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, source, here)
            files |= _module_files(base, source)
            for alias in node.names:
                if alias.name == "*" and base.split(".")[0] == PACKAGE:
                    raise CannotTellError(f"from {base} import *")
                files |= _module_files(f"{base}.{alias.name}", source)
        elif isinstance(node, ast.Call):
            _refuse_hidden_imports(node)
    return files


def _absolute(node: ast.ImportFrom, source: Path, here: Path | None) -> str:
    """Return the full dotted name that a `from` import starts at."""
    if not node.level:
        return node.module or ""
    if here is None:
        raise CannotTellError("a relative import in a notebook")
    folder = here.parents[node.level - 1].relative_to(source.parent)
    return ".".join([*folder.parts, *([node.module] if node.module else [])])


def _module_files(name: str, source: Path) -> set[Path]:
    """Return the files that importing the dotted `name` runs: its packages' `__init__` and its own."""
    if name.split(".")[0] != PACKAGE:
        return set()
    parts = name.split(".")[1:]
    steps = [source.joinpath(*parts[:count]) for count in range(len(parts) + 1)]
    candidates = [path for step in steps for path in (step / "__init__.py", step.with_suffix(".py"))]
    return {path for path in candidates if path.is_file()}


def _refuse_hidden_imports(call: ast.Call) -> None:
    """Raise `CannotTellError` for a call that may import or run the package unseen."""
    name = ast.unparse(call.func)
    if HIDDEN_IMPORT.fullmatch(name) or (COMMAND.fullmatch(name) and PACKAGE in ast.unparse(call)):
        raise CannotTellError(ast.unparse(call))


def quoted_texts(sources: Iterable[str]) -> str:
    """Return every string constant of some Python sources, docstrings left out, one a line."""
    texts = []
    for source in sources:
        tree = ast.parse(source)
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        texts += [str(node.value) for node in constants if id(node) not in docstrings]
    return "\n".join(texts)


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


def _digest(files: Iterable[Path], root: Path, common: str) -> str:
    """Return the SHA-256 of `common` and of the names and contents of `files`."""
    digest = hashlib.sha256(common.encode())
    for path in sorted(files):
        digest.update(f"\n{path.relative_to(root).as_posix()} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
