"""What a person is shown of a grid: what it is going to do, how far its cells are, which are running, what failed."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sparseobs.grid.folder import DONE, FAILED, FINAL, INTERRUPTED, TIMED_OUT
from sparseobs.grid.model import Grid
from sparseobs.grid.state import (
    RUNNING,
    WAITING,
    CellState,
    cell_state,
    cell_states,
    count,
    last_line,
    seconds_left,
    steps_done,
)
from sparseobs.grid.wording import amount, below_project, chosen, duration, label, near, value, values, varying

COLOURS = {
    DONE: "green",
    RUNNING: "cyan",
    FAILED: "red",
    TIMED_OUT: "red",
    INTERRUPTED: "yellow",
    WAITING: "dim",
}
MOST_RUNNING = 10  # lines of each, so that the table stays on one screen
MOST_FAILED = 5
MOST_VALUES = 12  # of an axis, on its line
REFRESHES_PER_SECOND = 2
WATCH_SECONDS = 2.0
PLAIN_WIDTH = 200  # where lines are read later, in a file or another program


def console() -> Console:
    """Return where tables are shown; a log file gets wide lines and no colours."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def overview(grid: Grid, folder: Path, states: Sequence[CellState]) -> Group:
    """Return what a run of `grid` is about to do: its axes, what is finished, what is left and what it may cost."""
    counted = count(states)
    failed = counted[FAILED] + counted[TIMED_OUT]
    left = len(states) - counted[DONE] - failed
    lines = _description(grid)
    lines.add_row("kept in", near(folder))
    if counted[DONE]:
        lines.add_row("finished", f"{amount(counted[DONE])}, not run again")
    if failed:
        lines.add_row("failed", f"{amount(failed)}, left alone; `grid retry` sets them free")
    if left:
        cost = f"{amount(left)} at about {duration(grid.cost.seconds)} each ({grid.cost.measured_on})"
        lines.add_row("to run", cost)
    return Group(Text(grid.title, "bold"), lines)


def _description(grid: Grid) -> Table:
    lines = Table.grid(padding=(0, 3, 0, 0))
    lines.add_column(style="dim", no_wrap=True)
    lines.add_column(overflow="fold")
    what = f"{amount(len(grid.cells))} of {below_project(grid.notebook)}"
    lines.add_row("grid", f"{near(grid.path)}, size {grid.size}: {what}")
    for name in grid.axes:
        texts = [value(each) for each in values(grid, name)]
        shown = texts if len(texts) <= MOST_VALUES else [*texts[: MOST_VALUES - 2], "…", f"{texts[-1]} ({len(texts)})"]
        lines.add_row(name, ", ".join(shown))
    common = [name for name in grid.cells[0].parameters if name not in grid.axes]
    if common:
        lines.add_row("in every cell", chosen(grid.cells[0].parameters, common))
    return lines


def expected_seconds(grid: Grid, left: int, workers: int) -> float:
    """Return the wall time that `left` cells are expected to take, so many at a time."""
    return math.ceil(left / workers) * grid.cost.seconds


def check_report(grids: Sequence[Grid], folder: Path, workers: int) -> Group:
    """Return what `grid check` prints of a sound grid file: what it is, one line a size, and the inputs."""
    largest = max(grids, key=lambda grid: len(grid.cells))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name in ("size", "cells", "finished", "a cell", f"all, {workers} at a time", "cost measured on"):
        table.add_column(name, justify="left" if name in ("size", "cost measured on") else "right")
    for grid in grids:
        finished = count(cell_states(grid, folder))[DONE]
        total = duration(expected_seconds(grid, len(grid.cells), workers))
        each = duration(grid.cost.seconds)
        table.add_row(grid.size, str(len(grid.cells)), str(finished), each, total, grid.cost.measured_on)
    inputs = [f"input {path}  SHA-256 {digest[:12]}…" for path, digest in largest.inputs.items()]
    parts = [Text(largest.title, "bold"), _description(largest), Text(), table]
    return Group(*parts, *([Text(), *(Text(line, "dim") for line in inputs)] if inputs else []))


def board(grid: Grid, states: Sequence[CellState], *, workers: int | None = None, title: str = "") -> Group:
    """Return how far a grid is.

    Args:
        grid: whose cells they are.
        states: of all its cells.
        workers: cells at a time; None takes those that are running.
        title: put above, if any.
    """
    running = [state for state in states if state.status == RUNNING]
    parts: list[RenderableType] = [Text(title, style="bold")] if title else []
    parts.append(_bar(states, seconds_left(states, grid.cost.seconds, workers or max(1, len(running)))))
    if running:
        parts.append(_running_table(grid, running))
    return Group(*parts)


