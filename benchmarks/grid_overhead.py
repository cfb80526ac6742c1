"""What a grid adds to a cell: the same notebook by the papermill command alone and by a grid's worker, in turn.

python benchmarks/grid_overhead.py --rounds 5
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from distributed import Client

from notebooks import trivial_grid
from sparseobs.grid.clusters import open_client
from sparseobs.grid.engine import run_grid
from sparseobs.grid.model import Cell, Grid

SECONDS = 5.0  # that the notebook sleeps


# jsonschema imports a checker of web addresses where jupyterlab has brought one; a grid's cell does without.
LEAN = "import sys; sys.modules['rfc3987_syntax'] = None; from papermill.__main__ import papermill; papermill()"


def by_papermill(command: list, notebook: Path, folder: Path, seed: int) -> float:
    """Return the wall time of the papermill command."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    parameters = ["-p", "seed", str(seed), "-p", "seconds", str(SECONDS)]
    began = time.perf_counter()
    subprocess.run([*command, notebook, folder / "out.ipynb", "--no-progress-bar", *parameters], check=True, **quiet)
    return time.perf_counter() - began


def by_grid(grid: Grid, cell: Cell, folder: Path, client: Client) -> float:
    """Return the wall time of a run of one cell on workers that are there."""
    began = time.perf_counter()
    (outcome,) = run_grid(replace(grid, cells=(cell,)), folder / "cells", client, lambda event: None)
    assert outcome.status == "done" and outcome.executed
    return time.perf_counter() - began


def main() -> None:
    """Print each round and the median differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder, times = Path(name), []
        grid = trivial_grid(folder, cells=rounds, seconds=SECONDS)
        began = time.perf_counter()
        with open_client(grid, workers=1) as client:
            print(f"cluster open after {time.perf_counter() - began:.2f} s, once a run")
            print("papermill (s)   papermill, lean (s)   cell of a grid (s)")
            for cell in grid.cells:
                seed = cell.parameters["seed"]
                command = by_papermill([Path(sys.executable).with_name("papermill")], grid.notebook, folder, seed)
                lean = by_papermill([sys.executable, "-c", LEAN], grid.notebook, folder, seed)
                times.append((command, lean, by_grid(grid, cell, folder, client)))
                print("{:13.2f} {:21.2f} {:20.2f}".format(*times[-1]), flush=True)
    for index, other in enumerate(("papermill", "papermill, lean")):
        difference = statistics.median(within[2] - within[index] for within in times)
        ratio = statistics.median(within[2] / within[index] for within in times)
        print(f"a cell of a grid against {other}: {difference:+.2f} s, ratio {ratio:.2f} (medians of {rounds} rounds)")


if __name__ == "__main__":
    main()
