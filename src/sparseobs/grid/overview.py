"""What a grid is going to do, said before it does it."""

import math
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from sparseobs.files import project_root
from sparseobs.grid.attempt_job import DONE, FAILED, TIMED_OUT
from sparseobs.grid.model import Grid
from sparseobs.grid.plan import load_grid
from sparseobs.grid.plan_schema import check_schema
from sparseobs.grid.plan_source import read_source
from sparseobs.grid.state import CellState, cell_states, count
from sparseobs.grid.wording import cells, chosen, duration, near, value, values

MOST_VALUES = 12  # of an axis, on its line


def all_sizes(path: Path) -> list[Grid]:
    """Return the grid at every size that its file has.

    Raises:
        InputError: something is wrong with the file or with what it names; the line is told.
    """
    return [load_grid(path, size) for size in check_schema(read_source(path)).sizes]


def overview(grid: Grid, folder: Path, states: Sequence[CellState]) -> Group:
    """Return what a run of `grid` is about to do: its axes, what is finished, what is left and what it may cost."""
    counted = count(states)
    failed = counted[FAILED] + counted[TIMED_OUT]
    left = len(states) - counted[DONE] - failed
    lines = _description(grid)
    lines.add_row("kept in", near(folder))
    if counted[DONE]:
        lines.add_row("finished", f"{cells(counted[DONE])}, not run again")
    if failed:
        lines.add_row("failed", f"{cells(failed)}, left alone; `grid retry` sets them free")
    if left:
        cost = f"{cells(left)} at about {duration(grid.cost.seconds)} each ({grid.cost.measured_on})"
        lines.add_row("to run", cost)
    return Group(Text(grid.title, "bold"), lines)


def _description(grid: Grid) -> Table:
    lines = Table.grid(padding=(0, 3, 0, 0))
    lines.add_column(style="dim", no_wrap=True)
    lines.add_column(overflow="fold")
    notebook = grid.notebook.relative_to(project_root()).as_posix()
    lines.add_row("grid", f"{near(grid.path)}, size {grid.size}: {cells(len(grid.cells))} of {notebook}")
    for name in grid.axes:
        lines.add_row(name, _listed([value(each) for each in values(grid, name)]))
    common = [name for name in grid.cells[0].parameters if name not in grid.axes]
    if common:
        lines.add_row("in every cell", chosen(grid.cells[0].parameters, common))
    return lines


def _listed(texts: list[str]) -> str:
    if len(texts) <= MOST_VALUES:
        return ", ".join(texts)
    return ", ".join([*texts[: MOST_VALUES - 2], "…", texts[-1]]) + f" ({len(texts)})"


def expected_seconds(grid: Grid, left: int, workers: int) -> float:
    """Return the wall time that `left` cells are expected to take, so many at a time."""
    return math.ceil(left / workers) * grid.cost.seconds


def size_table(grids: Sequence[Grid], folder: Path, workers: int) -> Table:
    """Return one line a size: how many cells, how many are finished, and what the rest may cost."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name in ("size", "cells", "finished", "a cell", f"all, {workers} at a time", "cost measured on"):
        table.add_column(name, justify="left" if name in ("size", "cost measured on") else "right")
    for grid in grids:
        finished = count(cell_states(grid, folder))[DONE]
        total = duration(expected_seconds(grid, len(grid.cells), workers))
        each = duration(grid.cost.seconds)
        table.add_row(grid.size, str(len(grid.cells)), str(finished), each, total, grid.cost.measured_on)
    return table


def check_report(grids: Sequence[Grid], folder: Path, workers: int) -> Group:
    """Return what `grid check` prints of a sound grid file."""
    largest = max(grids, key=lambda grid: len(grid.cells))
    parts = [Text(largest.title, "bold"), _description(largest), Text(), size_table(grids, folder, workers)]
    inputs = [f"input {path}  SHA-256 {digest[:12]}…" for path, digest in largest.inputs.items()]
    return Group(*parts, *([Text(), *(Text(line, "dim") for line in inputs)] if inputs else []))
