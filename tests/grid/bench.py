"""Small real grids: notebooks that run in a second, and what the tests ask about their cells."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import psutil
import yaml

from sparseobs.grid.folder import CellFolder
from sparseobs.grid.identity import code_digest
from sparseobs.grid.model import Cell, Cost, Grid, Resources
from sparseobs.grid.plan import load_grid
from sparseobs.grid.worker import Job

# Appends to a side file each time it is executed; its number depends on its parameters alone.
COUNTED = """
from pathlib import Path
import pandas as pd
from sparseobs.runs.cell import keep
with Path(side).open("a") as file:
    file.write(f"{a} {seed}\\n")
table = pd.DataFrame({"value": [a + seed / 7]})
"""

KEEP = "keep(table)"
# A child in a session of its own, as a data loader or a shell command may be, and then a long wait.
HANG = """
import subprocess, sys, time
if not Path(side + ".go").exists():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    with Path(side).open("a") as file:
        file.write("hangs\\n")
    time.sleep(600)
"""


@dataclass(frozen=True)
class Bench:
    """A grid, its folder and the side file that its notebook appends to."""

    grid: Grid
    folder: Path
    side: Path

    def executions(self) -> list[str]:
        """What the notebook wrote, one entry an execution."""
        return sorted(self.side.read_text().splitlines()) if self.side.exists() else []

    def cell(self, index: int) -> CellFolder:
        """The folder of the cell at `index`."""
        return CellFolder.of(self.folder, self.grid.cells[index].identity)

    def tables(self) -> list[str]:
        """The stored table of every cell, in the grid's order."""
        return [(self.cell(index).result / "result.csv").read_text() for index in range(len(self.grid.cells))]

    def record(self, index: int) -> dict:
        """The record of the cell at `index`."""
        return json.loads((self.cell(index).result / "record.json").read_text())

    def failures(self, index: int) -> list[dict]:
        """What the attempts without success of the cell at `index` left, oldest first."""
        return [json.loads(path.read_text()) for path in sorted(self.cell(index).attempts.glob("*/failure.json"))]


def write_notebook(path: Path, *cells: str, parameters: str = "a = 1\nseed = 0\nside = ''") -> Path:
    """Write a notebook with a parameters cell and the given code cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook.cells += [nbformat.v4.new_code_cell(code) for code in cells]
    nbformat.write(notebook, path)
    return path


def make_bench(folder: Path, *cells: str, n_seeds: int = 1, **resources: object) -> Bench:
    """Return a bench in `folder` whose grid has `n_seeds` cells and whose notebook has the given code cells."""
    folder.mkdir(exist_ok=True)
    notebook = write_notebook(folder / "cell.ipynb", *cells)
    side = folder / "side.txt"
    grid = Grid(
        name="bench",
        title="A bench",
        path=folder / "bench.yaml",
        size="smoke",
        notebook=notebook,
        axes=("seed",),
        cells=tuple(Cell(f"{seed:016x}", {"a": 1, "seed": seed, "side": str(side)}) for seed in range(n_seeds)),
        resources=Resources(**resources),
        cost=Cost(seconds=2.0, measured_on="a test"),
        inputs={},
        code=code_digest(notebook),
    )
    return Bench(grid, folder / "cells_of_bench", side)


def project_bench(folder: Path, *cells: str, n_seeds: int, minutes: float = 5) -> Bench:
    """Return a bench whose grid is a file; `folder` must be SPARSEOBS_ROOT."""
    (folder / "results").mkdir(exist_ok=True)
    write_notebook(folder / "cell.ipynb", *cells)
    file, side = folder / "bench.yaml", folder / "side.txt"
    plan = {"title": "A bench", "notebook": "cell.ipynb", "parameters": {"side": str(side)}}
    plan |= {"axes": {"seed": list(range(n_seeds))}, "resources": {"minutes": minutes}}
    file.write_text(yaml.safe_dump(plan | {"sizes": {"smoke": {"cost": {"seconds": 2, "measured_on": "a test"}}}}))
    return Bench(load_grid(file, "smoke"), folder / "cells_of_bench", side)


def start_run(bench: Bench, **options: object) -> subprocess.Popen:
    """Start a run of a bench's grid file with two workers, in a process of its own."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("run_grid_file.py")),
        str(bench.grid.path),
        str(bench.folder),
    ]
    return subprocess.Popen(command, **options)


def let_go(bench: Bench) -> None:
    """Let the notebook of a hanging bench end the next time."""
    Path(str(bench.side) + ".go").touch()


def until(true: Callable[[], object], seconds: float = 300.0) -> object:
    """Return what `true` gives as soon as that is something; fail if it never is."""
    end = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < end, f"{true} stayed false for {seconds} s"
        time.sleep(0.02)
    return answer


def job_of(bench: Bench, index: int = 0, **changes: object) -> Job:
    """Return the job that a run would hand out for the cell at `index`."""
    cell = bench.grid.cells[index]
    job = Job(
        root=str(bench.cell(index).root),
        identity=cell.identity,
        notebook=str(bench.grid.notebook),
        parameters=cell.parameters,
        record={"code": bench.grid.code, "grid": bench.grid.name},
        limit_seconds=60 * bench.grid.resources.minutes,
    )
    return replace(job, **changes)


def marked(folder: Path) -> list[psutil.Process]:
    """Return the living processes that attempts in `folder` have started, whoever their parents are by now."""
    return [process for process in psutil.process_iter() if _is_marked(process, folder)]


def _is_marked(process: psutil.Process, folder: Path) -> bool:
    try:
        mark = process.environ().get("SPARSEOBS_CELL", "")
        return str(folder) in mark and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def attempt_command(job: Job) -> subprocess.Popen:
    """Start an attempt as a dask worker does, and return its process, the job handed over."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sparseobs.grid.attempt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdin.write(job.line())
    process.stdin.flush()
    return process
