"""The table that a run and `grid status` show: how far the cells are, which are running, what failed."""

import time
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sparseobs.grid.attempt_job import DONE, FAILED, FINAL, TIMED_OUT
from sparseobs.grid.model import Grid
from sparseobs.grid.state import (
    INTERRUPTED,
    RUNNING,
    WAITING,
    CellState,
    cell_states,
    count,
    last_line,
    seconds_left,
    steps_done,
)
from sparseobs.grid.wording import duration, label, near, varying

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
WATCH_SECONDS = 2.0
PLAIN_WIDTH = 200  # where lines are read later, in a file or another program


def console(stderr: bool = False) -> Console:
    """Return where tables are shown; a log file gets wide lines and no colours."""
    found = Console(highlight=False, stderr=stderr)
    return found if found.is_terminal else Console(highlight=False, stderr=stderr, width=PLAIN_WIDTH)


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
    parts.append(bar(states, seconds_left(states, grid.cost.seconds, workers or max(1, len(running)))))
    if running:
        parts.append(running_table(grid, running))
    return Group(*parts)


def bar(states: Sequence[CellState], left: float) -> RenderableType:
    """Return one line: a bar, how many cells are finished, how many have each other status, and the time left."""
    counted = count(states)
    words = Text(f"{counted[DONE]} of {len(states)} done", style="bold")
    for status in (RUNNING, WAITING, INTERRUPTED, FAILED, TIMED_OUT):
        if counted[status]:
            words.append(f" · {counted[status]} {status}", style=COLOURS[status])
    if left > 0:
        words.append(f" · about {duration(left)} left" if counted[RUNNING] else "", style="bold")
    line = Table.grid(padding=(0, 2))
    line.add_row(ProgressBar(total=len(states), completed=counted[DONE], width=24), words)
    return line


def running_table(grid: Grid, running: Sequence[CellState]) -> Table:
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


def failure_table(grid: Grid, states: Sequence[CellState], most: int | None = None) -> Table | None:
    """Return one block a cell without success: its parameters, why, and where its log is; None if there is none.

    Args:
        grid: whose cells they are.
        states: of all its cells.
        most: how many blocks, the last ones.
    """
    failed = [state for state in states if state.status in (*FINAL, INTERRUPTED) and state.error]
    if not failed:
        return None
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("not done", no_wrap=True)
    table.add_column("why, and where to look", overflow="fold")
    names = varying(grid)
    for state in failed[-most:] if most else failed:
        why = Text(state.error, style=COLOURS[state.status])
        if state.place:
            why.append(f"\n{near(state.place / 'log.txt')}", style="dim")
        table.add_row(Text.assemble((state.status, COLOURS[state.status]), "  ", label(state.cell, names)), why)
    return table


def show_status(grid: Grid, folder: Path, watch: bool = False) -> None:
    """Print how far the grid in `folder` is; with `watch`, again and again until every cell is done or failed."""
    out = console()

    def picture() -> Group:
        states.clear()
        states.extend(cell_states(grid, folder))
        title = f"{grid.title}  ({grid.name}, {grid.size})"
        failures = failure_table(grid, states, MOST_FAILED if watch else None)
        return Group(board(grid, states, title=title), *([Text(), failures] if failures else []))

    states: list[CellState] = []
    if not (watch and out.is_terminal):
        out.print(picture())
        return
    with Live(picture(), console=out, auto_refresh=False) as live:
        while any(state.status in (RUNNING, INTERRUPTED, WAITING) for state in states):
            time.sleep(WATCH_SECONDS)
            live.update(picture(), refresh=True)
