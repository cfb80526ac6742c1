"""From a grid's cells to jobs for the workers: the notebook as it is now, the record's common part, the resources."""

import shutil
from pathlib import Path

from distributed import Client

from sparseobs.errors import InputError
from sparseobs.files import replacing, sha256
from sparseobs.grid.attempt_job import Job
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid
from sparseobs.grid.wording import below_project
from sparseobs.runs.provenance import source_state

GPU = "GPU"  # dask's name for the resource


def make_jobs(grid: Grid, folder: Path, client: Client) -> list[Job]:
    """Return one job a cell, after making sure that the folder and the cluster can serve them.

    Raises:
        InputError: they cannot.
    """
    gpu = uses_gpu(client, grid.resources.gpu)
    snapshot = _snapshot(grid.notebook, _usable(folder))
    record = {
        "command": f"python -m sparseobs grid run {below_project(grid.path)} --size {grid.size}",
        "grid": grid.name,
        "size": grid.size,
        "notebook": below_project(grid.notebook),
        "notebook_sha256": sha256(snapshot),
        "inputs": grid.inputs,
        "code": grid.code,
        **source_state(),
    }
    return [
        Job(
            root=str(CellFolder.of(snapshot.parent, cell.identity).root),
            identity=cell.identity,
            notebook=str(snapshot),
            parameters=cell.parameters,
            record=record,
            threads=grid.resources.threads,
            gpu=gpu,
            limit_seconds=60 * grid.resources.minutes,
        )
        for cell in grid.cells
    ]


def uses_gpu(client: Client, wanted: str) -> bool:
    """Return whether cells are to ask for a graphics processor.

    Args:
        client: of the cluster.
        wanted: no, optional or required.

    Raises:
        InputError: one is required and no worker has it.
    """
    if wanted == "no":
        return False
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    found = any(worker["resources"].get(GPU) for worker in workers)
    if wanted == "required" and workers and not found:
        hint = f"`dask worker --resources {GPU}=1` on a machine that has one, or `gpu: optional`"
        raise InputError("resources, gpu", "required", "a worker with a graphics processor", hint)
    return found or wanted == "required"


def _usable(folder: Path) -> Path:
    """Return `folder` as an absolute path, made if it was not there and proved writable."""
    folder = folder.resolve()
    try:
        (folder / "cells").mkdir(parents=True, exist_ok=True)
        with replacing(folder / "README.txt") as temporary:
            temporary.write_text("The cells of a grid: what was executed, its log, its result and its record.\n")
    except OSError as error:
        raise InputError("folder", f"{folder} ({error.strerror})", "a folder to write in", "another one") from error
    return folder


def _snapshot(notebook: Path, folder: Path) -> Path:
    """Return a copy of the notebook as it is now, so that an edit during the run changes no cell."""
    copy = folder / f"notebook-{sha256(notebook)}.ipynb"
    if not copy.exists():
        with replacing(copy) as temporary:
            shutil.copyfile(notebook, temporary)
    return copy
