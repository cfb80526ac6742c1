"""Where the project's own files are, and how a file is written so that no half of it is ever seen."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sparseobs.errors import InputError

PACKAGE = Path(__file__).resolve().parent
SOURCE = PACKAGE.parent  # of both packages, the library and the book
CHECKPOINTS = PACKAGE / "checkpoints"


def project_root() -> Path:
    """Return the checkout that holds `results/` (or the folder named by `SPARSEOBS_ROOT`)."""
    root = Path(os.environ.get("SPARSEOBS_ROOT", PACKAGE.parents[1]))
    if not (root / "results").is_dir():
        raise InputError("SPARSEOBS_ROOT", str(root), "a checkout of the book", "pip install -e from a clone")
    return root


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
