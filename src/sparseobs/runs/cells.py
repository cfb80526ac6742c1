"""Rows of a long experiment, each stored as soon as it is there, so that an interruption loses none."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from platformdirs import user_cache_path

from sparseobs.files import SOURCE, replacing


def cell_folder(experiment: str, identity: object, code: Iterable[str]) -> Path:
    """Return where an experiment's finished rows are kept: a folder that changes with all they depend on.

    Args:
        experiment: its name.
        identity: settings and hashes of inputs; anything that JSON can hold.
        code: patterns of the modules involved, below `src`, such as `sparseobs/filtering/*.py`.
    """
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    for pattern in code:
        for source in sorted(SOURCE.glob(pattern)):
            digest.update(source.name.encode() + source.read_bytes())
    return user_cache_path("sparseobs") / experiment / digest.hexdigest()[:16]


def stored_row(path: Path, make: Callable[[], dict]) -> dict:
    """Return the row stored at `path`, making and storing it first if it is not there."""
    if not path.is_file():
        row = make()
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(row))
    return json.loads(path.read_text())
