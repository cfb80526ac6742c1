"""How cells, values, times and places are written for people."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sparseobs.files import project_root
from sparseobs.grid.identity import Scalar

if TYPE_CHECKING:
    from sparseobs.grid.model import Cell, Grid

MINUTE, HOUR, DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """Return a time span to two figures or so: `0.4 s`, `48 s`, `12 min`, `5 h 20 min`, `3 d 4 h`."""
    if seconds < 9.95:
        return f"{round(seconds, 1):g} s"
    if seconds < 1.5 * MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    if minutes < 10:
        return f"{int(seconds / MINUTE)} min {int(seconds % MINUTE)} s".removesuffix(" 0 s")
    if minutes < 90:
        return f"{minutes} min"
    if seconds < 1.5 * DAY:
        return f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")
    hours = round(seconds / HOUR)
    return f"{hours // 24} d {hours % 24} h".removesuffix(" 0 h")


def amount(number: int, what: str = "cell") -> str:
    """Return `1 cell`, `2 cells`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def varying(grid: "Grid") -> tuple[str, ...]:
    """Return the axes along which cells differ; all of them if none does."""
    several = [name for name in grid.axes if len(values(grid, name)) > 1]
    return tuple(several) or grid.axes


def values(grid: "Grid", name: str) -> list[Scalar]:
    """Return the values that a parameter takes, in order."""
    return list(dict.fromkeys(cell.parameters[name] for cell in grid.cells))


def label(cell: "Cell", names: Sequence[str]) -> str:
    """Return what makes a cell this one: `noise 1.0, seed 2`."""
    return chosen(cell.parameters, names)


def chosen(parameters: Mapping[str, Scalar], names: Sequence[str]) -> str:
    """Return some parameters and their values in a row."""
    return ", ".join(f"{name} {value(parameters[name])}" for name in names)


def value(given: Scalar) -> str:
    """Return a value as a grid file writes it."""
    if given is None:
        return "null"
    return str(given).lower() if isinstance(given, bool) else str(given)


def below_project(path: Path) -> str:
    """Return a path relative to the project if it lies there; else its name, which names no machine's folders."""
    root, there = project_root().resolve(), path.resolve()
    return there.relative_to(root).as_posix() if there.is_relative_to(root) else there.name


def near(path: Path) -> str:
    """Return a path as it is typed from here: relative if it lies below, else absolute."""
    here, there = Path.cwd().resolve(), path.resolve()
    return os.path.relpath(there, here) if there.is_relative_to(here) else str(there)