def _bar(states: Sequence[CellState], left: float) -> Table:
    """Return one line: a bar, how many cells are finished, how many have each other status, and the time left."""
    counted = count(states)
    words = Text(f"{counted[DONE]} of {len(states)} done", style="bold")
    for status in (RUNNING, WAITING, INTERRUPTED, FAILED, TIMED_OUT):
        if counted[status]:
            words.append(f" · {counted[status]} {status}", style=COLOURS[status])
    if left > 0 and counted[RUNNING]:
        words.append(f" · about {duration(left)} left", style="bold")
    line = Table.grid(padding=(0, 2))
    line.add_row(ProgressBar(total=len(states), completed=counted[DONE], width=24), words)
    return line


def _running_table(grid: Grid, running: Sequence[CellState]) -> Table:
    """Return one line a running cell: for how long, how many of its notebook's cells are executed, what it said."""
    table = Table.grid(padding=(0, 2), expand=True)
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", style="dim", ratio=1)
    names = varying(grid)
    for state in running[:MOST_RUNNING]:
        steps = steps_done(state.place) if state.place else None
        progress = f"step {min(steps[0] + 1, steps[1])} of {steps[1]}" if steps else "starting"
        said = last_line(state.place) if state.place else ""
        table.add_row(Text("  ▸", COLOURS[RUNNING]), label(state.cell, names), duration(state.seconds), progress, said)
    if len(running) > MOST_RUNNING:
        table.add_row("", f"and {len(running) - MOST_RUNNING} more")
    return table


def failure_table(grid: Grid, states: Sequence[CellState], most: int) -> Table | None:
    """Return one block a cell without success: its parameters, why, and where its log is; None if there is none.

    Args:
        grid: whose cells they are.
        states: of all its cells.
        most: how many blocks, the last ones.
    """
    failed = [state for state in states if state.status in (*FINAL, INTERRUPTED) and state.error]
    if not failed or not most:
        return None
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("not done", no_wrap=True)
    table.add_column("why, and where to look", overflow="fold")
    names = varying(grid)
    for state in failed[-most:]:
        why = Text(state.error, style=COLOURS[state.status])
        if state.place:
            why.append(f"\n{near(state.place / 'log.txt')}", style="dim")
        table.add_row(Text.assemble((state.status, COLOURS[state.status]), "  ", label(state.cell, names)), why)
    return table


class Picture:
    """The table of a grid as its files have it whenever it is looked at.

    Args:
        grid: whose cells they are.
        folder: where they are.
        workers: cells at a time; None takes those that are running.
        title: put above, if any.
        most_failed: how many cells without success are listed.
    """

    def __init__(self, grid: Grid, folder: Path, *, workers: int | None = None, title: str = "", most_failed: int = 0):
        self.grid, self.folder, self.workers, self.title, self.most_failed = grid, folder, workers, title, most_failed
        self._done: dict[str, CellState] = {}  # not read again

    def __call__(self) -> tuple[Group, bool]:
        """Return the table as it is now, and whether it may change."""
        states = [self._done.get(cell.identity) or cell_state(cell, self.folder) for cell in self.grid.cells]
        self._done |= {state.cell.identity: state for state in states if state.status == DONE}
        shown = board(self.grid, states, workers=self.workers, title=self.title)
        failures = failure_table(self.grid, states, self.most_failed)
        going_on = any(state.status in (RUNNING, INTERRUPTED, WAITING) for state in states)
        return Group(shown, *([Text(), failures] if failures else [])), going_on

    @contextmanager
    def live(self, out: Console) -> Iterator[None]:
        """Show it in a terminal as long as the context lasts; the last one, which stays, lists no failures."""
        if not out.is_terminal:
            yield
            return
        with Live(get_renderable=lambda: self()[0], console=out, refresh_per_second=REFRESHES_PER_SECOND):
            yield
            self.most_failed = 0


def show_status(grid: Grid, folder: Path, watch: bool = False) -> None:
    """Print how far the grid in `folder` is; with `watch`, again and again until every cell is done or failed."""
    out = console()
    title = f"{grid.title}  ({grid.name}, {grid.size})"
    picture = Picture(grid, folder, title=title, most_failed=MOST_FAILED if watch else len(grid.cells))
    shown, going_on = picture()
    if not (watch and out.is_terminal):
        out.print(shown)
        return
    with Live(shown, console=out, auto_refresh=False) as live:
        while going_on:
            time.sleep(WATCH_SECONDS)
            shown, going_on = picture()
            live.update(shown, refresh=True)
