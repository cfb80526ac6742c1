"""Cells without a kernel: what a notebook's code keeps, and the files that an attempt leaves by its own functions."""

import time
from pathlib import Path

import pandas as pd

from sparseobs.grid.attempt_notebook import write_record
from sparseobs.grid.folder import CellFolder, begin, publish
from sparseobs.grid.model import Cell, Grid
from sparseobs.grid.worker import Job
from sparseobs.runs.cell import keep

SOURCE = {"commit": "c0ffee" * 6, "clean": True}


def kept_here(code: str, parameters: dict) -> pd.DataFrame:
    """Return the table that a notebook's code keeps, executed in this process."""
    kept = []
    exec(code.replace("keep(", "kept("), {**parameters, "kept": kept.append})
    return kept[0]


def finish(grid: Grid, cell: Cell, folder: Path, table: pd.DataFrame, monkeypatch, **record) -> CellFolder:
    """Leave `table` as the result of a cell, and a record that says also what `record` says."""
    places = CellFolder.of(folder, cell.identity)
    said = {"code": grid.code, "inputs": grid.inputs, "size": grid.size, **SOURCE} | record
    job = Job(str(places.root), cell.identity, str(grid.notebook), cell.parameters, said)
    attempt, number = begin(places, cell.parameters)
    monkeypatch.setenv("SPARSEOBS_CELL", str(attempt))
    keep(table)
    monkeypatch.delenv("SPARSEOBS_CELL")
    (attempt / "notebook.ipynb").write_bytes(grid.notebook.read_bytes())
    write_record(job, attempt, number=number, started=time.time() - 2)
    publish(places, attempt)
    return places
