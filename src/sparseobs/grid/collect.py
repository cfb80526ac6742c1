"""One tidy table of all cells, in `results/`, with the record of how it came about."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import project_root, sha256
from sparseobs.grid.attempt_job import DONE
from sparseobs.grid.collect_record import collected_record
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Cell, Grid
from sparseobs.grid.state import CellState, cell_states, count, read_record
from sparseobs.grid.wording import cells, label, value, varying
from sparseobs.runs.cell import RESULT
from sparseobs.runs.results import read_result, result_size, write_result

SIZES = ("unknown", "smoke", "lesson", "study", "paper")  # a table is not replaced by one of a smaller size


def collect(grid: Grid, folder: Path, *, partial: bool = False, name: str | None = None) -> Path:
    """Write the table of the grid's cells to results/NAME.csv and its record to results/NAME.json.

    The table has the axes first, then the columns that the cells kept; a row an outcome, sorted as the grid.

    Args:
        grid: whose cells they are.
        folder: where its cells are.
        partial: leave out the cells that are not done, and say so in the record.
        name: of the table; by default the grid's.

    Raises:
        InputError: cells are missing, what one kept is not what its record describes or contradicts its parameters,
            or a fuller table of that name is stored.
    """
    states = cell_states(grid, folder)
    done = [state.cell for state in states if state.status == DONE]
    if not done or (len(done) < len(states) and not partial):
        raise _incomplete(grid, states, partial)
    tables = [cell_table(grid, cell, folder) for cell in done]
    records = [read_record(CellFolder.of(folder, cell.identity)) for cell in done]
    record = collected_record(grid, records, [len(table) for table in tables], partial=partial, name=name)
    _require_no_fuller(name or grid.name, record)
    return write_result(name or grid.name, joined(tables), record)


def _incomplete(grid: Grid, states: Sequence[CellState], partial: bool) -> InputError:
    counted = count(states)
    others = ", ".join(f"{number} {status}" for status, number in counted.items() if number and status != DONE)
    given = f"{counted[DONE]} of {cells(len(states))} done, {others}"
    hint = "" if partial or not counted[DONE] else "; or `--partial` for a table of those that are done"
    return InputError(f"grid {grid.name}, size {grid.size}", given, "every cell done", f"`grid run` first{hint}")


def cell_table(grid: Grid, cell: Cell, folder: Path) -> pd.DataFrame:
    """Return what a cell kept, as texts to the last digit, its place on the grid's axes in front.

    Raises:
        InputError: the table is not the one its record describes, or a column contradicts the parameter of its name.
    """
    places = CellFolder.of(folder, cell.identity)
    path = places.result / RESULT
    who = f"cell {label(cell, varying(grid))} ({cell.identity})"
    if sha256(path) != read_record(places)["outputs"][RESULT]:
        given = f"another {RESULT} than its record describes"
        raise InputError(who, given, "files as the run left them", f"removing {places.root} and running it again")
    kept = pd.read_csv(path, dtype=str, keep_default_na=False)
    front = {name: "" if cell.parameters[name] is None else cell.parameters[name] for name in grid.axes}
    for name in [name for name in grid.axes if name in kept]:
        if not _same(kept[name], front[name]):
            given = f"{sorted(set(kept[name]))} where the parameter is {value(front[name])}"
            raise InputError(f"{who}, column {name}", given, "columns that are not named as an axis", "another name")
    kept = kept.drop(columns=[name for name in grid.axes if name in kept])
    return pd.concat([pd.DataFrame(front, index=kept.index, dtype=object), kept], axis=1)


def _same(column: pd.Series, parameter: object) -> bool:
    """Return whether a column of texts says in every row what the parameter says."""
    if isinstance(parameter, (int, float)) and not isinstance(parameter, bool):
        return bool((pd.to_numeric(column, errors="coerce") == parameter).all())
    return bool((column == str(parameter)).all())


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables of texts as one of numbers and texts; where a table lacks a column, its rows have no value."""
    text = pd.concat(tables, ignore_index=True).fillna("").to_csv(index=False)
    return pd.read_csv(io.StringIO(text))


def _require_no_fuller(name: str, record: dict) -> None:
    """Raise `InputError` if the table stored under `name` is of a larger size, or whole where the new one is not."""
    if not (project_root() / "results" / f"{name}.json").is_file():
        return
    stored = read_result(name).record
    if _fullness(stored) > _fullness(record):
        given = f"a table of size {record['size']}{' with cells missing' * bool(record['cells_missing'])}"
        expected = f"one no less than the stored results/{name}.csv ({result_size(stored)}, {stored['date']})"
        raise InputError(f"table {name}", given, expected, f"--name {name}_{record['size']}")


def _fullness(record: dict) -> tuple[int, bool]:
    size = result_size(record)
    return (SIZES.index(size) if size in SIZES else 0), not record.get("cells_missing")
