"""Where the project's own files are, and how a file is written so that no half of it is ever seen."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from sparseobs.errors import InputError

PACKAGE = Path(__file__).resolve().parent
SOURCE = PACKAGE.parent  # of both packages, the library and the book
CHECKPOINTS = PACKAGE / "checkpoints"


def project_root() -> Path:
    """Return the folder named by `SPARSEOBS_ROOT`, or else the clone that this package lies in; it holds `results/`.

    Raises:
        InputError: that folder has no `results/`, or the package was installed without its clone.
    """
    named, expected = os.environ.get("SPARSEOBS_ROOT"), "a checkout of the book, or a folder of your own with results/"
    root = Path(named) if named else PACKAGE.parents[1]
    if (root / "results").is_dir():
        return root
    if named:
        raise InputError("SPARSEOBS_ROOT", named, expected, f"mkdir {root / 'results'}, or the path of a clone")
    given = f"nothing, and sparseobs installed without its clone, in {PACKAGE.parent}"
    raise InputError("SPARSEOBS_ROOT", given, expected, "export SPARSEOBS_ROOT=FOLDER")


def results_folder() -> Path:
    """Return where stored tables are read: `results/` of the project, or else what was installed with the package.

    Raises:
        InputError: neither is there.
    """
    try:
        return project_root() / "results"
    except InputError:
        installed = None if os.environ.get("SPARSEOBS_ROOT") else _installed_results()
        if installed is None:
            raise
        return installed


def _installed_results() -> Path | None:
    """Return the folder of stored tables that a wheel brought, wherever it was installed to."""
    try:
        listed = files("sparseobs") or []
    except PackageNotFoundError:
        return None
    found = (Path(file.locate()).resolve().parent for file in listed if file.match("sparseobs/results/dictionary.csv"))
    return next((folder for folder in found if folder.is_dir()), None)


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it on success and vanishes on failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
