"""One training step of the AmEnF: ours against the paper's, plainly done (`yardstick.py`), in seconds and memory.

    python benchmarks/training_step.py                             # the paper's size; minutes
    python benchmarks/training_step.py --batch 16 --unroll 10      # a smaller one, for a look
    python benchmarks/training_step.py --device cuda               # our step compiled; not tried on a GPU yet

Lorenz-96, every fourth site observed, noise 1. Each works in a process of its own, and the two take turns, so that both
meet the same machine. A step is one optimiser step: first ensembles, random numbers, the unroll, its gradient and Adam.
Memory is the process's peak resident size, libraries included (on a GPU: the most that torch held).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median

import click
import pandas as pd
import torch
from memory import peak_resident_mb
from storing import store
from yardstick import Yardstick

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.training import TrainingConfig
from sparseobs_book.trained_filters.experiments import observed
from sparseobs_book.trained_filters.recipes import FilterRecipe
from sparseobs_book.trained_filters.training import new_trainer


@dataclass(frozen=True)
class Size:
    """What a step is made of; `threads` of the processor, `device` of torch."""

    batch: int
    members: int
    unroll: int
    filters: int
    micro_batch: int
    threads: int
    device: str


def recipe_of(size: Size) -> FilterRecipe:
    """Return the paper's network and experiment at this size, trained with our trainer's step."""
    training = TrainingConfig(
        batch=size.batch,
        ensemble_size=size.members,
        first_unroll=size.unroll,
        last_unroll=size.unroll,
        micro_batch=min(size.micro_batch, size.batch) if size.device == "cpu" else size.batch,
    )
    world = {"n_streams": size.batch, "n_cycles": 4 * size.unroll}
    return FilterRecipe(filters=size.filters, dropout=0.2, training=training, **world)


def our_step(size: Size) -> Callable[[], float]:
    """Return our trainer's step."""
    return new_trainer(recipe_of(size), device=size.device, compiled=size.device != "cpu").step


def paper_step(size: Size) -> Callable[[], float]:
    """Return the paper's step: a random time of the streams, members around the truth."""
    recipe = recipe_of(size)
    experiment = observed(recipe, n_cycles=recipe.n_cycles, batch=recipe.n_streams, seed=0)
    truth = experiment.truth[:, :, 0].to(size.device, torch.float32)
    values, mask = experiment.observations.values[:, :, 0].to(truth), experiment.observations.mask.to(size.device)
    system = named_system(recipe.system)
    plain = Yardstick(AmEnF(recipe.network).to(size.device), system, system.schedule)

    def step() -> float:
        first = int(torch.randint(3 * size.unroll, ()))
        window = slice(first, first + size.unroll + 1)
        return plain.step(truth[first], values[window], mask[window], size.members)

    return step


def peak_memory_mb(device: str) -> float:
    """Return the most memory that this process held, in 10**6 bytes."""
    return peak_resident_mb() if device == "cpu" else torch.cuda.max_memory_allocated() / 1e6


CONTESTANTS = {"the paper's": paper_step, "ours": our_step}


def contestant(name: str, size: Size, line: Connection) -> None:
    """Answer every message with the seconds of a step and the memory so far, until told to stop."""
    torch.set_num_threads(size.threads)
    step = CONTESTANTS[name](size)
    step()  # compiling and first allocations are not counted
    line.send("ready")
    while line.recv() == "step":
        start = time.perf_counter()
        step()  # ends by reading the loss, so a GPU has finished
        if size.device != "cpu":
            torch.cuda.synchronize()
        line.send((time.perf_counter() - start, peak_memory_mb(size.device)))


def race(size: Size, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return seconds and memory of each round, by contestant."""
    context, lines, workers = get_context("spawn"), {}, []
    for name in CONTESTANTS:
        lines[name], theirs = context.Pipe()
        workers.append(context.Process(target=contestant, args=(name, size, theirs), daemon=True))
        workers[-1].start()
        theirs.close()  # else a worker that fails would be waited for
        lines[name].recv()
    seen = {name: [] for name in CONTESTANTS}
    for turn in range(rounds):
        for name in list(CONTESTANTS)[:: -1 if turn % 2 else 1]:
            lines[name].send("step")
            seen[name].append(lines[name].recv())
    for name, worker in zip(CONTESTANTS, workers, strict=True):
        lines[name].send("stop")
        worker.join()
    return seen


@click.command()
@click.option("--batch", default=64, show_default=True)
@click.option("--members", default=10, show_default=True)
@click.option("--unroll", default=40, show_default=True)
@click.option("--filters", default=64, show_default=True)
@click.option("--micro-batch", default=64, show_default=True, help="streams at a time, of ours; all on a GPU")
@click.option("--threads", default=2, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/training_step.csv")
def main(rounds: int, keep: bool, **size: int | str) -> None:
    """Print seconds a step and peak memory of both, and the ratio."""
    measured = race(Size(**size), rounds)
    rows = []
    for name, turns in measured.items():
        seconds, memory = zip(*turns, strict=True)
        rows.append({"step": name, "seconds": median(seconds), "least_seconds": min(seconds), "memory_mb": max(memory)})
    pairs = zip(*(measured[name] for name in CONTESTANTS), strict=True)
    ratios = [theirs / ours for (theirs, _), (ours, _) in pairs]
    table = pd.DataFrame(rows)
    if keep:
        store(
            "training_step",
            table,
            size | {"rounds": rounds},
            sum(each[0] for turns in measured.values() for each in turns),
        )
    print(table.round(2).to_string(index=False))
    print(f"ours is {median(ratios):.2f} times as fast: the median of {rounds} rounds, {min(ratios):.2f} at least")


if __name__ == "__main__":
    main()
