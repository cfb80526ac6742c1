"""Resident memory of the run (client and scheduler) and of its workers while 1,000 trivial cells pass through them.

python benchmarks/grid_thousand.py                  every cell is executed: a kernel each, about half an hour
python benchmarks/grid_thousand.py --scheduling     every cell is handed out to an attempt of its own, which finds
                                                    its result there: all but papermill and the kernel
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import psutil
from distributed import Client

from notebooks import trivial_grid
from sparseobs.grid.clusters import open_client
from sparseobs.grid.engine import Hand, make_jobs, run_grid
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid
from sparseobs.grid.worker import Outcome

MARKS = (1, 100, 500, 1000)


class Memory:
    """Prints resident memory when certain numbers of cells have been settled.

    Args:
        client: of the cluster.
        marks: those numbers.
    """

    def __init__(self, client: Client, marks: tuple[int, ...]):
        self.client, self.marks, self.settled, self.began = client, marks, 0, time.perf_counter()
        print("cells   run (MB)   workers (MB)   wall (s)")

    def __call__(self, event: object) -> None:
        """Count a settled cell."""
        self.settled += isinstance(event, Outcome)
        if isinstance(event, Outcome) and self.settled in self.marks:
            run = resident_mb()
            workers = "  ".join(f"{size:.0f}" for size in self.client.run(resident_mb).values())
            print(f"{self.settled:5d} {run:10.0f} {workers:>14} {time.perf_counter() - self.began:10.0f}", flush=True)


def resident_mb() -> float:
    """Return the resident memory of this process in 10**6 bytes."""
    return psutil.Process().memory_info().rss / 1e6


def hand_out_finished(grid: Grid, folder: Path, client: Client, memory: Memory) -> None:
    """Execute the first cell, copy its result to the others, and hand all of them out all the same."""
    (first, *others), jobs = grid.cells, make_jobs(grid, folder, client)
    with Hand(client) as hand:
        for event in hand.follow(jobs[:1]):
            memory(event)
        for other in others:
            shutil.copytree(CellFolder.of(folder, first.identity).root, CellFolder.of(folder, other.identity).root)
        for event in hand.follow(jobs[1:]):
            memory(event)


def main() -> None:
    """Print a row a mark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--scheduling", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grid = trivial_grid(folder, cells=arguments.cells)
        with open_client(grid, workers=2) as client:
            memory = Memory(client, (*MARKS, arguments.cells))
            execute = hand_out_finished if arguments.scheduling else run_grid
            execute(grid, folder / "cells", client, memory)


if __name__ == "__main__":
    main()
