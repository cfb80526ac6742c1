"""Which of the project's files a piece of code runs: the modules that it imports, directly or not.

Read off the text alone; nothing is executed. Where the text does not tell (a dynamic import, a command run in a
shell), `CannotTellError` says so, and a caller counts everything.

A sub-package that offers names at its top (`sparseobs.exports`) loads a name's module when the name is asked for. So a
name that is imported from it leads to that module and to no other; its `__init__`, which has nothing but the list, is
no file that anything rests on, and a name that is added to a list changes no digest.
"""

import ast
import functools
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from sparseobs.exports import read_exports

PACKAGES = ("sparseobs", "sparseobs_book")  # the library, and what the book's pages run
OFFERING = "sparseobs.exports"  # its imports are those that the stubs of the sub-packages list
HIDDEN_IMPORT = re.compile(r"(__import__|exec|eval|.*\bimport_module|.*\brun_module|.*\brun_path)")
COMMAND = re.compile(r".*\b(system|getoutput|run|Popen|call|check_call|check_output|run_line_magic)")


class CannotTellError(Exception):
    """The imports of a piece of code cannot be read off its text."""


def package_files(source: Path) -> set[Path]:
    """Return every file of the project's packages, code and data; `source` is the folder that holds them."""
    return {path for name in PACKAGES for path in (source / name).rglob("*") if path.is_file()}


def notebook_code(notebook: Path) -> str:
    """Return a notebook's code cells as one Python source, its magics turned into calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return "\n".join(TransformerManager().transform_cell(cell) for cell in code)


def imported_files(code: str, source: Path) -> set[Path]:
    """Return the project's files that `code` imports, directly or not; `source` is the folder of its packages."""
    found: set[Path] = set()
    waiting = _imports(code, source, here=None)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting |= _imports(path.read_text(encoding="utf-8"), source, here=path)
    return found


def _imports(code: str, source: Path, here: Path | None) -> set[Path]:
    """Return the project's files that one file's code imports itself."""
    files: set[Path] = set()
    for level, module, name in _imported_names(code):
        base = _absolute(level, module, source, here)
        if name == "*" and base.split(".")[0] in PACKAGES:
            raise CannotTellError(f"from {base} import *")
        files |= _module_files(f"{base}.{name}" if name else base, source)
    return files


@functools.cache  # the pages of a book share most of their modules
def _imported_names(code: str) -> frozenset[tuple[int, str, str]]:
    """Return what `code` imports: leading dots, module, and the name taken from it, if any."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {(0, alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.level, node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Call):
            _refuse_hidden_imports(node)
    return frozenset(found)


def _absolute(level: int, module: str, source: Path, here: Path | None) -> str:
    """Return the full dotted name that an import with `level` leading dots starts at."""
    if not level:
        return module
    if here is None:
        raise CannotTellError("a relative import in a notebook")
    folder = here.parents[level - 1].relative_to(source)
    return ".".join([*folder.parts, *([module] if module else [])])


def _module_files(name: str, source: Path) -> set[Path]:
    """Return the files that importing the dotted `name` runs: its packages' `__init__` and its own."""
    parts = name.split(".")
    if parts[0] not in PACKAGES or f"{name}.".startswith(f"{OFFERING}."):
        return set()
    steps = [source.joinpath(*parts[: count + 1]) for count in range(len(parts))]
    candidates = [path for step in steps for path in (step / "__init__.py", step.with_suffix(".py"))]
    lists = {step / "__init__.py" for step in steps if _stub(step).is_file()}
    files = {path for path in candidates if path.is_file()} - lists
    for module in _offered(steps[-1], name, source):
        files |= _module_files(module, source)
    return files


def _stub(package: Path) -> Path:
    """Return where a package's list of names lies if it offers any at its top."""
    return package / "__init__.pyi"


def _offered(last: Path, name: str, source: Path) -> set[str]:
    """Return the modules that are loaded for the dotted `name`: one of a package's names, or a whole package."""
    if _stub(last).is_file():  # the package itself is imported: any of its names may be asked for
        return set(read_exports(_stub(last)).values())
    if _stub(last.parent).is_file() and not last.with_suffix(".py").is_file() and not last.is_dir():
        origin = read_exports(_stub(last.parent))
        # A name that is not there raises where the code runs.
        return {module for offered, module in origin.items() if offered == name.rsplit(".", 1)[-1]}
    return set()


def _refuse_hidden_imports(call: ast.Call) -> None:
    """Raise `CannotTellError` for a call that may import or run the project unseen."""
    name = ast.unparse(call.func)
    if HIDDEN_IMPORT.fullmatch(name) or (COMMAND.fullmatch(name) and PACKAGES[0] in ast.unparse(call)):
        raise CannotTellError(ast.unparse(call))


def quoted_texts(sources: Iterable[str]) -> str:
    """Return every string constant of some Python sources, docstrings left out, one a line."""
    return "\n".join(_quoted_text(source) for source in sources)


@functools.cache
def _quoted_text(source: str) -> str:
    """Return every string constant of one source."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return "\n".join(str(node.value) for node in constants if id(node) not in docstrings)


def digest(files: Iterable[Path], root: Path, common: str = "") -> str:
    """Return the SHA-256 of `common` and of the contents of `files` and their names below `root`."""
    total = hashlib.sha256(common.encode())
    for path in sorted(files):
        total.update(f"\n{path.relative_to(root).as_posix()} {path.stat().st_size}\n".encode())
        total.update(path.read_bytes())
    return total.hexdigest()
