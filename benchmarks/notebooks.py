"""The trivial notebooks and grids that the benchmarks of the grid run."""

from pathlib import Path

import nbformat

from sparseobs.grid.identity import code_digest
from sparseobs.grid.model import Cell, Cost, Grid, Resources

PARAMETERS = "seed: int = 0\nseconds: float = 0.0"
BODY = """import time
import pandas as pd
from sparseobs.runs.cell import keep
time.sleep(seconds)
keep(pd.DataFrame({"seed": [seed]}))"""


def trivial_grid(folder: Path, *, cells: int, seconds: float = 0.0) -> Grid:
    """Return a grid whose notebook, written to `folder`, sleeps for `seconds` and keeps a table of one number."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(BODY),
    ]
    path = folder / "trivial.ipynb"
    nbformat.write(notebook, path)
    return Grid(
        name="trivial",
        title="Trivial cells",
        path=folder / "trivial.yaml",
        size="smoke",
        notebook=path,
        axes=("seed",),
        cells=tuple(Cell(f"{seed:016x}", {"seed": seed, "seconds": seconds}) for seed in range(cells)),
        resources=Resources(),
        cost=Cost(seconds=max(seconds, 1.0), measured_on="this machine"),
        inputs={},
        code=code_digest(path),
    )
