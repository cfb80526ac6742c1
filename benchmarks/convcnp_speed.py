"""A ConvCNP of the paper's size: ours against deepsensor's, training tasks a second and a 1 km map of Germany.

    python benchmarks/deepsensor_environment.py                   # once: the peer's own environment
    python benchmarks/convcnp_speed.py                            # some ten minutes; alone on the machine
    python benchmarks/convcnp_speed.py --channels 16,16,16 --density 120 --kilometres 10 --rounds 1   # for a look

U-Net of (96,) * 6 channels, kernel 5; internal density 150 to the box's unit; 300 of ERA5's cells shown and all of them
asked for; Adam. The two work in processes of their own and take turns, so that both meet the same machine. `ours` has
the peer's internal grid, 192 x 192; `ours, its own grid` measures longitude in true distances and rounds up to 32.
Memory is what a process holds at most beyond its start, over the tasks it holds at once.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

import click
import pandas as pd
from convcnp_world import Size
from deepsensor_environment import PYTHON
from storing import store

HERE = Path(__file__).parent
PEER, OURS, OWN_GRID = "deepsensor", "ours", "ours, its own grid"


class Contestant:
    """A process that does a job for every line it is sent.

    Args:
        python: its interpreter.
        script: of this folder.
        size: of the race.
    """

    def __init__(self, python: str | Path, script: str, size: Size):
        command = [python, HERE / script, json.dumps(asdict(size))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self._answer()
        self.start_mb = self.about["memory_mb"]

    def do(self, job: str) -> dict:
        """Return seconds and memory of one job."""
        print(job, file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise click.ClickException(f"a contestant ended with status {self.process.wait()}: see above")
        return json.loads(line)

    def end(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.wait()


def race(contestants: dict[str, Contestant], job: str, rounds: int) -> pd.DataFrame:
    """Return seconds and memory of each round, in turns after a round that is not counted."""
    rows = []
    for turn in range(rounds + 1):
        for name in list(contestants)[:: -1 if turn % 2 else 1]:
            answer = contestants[name].do(job)
            if turn:
                rows.append({"job": job, "contestant": name, "round": turn, **answer})
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame, job: str, per_round: dict[str, int], start_mb: dict[str, float]) -> pd.DataFrame:
    """Return one row a contestant: median seconds a unit, how many times as fast as the peer, memory a unit held.

    Args:
        rows: of `race`.
        job: which.
        per_round: units (tasks or maps) a round.
        start_mb: memory before the first job.
    """
    part = rows[rows["job"] == job]
    seconds = part.pivot(index="round", columns="contestant", values="seconds") / pd.Series(per_round)
    ratios = seconds[[PEER]].to_numpy() / seconds
    held = part.groupby("contestant")["memory_mb"].max() - pd.Series(start_mb)
    table = [
        {
            "job": job,
            "contestant": name,
            "seconds": median(seconds[name]),
            "times_as_fast": median(ratios[name]),
            "least_times_as_fast": min(ratios[name]),
            "memory_mb": held[name],
        }
        for name in start_mb
    ]
    return pd.DataFrame(table)


@click.command()
@click.option("--channels", default="96,96,96,96,96,96", show_default=True)
@click.option("--density", default=150, show_default=True, help="internal nodes to the box's unit")
@click.option("--context", default=300, show_default=True, help="cells shown")
@click.option("--tasks", default=2, show_default=True, help="a round of training; one step of ours")
@click.option("--kilometres", default=1.0, show_default=True, help="spacing of the map")
@click.option("--threads", default=2, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/convcnp_speed.csv")
def main(channels: str, rounds: int, keep: bool, **numbers: float) -> None:
    """Print seconds, ratios and memory."""
    if not PYTHON.exists():
        raise click.ClickException(f"no {PYTHON}: run python benchmarks/deepsensor_environment.py first")
    start = time.perf_counter()
    size = Size(tuple(int(width) for width in channels.split(",")), **numbers)
    tables = []
    for job, units in (("train", size.tasks), ("predict", 1)):  # fresh processes, so that memory is the job's own
        contestants = {
            PEER: Contestant(PYTHON, "deepsensor_peer.py", size),
            OURS: Contestant(sys.executable, "convcnp_ours.py", size),
            OWN_GRID: Contestant(sys.executable, "convcnp_ours.py", replace(size, multiple=32)),
        }
        for name, contestant in contestants.items():
            click.echo(f"{job}: {name}, {contestant.about['n_weights']} weights, grid {contestant.about['grid']}")
        rows = race(contestants, job, rounds)
        for contestant in contestants.values():
            contestant.end()
        before = {name: contestant.start_mb for name, contestant in contestants.items()}
        tables.append(summary(rows, job, {name: units for name in contestants}, before))
    table = pd.concat(tables)
    at_once = table["contestant"].map(lambda name: 1 if name == PEER else size.tasks)
    table["memory_mb"] /= at_once.where(table["job"] == "train", 1)  # the peer's step holds one task
    click.echo(table.round(2).to_string(index=False))
    if keep:
        store("convcnp_speed", table, asdict(size) | {"rounds": rounds}, time.perf_counter() - start)


if __name__ == "__main__":
    main()
