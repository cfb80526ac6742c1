"""What a run shows while it goes on: a live table in a terminal, one line a cell anywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from sparseobs.grid.attempt_job import DONE, Outcome
from sparseobs.grid.engine import Started
from sparseobs.grid.model import Grid
from sparseobs.grid.state import INTERRUPTED, RUNNING, WAITING, CellState, cell_state, cell_states
from sparseobs.grid.status import MOST_FAILED, board, failure_table
from sparseobs.grid.wording import duration, label, varying

REFRESHES_PER_SECOND = 2


class Progress:
    """Follows a run by what the engine reports and shows it.

    Args:
        grid: that runs.
        folder: of its cells.
        workers: cells at a time.
        out: where it is shown.
    """

    def __init__(self, grid: Grid, folder: Path, *, workers: int, out: Console):
        self.grid, self.folder, self.workers, self.out = grid, folder, workers, out
        self.states = {state.cell.identity: state for state in cell_states(grid, folder)}
        self.executed = 0

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Show it as long as the context lasts; what was shown last stays."""
        if not self.out.is_terminal:
            yield self
            return
        with Live(get_renderable=self.picture, console=self.out, refresh_per_second=REFRESHES_PER_SECOND):
            yield self

    def __call__(self, event: Started | Outcome) -> None:
        """Take in what the engine reports."""
        cell = self.states[event.identity].cell
        if isinstance(event, Started):
            self.states[event.identity] = CellState(cell, RUNNING)
            if event.times > 1:
                self._say(f"{label(cell, varying(self.grid))}: taken up again, its worker or kernel was lost")
            return
        state = cell_state(cell, self.folder)
        if event.status != DONE:
            state = replace(state, status=event.status, error=event.message)
        self.states[event.identity] = state
        if event.executed:
            self.executed += 1
            self._say_ended(state, event)

    def picture(self) -> Group:
        """Return the table as it is now. The live display asks for it in a thread of its own."""
        states = list(self.states.values())
        now = [cell_state(state.cell, self.folder) if state.status == RUNNING else state for state in states]
        # Between the engine's word that a cell has started and its first file, and again after its last one.
        now = [
            new if old.status != RUNNING or new.status == RUNNING else old for old, new in zip(states, now, strict=True)
        ]
        going_on = any(state.status in (RUNNING, INTERRUPTED, WAITING) for state in now)
        failures = failure_table(self.grid, now, MOST_FAILED) if going_on else None  # at the end the run lists them all
        return Group(board(self.grid, now, workers=self.workers), *([Text(), failures] if failures else []))

    def _say_ended(self, state: CellState, event: Outcome) -> None:
        if self.out.is_terminal:
            return
        settled = sum(each.status not in (RUNNING, WAITING, INTERRUPTED) for each in self.states.values())
        line = f"[{settled}/{len(self.states)}] {event.status:<9} {duration(event.seconds):>6}  "
        line += label(state.cell, varying(self.grid))
        self._say(f"{line}: {event.message}" if event.message else line)

    def _say(self, line: str) -> None:
        self.out.print(Text(line))
