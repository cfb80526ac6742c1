"""Files that several cells of a grid need, such as a pre-trained model: each is made once and found by all."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from filelock import FileLock, Timeout

from sparseobs.code_files import digest
from sparseobs.errors import InputError
from sparseobs.files import SOURCE


def shared_folder() -> Path | None:
    """Return the folder beside the cells of the grid that runs this process, or None outside a grid."""
    progress = os.environ.get("SPARSEOBS_CELL_PROGRESS")
    cells = Path(progress).parents[1] if progress else None
    return cells.with_name("shared") if cells and cells.name == "cells" else None


def content_address(kind: str, identity: object, code: Iterable[str]) -> str:
    """Return a file's name without suffix: its kind and a hash of all that its content depends on.

    Args:
        kind: what it is, for people.
        identity: settings, seeds, hashes of inputs; anything that JSON can hold.
        code: patterns of the modules that make it, below `src`, such as `sparseobs/neural_process/*.py`.
    """
    modules = {pattern: list(SOURCE.glob(pattern)) for pattern in code}
    for pattern, found in modules.items():
        if not found:
            raise InputError("code", pattern, f"modules below {SOURCE}", "sparseobs/filtering/*.py")
    everything = digest(chain(*modules.values()), SOURCE, json.dumps(identity, sort_keys=True))
    return f"{kind}-{everything[:16]}"


@contextmanager
def alone(lock: Path, waiting: str) -> Iterator[None]:
    """Hold a lock on a file, whose folder is made; where another process holds it, print `waiting` and wait."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    file = FileLock(lock)
    try:
        held = file.acquire(blocking=False)
    except Timeout:
        print(waiting, flush=True)
        held = file.acquire()
    with held:  # the system frees it if this process dies
        yield


def make_once(path: Path, make: Callable[[Path, Path], None]) -> Path:
    """Return `path`, made by whoever asks first, however many processes ask; the others wait for it.

    Args:
        path: of a file that is whole if it is there.
        make: writes it in one step (see `files.replacing`); is also given a file to keep its progress in. If its
            process dies, the next one to ask goes on from there.
    """
    progress = path.with_suffix(".progress")
    with alone(path.with_suffix(".lock"), f"waiting for {path.name}, which another cell is making"):
        if not path.is_file():
            make(path, progress)
        progress.unlink(missing_ok=True)
    return path
