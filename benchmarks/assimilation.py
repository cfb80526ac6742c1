"""Assimilating Lorenz-96, every fourth site observed, noise 1: a stored filter with 10 members against DAPPER's LETKF.

    python benchmarks/assimilation.py                                  # one trajectory, and 64 side by side
    python benchmarks/assimilation.py --filter AmEnS                   # the smoother, its forecasts of the past counted
    python benchmarks/assimilation.py --filter AmEnS --lag 2           # at another lag than 3
    python benchmarks/assimilation.py --device cuda --batches 1024     # the AmEnF on a GPU; not tried yet

Both read the same observations and start from the same members of the climate; they take turns, and the table has
medians of trajectory-cycles a second. LETKF runs one trajectory, since it does several one after the other, with the
settings that the AmEnF's authors found; simulating is not counted. The smoother runs at a lag of 3 cycles with the
weights that are stored, and at the lag that is stored with them: each cycle of lag is one more run of the model. Below
the table stands what a run of the filter holds beyond its own result, at two lengths, each in a process of its own.
"""

import functools
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from statistics import median

import click
import pandas as pd
import psutil
import torch
from memory import peak_resident_mb
from storing import store

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.dapper_bridge import load_dapper, run_dapper
from sparseobs.filtering.run import FilterRun, assimilate
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import climate_ensemble, observed
from sparseobs_book.trained_filters.stored import TrainedFilter, stored_filter, stored_smoother

SYSTEM, MEMBERS, SEED = "lorenz96", 10, 10_000  # a validation stream


STORED = {"AmEnF": stored_filter, "AmEnS": stored_smoother}


@functools.cache
def the_filter(name: str) -> TrainedFilter:
    """Return the stored filter of that name."""
    return STORED[name](SYSTEM, 1.0)


def experiment_of(n_cycles: int, batch: int) -> tuple[TwinExperiment, torch.Tensor]:
    """Return an experiment and a first ensemble."""
    experiment = observed(the_filter("AmEnF").recipe, n_cycles=n_cycles, batch=batch, seed=SEED)
    return experiment, climate_ensemble(named_system(SYSTEM), (batch, MEMBERS), SEED)


@functools.cache
def network_of(name: str, lag: int | None) -> AmEnF | AmEnS:
    """Return the stored network of that name, the AmEnS at another lag with the same weights; as stored if None."""
    network = the_filter(name).network
    if lag is None:
        return network
    other = AmEnS(replace(network.config, lags=(lag,) * len(network.config.lags)))
    other.load_state_dict(network.state_dict())
    return other


def lags_of(name: str, lag: int) -> list[int | None]:
    """Return the lags to measure: none of the AmEnF, of the AmEnS the one asked for and the one stored."""
    return [None] if name == "AmEnF" else list(dict.fromkeys([lag, network_of(name, None).lag(MEMBERS)]))


def run_learned(
    name: str, lag: int | None, experiment: TwinExperiment, ensemble: torch.Tensor, device: str
) -> FilterRun:
    """Run the stored filter of that name at that lag."""
    network = network_of(name, lag).to(device)
    generator = torch.Generator(device).manual_seed(0)
    first = ensemble.to(device, torch.float32)
    run = assimilate(network, named_system(SYSTEM), experiment.observations, first, generator)
    return FilterRun(run.mean.cpu(), run.spread.cpu())  # waits for a GPU


def run_letkf(experiment: TwinExperiment, ensemble: torch.Tensor) -> FilterRun:
    """Run DAPPER's LETKF through the bridge."""
    load_dapper()
    from dapper.da_methods.ensemble import LETKF

    return run_dapper(LETKF(N=MEMBERS, infl=1.07, loc_rad=4), named_system(SYSTEM), experiment, ensemble, seed=1)


