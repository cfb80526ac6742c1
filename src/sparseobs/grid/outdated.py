"""Cells that no run will use any more: made by older code, or begun for a grid file that has changed since."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid


class Outdated(NamedTuple):
    """Folders of cells that today's grid does not name at any size.

    Args:
        older: finished, by code or inputs that have changed since; never mixed into a table.
        unfinished: begun and never finished.
    """

    older: list[Path]
    unfinished: list[Path]


def outdated(grids: Sequence[Grid], folder: Path) -> Outdated:
    """Return the cells in `folder` that are of no use any more.

    A finished cell of today's code that only the grid file no longer names is none of them: it comes back with its
    line.

    Args:
        grids: the grid at all its sizes.
        folder: where its cells are.
    """
    named = {cell.identity for grid in grids for cell in grid.cells}
    places = [CellFolder(root) for root in sorted((folder / "cells").glob("*/")) if root.name not in named]
    older = [each.root for each in places if each.done and _is_older(each, grids[0])]
    return Outdated(older, [each.root for each in places if not each.done])


def _is_older(places: CellFolder, grid: Grid) -> bool:
    try:
        record = places.record()
    except (OSError, json.JSONDecodeError):
        return False
    return record["code"] != grid.code or record["inputs"] != grid.inputs


def bytes_in(folders: Sequence[Path]) -> int:
    """Return how much the files in some folders hold."""
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def remove(folders: Sequence[Path]) -> int:
    """Remove cells' folders, except those that a process is at; return how many are gone."""
    removed = 0
    for root in folders:
        try:
            with FileLock(CellFolder(root).lock, timeout=0):
                shutil.rmtree(root)
        except Timeout:
            continue
        removed += 1
    return removed
