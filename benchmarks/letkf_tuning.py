"""Tuning an LETKF over a whole grid: the batched LETKF against DAPPER's, side by side, in run-cycles a second.

    python benchmarks/letkf_tuning.py           # --keep also writes results/letkf_tuning.csv

Both work on the same observations, every fourth site of Lorenz-96, rotating, noise 1, from the same first ensembles of
the climate, in one process and on one thread; over two cores either would be split by processes. Only cycles of
runs that have not diverged are counted. DAPPER runs one setting of every radius of the grid; the batched filter runs
all settings of the grid over five first states. The two take turns, `--rounds` times; the table has the medians.
"""

import time
from collections.abc import Callable
from statistics import median

import click
import pandas as pd
import torch
from storing import store

from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.letkf import letkf_cycles
from sparseobs.filtering.tuning import METHODS, RADII
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import TwinExperiment, simulate
from sparseobs.randomness import torch_stream

SYSTEM = Lorenz96()
GRID = METHODS["LETKF"].grid
FIRST_STATES = 5


def rate(work: Callable[[], int]) -> float:
    """Return the run-cycles a second of `work`, which returns how many it did."""
    start = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - start)


def batched(experiment: TwinExperiment, ensemble: torch.Tensor) -> int:
    """Run the whole grid and return the run-cycles done."""
    cycles = letkf_cycles(GRID, SYSTEM, experiment.observations, ensemble, generator=torch.Generator().manual_seed(0))
    return sum(int(analyses.spread.isfinite().sum()) for analyses in cycles)


def dappers(experiment: TwinExperiment, ensemble: torch.Tensor, n_cycles: int) -> int:
    """Run a setting of every radius on the first trajectory's first cycles and return the run-cycles done."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF

    seen = experiment.observations
    short = type(seen)(seen.values[:n_cycles, :1], seen.mask[:n_cycles], seen.error_std)
    trial = TwinExperiment(experiment.truth[:n_cycles, :1], short)
    done = 0
    for index, radius in enumerate(RADII):
        method = LETKF(N=ensemble.shape[1], infl=1.1, loc_rad=radius, rot=bool(index % 2))
        done += int(run_dapper(method, SYSTEM, trial, ensemble[:1], seed=1).spread.isfinite().sum())
    return done


@click.command()
@click.option("--members", type=int, multiple=True, default=(5, 10, 20, 30), show_default=True)
@click.option("--cycles", default=40, show_default=True, help="of the batched filter")
@click.option("--dapper-cycles", default=40, show_default=True, help="of each of DAPPER's runs")
@click.option("--rounds", default=3, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/letkf_tuning.csv")
def main(members: tuple[int, ...], cycles: int, dapper_cycles: int, rounds: int, keep: bool) -> None:
    """Print run-cycles a second of both filters, and their ratio."""
    torch.set_num_threads(1)
    begin = time.perf_counter()
    experiment = simulate(
        SYSTEM, EveryKth(4), n_cycles=max(cycles, dapper_cycles), batch=FIRST_STATES, obs_error_std=1.0, seed=0
    )
    rows = []
    for size in members:
        stream = torch_stream(0, "first ensemble")
        ensemble = climatological_ensemble(attractor_states(SYSTEM, 256, stream), (FIRST_STATES, size), stream)
        pairs = []
        for _ in range(rounds):
            theirs = rate(lambda first=ensemble: dappers(experiment, first, dapper_cycles))
            pairs.append((theirs, rate(lambda first=ensemble: batched(experiment, first))))
        theirs, ours = (median(values) for values in zip(*pairs, strict=True))
        ratios = [mine / other for other, mine in pairs]
        rows.append({"members": size, "dapper": theirs, "batched": ours, "ratio": median(ratios), "least": min(ratios)})
    print(f"{len(GRID)} settings x {FIRST_STATES} first states; run-cycles a second, one thread")
    table = pd.DataFrame(rows)
    print(table.round(1).to_string(index=False))
    if keep:
        parameters = {"cycles": cycles, "dapper_cycles": dapper_cycles, "rounds": rounds, "threads": 1}
        store("letkf_tuning", table, parameters, time.perf_counter() - begin)


if __name__ == "__main__":
    main()
