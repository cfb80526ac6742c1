"""Cells that no run will use any more: made by older code, or begun for a grid file that has changed since."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid
from sparseobs.grid.state import read_record


@dataclass(frozen=True)
class Outdated:
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
    older, unfinished = [], []
    for root in sorted((folder / "cells").glob("*/")):
        places = CellFolder(root)
        if root.name in named:
            continue
        if not places.done:
            unfinished.append(root)
        elif _is_older(places, grids[0]):
            older.append(root)
    return Outdated(older, unfinished)


def _is_older(places: CellFolder, grid: Grid) -> bool:
    try:
        record = read_record(places)
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
