"""Runs of a grid that are killed again and again, and what must be true afterwards.

As a command it does so to a real grid, against an undisturbed run of the same grid:

    python tests/grid/kills.py grids/NAME.yaml --kills 20
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

VICTIMS = ("worker", "scheduler", "kernel")


@dataclass
class Killing:
    """What was done to a grid.

    Args:
        killed: the kind of each process that was killed, in order.
        runs: how often the run was started.
        seconds: from the first start to the last end.
    """

    killed: list[str] = field(default_factory=list)
    runs: int = 0
    seconds: float = 0.0


def run_through_kills(
    start: Callable[[], subprocess.Popen], folder: Path, *, kills: int, seed: int, longest_pause: float
) -> Killing:
    """Run a grid to its end while killing its workers, its kernels and the run itself in turn; start it each time.

    Args:
        start: starts a run on `folder`.
        folder: where the grid keeps its cells.
        kills: how many processes to kill, as long as the grid is not finished.
        seed: decides the moments.
        longest_pause: seconds between the moment a kernel is at work and the kill, drawn evenly from nothing to this.
    """
    moments, killing, began = random.Random(seed), Killing(), time.monotonic()
    run = start()
    killing.runs = 1
    while True:
        if run.poll() is not None:
            if run.returncode == 0:
                killing.seconds = time.monotonic() - began
                return killing
            run = start()
            killing.runs += 1
        kind = VICTIMS[len(killing.killed) % len(VICTIMS)]
        if len(killing.killed) == kills:
            run.wait()
        elif kernels(folder):
            time.sleep(moments.uniform(0, longest_pause))
            if victim := find(kind, run, folder):
                victim.kill()
                killing.killed.append(kind)
                print(f"kill {len(killing.killed)}: {kind}, {len(tables(folder))} cells done", flush=True)
                _settle(victim, run)
        else:
            time.sleep(0.2)


def find(kind: str, run: subprocess.Popen, folder: Path) -> psutil.Process | None:
    """Return a living process of the kind that works for `run`; None if there is none at the moment."""
    if run.poll() is not None:
        return None
    if kind == "scheduler":
        return psutil.Process(run.pid)
    found = kernels(folder) if kind == "kernel" else workers(run)
    return found[0] if found else None


def kernels(folder: Path) -> list[psutil.Process]:
    """Return the kernels that execute cells of `folder`."""
    return [process for process in psutil.process_iter() if _is_kernel(process, folder)]


def workers(run: subprocess.Popen) -> list[psutil.Process]:
    """Return the dask workers that a run has started."""
    try:
        children = psutil.Process(run.pid).children()
        return [child for child in children if any("spawn_main" in word for word in child.cmdline())]
    except psutil.Error:
        return []


def _is_kernel(process: psutil.Process, folder: Path) -> bool:
    try:
        mine = process.environ().get("SPARSEOBS_CELL", "").startswith(str(folder.resolve()))
        return mine and "ipykernel_launcher" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _settle(victim: psutil.Process, run: subprocess.Popen) -> None:
    """Wait until a killed process is gone."""
    if victim.pid == run.pid:
        run.wait()
    psutil.wait_procs([victim], timeout=10)


def tables(folder: Path) -> dict[str, str]:
    """Return the stored table of every cell, by identity."""
    return {path.parents[1].name: path.read_text() for path in sorted(folder.glob("cells/*/result/result.csv"))}


def main() -> None:
    """Kill a real grid and compare it with an undisturbed run; exit status 1 if they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grid", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=4.0, help="longest pause before a kill, in seconds")
    arguments = parser.parse_args()
    script = Path(__file__).with_name("run_grid_file.py")
    with tempfile.TemporaryDirectory() as folder:

        def start(name: str) -> subprocess.Popen:
            return subprocess.Popen([sys.executable, script, arguments.grid, Path(folder, name)], stdout=log)

        with Path(os.devnull).open("w") as log:
            began = time.monotonic()
            assert start("undisturbed").wait() == 0
            undisturbed = time.monotonic() - began
            killing = run_through_kills(
                lambda: start("killed"),
                Path(folder, "killed"),
                kills=arguments.kills,
                seed=arguments.seed,
                longest_pause=arguments.pause,
            )
        expected, found = tables(Path(folder, "undisturbed")), tables(Path(folder, "killed"))
        left = len(kernels(Path(folder)))
    print(f"undisturbed: {len(expected)} cells in {undisturbed:.0f} s")
    counts = ", ".join(f"{killing.killed.count(kind)} {kind}s" for kind in VICTIMS)
    print(f"killed: {counts}; {killing.runs} starts, {len(found)} cells in {killing.seconds:.0f} s")
    print(f"tables equal: {found == expected}; processes left over: {left}")
    raise SystemExit(found != expected or left > 0)


if __name__ == "__main__":
    main()