def timed(work: Callable[[], FilterRun], experiment: TwinExperiment) -> tuple[float, float]:
    """Return trajectory-cycles a second, and the analysis RMSE after a fifth of the run."""
    start = time.perf_counter()
    run = work()
    cycles, batch = run.spread.shape
    rate = cycles * batch / (time.perf_counter() - start)
    error = spatial_rmse(run.mean.double(), experiment.truth)
    return rate, time_mean(error, cycles // 5).mean().item()


def excess_memory_mb(name: str, lag: int | None, n_cycles: int) -> float:
    """Return what a run of a stored filter over one trajectory holds at most, less its result, in 10**6 bytes."""
    torch.set_num_threads(1)
    experiment, ensemble = experiment_of(n_cycles, 1)
    run_learned(name, lag, experiment_of(50, 1)[0], ensemble, "cpu")  # libraries and their buffers
    before = psutil.Process().memory_info().rss / 1e6
    run = run_learned(name, lag, experiment, ensemble, "cpu")
    return peak_resident_mb() - before - (run.mean.nbytes + run.spread.nbytes) / 1e6


@click.command()
@click.option(
    "--batches", type=int, multiple=True, default=(1, 64), show_default=True, help="trajectories side by side"
)
@click.option("--filter", "name", type=click.Choice(list(STORED)), default="AmEnF", show_default=True)
@click.option("--lag", default=3, show_default=True, help="of the AmEnS, in cycles; that stored is measured as well")
@click.option("--cycles", default=400, show_default=True, help="of each of the filter's runs")
@click.option("--letkf-cycles", default=400, show_default=True)
@click.option("--lengths", type=int, nargs=2, default=(1000, 10_000), show_default=True, help="for the memory")
@click.option("--threads", default=2, show_default=True)
@click.option("--device", default="cpu", show_default=True, help="of the filter")
@click.option("--rounds", default=5, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/assimilation_speed.csv, of the AmEnS smoother_speed.csv")
def main(
    name: str,
    lag: int,
    batches: tuple[int, ...],
    cycles: int,
    letkf_cycles: int,
    lengths: tuple[int, int],
    threads: int,
    device: str,
    rounds: int,
    keep: bool,
) -> None:
    """Print the rates and their ratios, and the memory."""
    torch.set_num_threads(threads)
    start = time.perf_counter()
    single, first = experiment_of(letkf_cycles, 1)
    run_letkf(*experiment_of(2, 1))  # its import
    rows = []
    lags = lags_of(name, lag)
    for batch, one in itertools.product(batches, lags):
        experiment, ensemble = experiment_of(cycles, batch)
        ours, theirs = [], []
        for _ in range(rounds):
            theirs.append(timed(lambda: run_letkf(single, first), single))
            ours.append(timed(functools.partial(run_learned, name, one, experiment, ensemble, device), experiment))
        ratios = [mine[0] / other[0] for mine, other in zip(ours, theirs, strict=True)]
        numbers = {"letkf": median(rate for rate, _ in theirs), name.lower(): median(rate for rate, _ in ours)}
        scores = {"letkf_rmse": theirs[-1][1], f"{name.lower()}_rmse": ours[-1][1]}
        what = {"batch": batch} | ({} if one is None else {"lag": one})
        rows.append({**what, **numbers, "ratio": median(ratios), "least_ratio": min(ratios), **scores})
    print(f"trajectory-cycles a second, {threads} thread(s)" + (f", {name} on {device}" if device != "cpu" else ""))
    table = pd.DataFrame(rows)
    print(table.round(2).to_string(index=False))
    if keep:
        parameters = {"cycles": cycles, "letkf_cycles": letkf_cycles, "threads": threads, "device": device}
        store(
            {"AmEnF": "assimilation_speed", "AmEnS": "smoother_speed"}[name],
            table,
            parameters | {"rounds": rounds},
            time.perf_counter() - start,
        )
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        held_by = pool.starmap(excess_memory_mb, [(name, lags[0], length) for length in lengths], chunksize=1)
        for length, held in zip(lengths, held_by, strict=True):
            print(f"one trajectory of {length} cycles: {held:.1f} MB beyond its result")


if __name__ == "__main__":
    main()
