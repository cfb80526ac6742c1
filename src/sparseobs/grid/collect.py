"""One tidy table of all cells, in `results/`, with the record of how it came about."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sparseobs.errors import InputError
from sparseobs.files import project_root, sha256
from sparseobs.grid.folder import DONE, RESULT, CellFolder
from sparseobs.grid.model import Cell, Grid
from sparseobs.grid.state import CellState, cell_states, count
from sparseobs.grid.wording import amount, below_project, label, value, values, varying
from sparseobs.runs.results import read_result, result_size, write_result

SIZES = ("unknown", "smoke", "lesson", "study", "paper")  # a table is not replaced by one of a smaller size
# Of a cell's record; the other parameters are the same in every cell and said once.
OF_EACH = (
    *("identity", "attempt", "started", "ended", "wall_seconds", "device_seconds", "peak_memory_mb"),
    *("device", "commit", "clean"),
)


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
    records = [CellFolder.of(folder, cell.identity).record() for cell in done]
    record = collected_record(grid, records, [len(table) for table in tables], command=_command(grid, partial, name))
    _require_no_fuller(name or grid.name, record)
    return write_result(name or grid.name, joined(tables), record)


def _incomplete(grid: Grid, states: Sequence[CellState], partial: bool) -> InputError:
    counted = count(states)
    others = ", ".join(f"{number} {status}" for status, number in counted.items() if number and status != DONE)
    given = f"{counted[DONE]} of {amount(len(states))} done, {others}"
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
    if sha256(path) != places.record()["outputs"][RESULT]:
        given = f"another {RESULT} than its record describes"
        raise InputError(who, given, "files as the run left them", f"removing {places.root} and running it again")
    kept = pd.read_csv(path, dtype=str, keep_default_na=False)
    front = {name: "" if cell.parameters[name] is None else cell.parameters[name] for name in grid.axes}
    for name in kept.columns.intersection(grid.axes):
        if not _same(kept[name], front[name]):
            given = f"{sorted(set(kept[name]))} where the parameter is {value(front[name])}"
            raise InputError(f"{who}, column {name}", given, "columns that are not named as an axis", "another name")
    kept = kept.drop(columns=list(grid.axes), errors="ignore")
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


def _command(grid: Grid, partial: bool, name: str | None) -> str:
    """Return what a reader types to make the table again."""
    given = f"{below_project(grid.path)} --size {grid.size}"
    if not partial and name in (None, grid.name):
        return f"python -m sparseobs grid run {given} --collect"
    options = " --partial" * partial + f" --name {name}" * bool(name)
    return f"python -m sparseobs grid run {given} && python -m sparseobs grid collect {given}{options}"


def collected_record(grid: Grid, records: Sequence[dict], rows: Sequence[int], *, command: str) -> dict:
    """Return the record of a table of the grid's cells.

    Args:
        grid: whose cells they are.
        records: of the cells in the table, in its order; at least one.
        rows: how many rows of the table each has.
        command: what a reader types to make the table again.

    Returns:
        What a page needs of any table (`command`, `size`, `date`, `device`, `commit`, `clean`, ...), the totals, and
        under `cells` what was measured of each. Where cells differ, `device` and each of `versions` list all values.
    """
    last = max(records, key=lambda record: record["ended"])
    varied = [each for each in grid.cells[0].parameters if each in grid.axes]
    return {
        "command": command,
        "grid": {"name": grid.name, "title": grid.title, "file": below_project(grid.path), "sha256": sha256(grid.path)},
        "size": grid.size,
        "notebook": grid.notebook.relative_to(project_root()).as_posix(),
        "code": grid.code,
        "parameters": grid.cells[0].parameters | {each: values(grid, each) for each in varied},
        "inputs": grid.inputs | {path: digest for record in records for path, digest in record["read"].items()},
        "resources": {"threads": grid.resources.threads, "minutes": grid.resources.minutes},
        "commit": last["commit"],
        "clean": _all_clean(records),
        "date": last["ended"][:10],
        "started": min(record["started"] for record in records),
        "ended": last["ended"],
        "device": alike([record["device"] for record in records]),
        "platform": alike([record["platform"] for record in records]),
        "versions": {each: alike([record["versions"].get(each) for record in records]) for each in last["versions"]},
        "wall_seconds": round(sum(record["wall_seconds"] for record in records), 1),
        "device_seconds": round(sum(record["device_seconds"] for record in records), 1),
        "peak_memory_mb": max(record["peak_memory_mb"] for record in records),
        "cells_missing": len(grid.cells) - len(records),
        "cells": [_of_cell(record, count, varied) for record, count in zip(records, rows, strict=True)],
    }


def _all_clean(records: Sequence[dict]) -> bool | None:
    """Return whether every cell ran on sources as committed; None if that is not known of one."""
    said = {record["clean"] for record in records}
    return False if False in said else None if None in said else True


def alike(said: Sequence[str | None]) -> str | list[str]:
    """Return what all say, or, if they differ, all that is said."""
    different = sorted({each or "none" for each in said})
    return different[0] if len(different) == 1 else different


def _of_cell(record: dict, rows: int, varied: Sequence[str]) -> dict:
    """Return what the table's record keeps of one cell."""
    kept = {each: record[each] for each in OF_EACH} | {"rows": rows}
    if record["gpu_peak_memory_mb"] is not None:
        kept["gpu_peak_memory_mb"] = record["gpu_peak_memory_mb"]
    own = {each: record["parameters"][each] for each in varied}
    return kept | {"parameters": own, "result_sha256": record["outputs"][RESULT]}
