"""The record beside a collected table, from the records of its cells."""

from collections.abc import Sequence

from sparseobs.files import project_root, sha256
from sparseobs.grid.model import Grid
from sparseobs.grid.wording import below_project, values
from sparseobs.runs.cell import RESULT

# Of a cell's record; the other parameters are the same in every cell and said once.
OF_EACH = (
    *("identity", "attempt", "started", "ended", "wall_seconds", "device_seconds", "peak_memory_mb"),
    *("device", "commit", "clean"),
)


def collected_record(
    grid: Grid, records: Sequence[dict], rows: Sequence[int], *, partial: bool, name: str | None
) -> dict:
    """Return the record of a table of the grid's cells.

    Args:
        grid: whose cells they are.
        records: of the cells in the table, in its order; at least one.
        rows: how many rows of the table each has.
        partial: whether the user asked for a table without the missing cells.
        name: of the table, if it is not the grid's.

    Returns:
        What a page needs of any table (`command`, `size`, `date`, `device`, `commit`, `clean`, ...), the totals, and
        under `cells` what was measured of each. Where cells differ, `device` and each of `versions` list all values.
    """
    last = max(records, key=lambda record: record["ended"])
    varied = [each for each in grid.cells[0].parameters if each in grid.axes]
    return {
        "command": _command(grid, partial, name),
        "grid": {"name": grid.name, "title": grid.title, "file": below_project(grid.path), "sha256": sha256(grid.path)},
        "size": grid.size,
        "notebook": grid.notebook.relative_to(project_root()).as_posix(),
        "code": grid.code,
        "parameters": _common(grid) | {each: values(grid, each) for each in varied},
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


def _command(grid: Grid, partial: bool, name: str | None) -> str:
    """Return what a reader types to make the table again."""
    words = ["python -m sparseobs grid run", below_project(grid.path), "--size", grid.size]
    if not partial and name in (None, grid.name):
        return " ".join([*words, "--collect"])
    collect = ["&& python -m sparseobs grid collect", *words[1:], "--partial" * partial]
    return " ".join([*words, *collect, f"--name {name}" if name else ""]).replace("  ", " ").strip()


def _common(grid: Grid) -> dict:
    return {name: each for name, each in grid.cells[0].parameters.items() if name not in grid.axes}


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
