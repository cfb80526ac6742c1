"""How long training takes to a given accuracy, from scratch: our recipe against the paper's, on the same network.

    python benchmarks/time_to_accuracy.py                    # RMSE 1.1 with 10 members; a quarter of an hour
    python benchmarks/time_to_accuracy.py --filters 8 --target 3 --every 5 --limit 60 --trajectories 2 --steps 400

Lorenz-96, every fourth site observed, noise 1. The paper's recipe: batch 64, 10 members, unrolls of 40 that each begin
at a random time with the truth plus noise, Adam by the authors' schedule, no clipping, no averaging. Ours reads no
truth, hands ensembles and memory on from unroll to unroll, and keeps averaged weights. Both begin with the same weights
and are done by our trainer's step, so that recipes are compared and not code. They take turns of `--every` seconds,
after each of which the filter is judged on validation trajectories, from members that begin at the truth plus noise, as
in the paper's training. Judging is not counted. Who is not there after `--limit` seconds of training is reported so.
"""

import time
from dataclasses import asdict, dataclass, replace

import click
import pandas as pd
import torch
from storing import store

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.run import assimilate
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.observing.twin_experiment import TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import VALIDATION_STREAM, observed
from sparseobs_book.trained_filters.recipes import FilterRecipe
from sparseobs_book.trained_filters.training import new_trainer

MEMBERS, BURN_IN = 10, 100
BATCHES_A_PASS = 94  # the authors' 6,000 starts in batches of 64


@dataclass(frozen=True)
class PaperTraining(TrainingConfig):
    """The authors' training; for arguments see `TrainingConfig`, whose schedule this replaces.

    References: [mccabe2021]; the rate's numbers are those of the authors' run_L96Conv.py.
    """

    rounds: tuple[int, ...] = (500 * BATCHES_A_PASS,)
    batch: int = 64
    ensemble_size: int = 10
    first_unroll: int = 40
    last_unroll: int = 40
    learning_rate: float = 8e-4
    clip_norm: float = 1e9
    averaging: float = 0.0
    protocol: str = "paper"

    def rate(self, iteration: int) -> float:
        """Return Adam's learning rate: raised by 2 % in each of the first 50 passes, halved twice later."""
        current = 1 + iteration // BATCHES_A_PASS
        halved = (current >= 199) + (current >= 399)
        return self.learning_rate * 1.02 ** min(current, 50) / 2**halved


def our_training(steps: int) -> TrainingConfig:
    """Return our recipe: small batches of two members, short unrolls that grow, one cosine."""
    return TrainingConfig(
        rounds=(steps,), batch=16, ensemble_size=2, first_unroll=4, last_unroll=10, learning_rate=3e-3
    )


def paper_trainer(recipe: FilterRecipe) -> Trainer:
    """Return the paper's training."""
    trainer = new_trainer(replace(recipe, training=PaperTraining()))
    for group in trainer.optimiser.param_groups:
        group["betas"] = (0.9, 0.999)
    return trainer


class Judge:
    """Gives a filter's analysis RMSE on validation trajectories.

    Args:
        recipe: gives the experiment.
        trajectories: independent truths.
        n_cycles: cycles scored, after a burn-in.
    """

    def __init__(self, recipe: FilterRecipe, trajectories: int, n_cycles: int):
        self.system = named_system(recipe.system)
        whole = observed(recipe, n_cycles=BURN_IN + n_cycles + 1, batch=trajectories, seed=VALIDATION_STREAM)
        start, seen = whole.truth[0], whole.observations
        stream = torch_stream(VALIDATION_STREAM, "first ensemble")
        noise = torch.randn(trajectories, MEMBERS, *start.shape[1:], generator=stream, dtype=start.dtype)
        self.ensemble = (start[:, None] + recipe.obs_error_std * noise).float()
        self.experiment = TwinExperiment(whole.truth[1:], replace(seen, values=seen.values[1:], mask=seen.mask[1:]))

    def rmse(self, network: AmEnF) -> float:
        """Return the mean over the scored cycles and the truths."""
        generator = torch_stream(VALIDATION_STREAM, "dropout")
        run = assimilate(network, self.system, self.experiment.observations, self.ensemble, generator)
        return time_mean(spatial_rmse(run.mean.double(), self.experiment.truth), BURN_IN).mean().item()


def train_for(trainer: Trainer, seconds: float) -> bool:
    """Train for at least so long and return whether there is more to do."""
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds and trainer.iteration < trainer.config.n_iterations:
        trainer.step()
    trainer.seconds += spent
    return trainer.iteration < trainer.config.n_iterations


def race(trainers: dict[str, Trainer], judge: Judge, target: float, every: float, limit: float) -> pd.DataFrame:
    """Return one row a judgement: recipe, steps, seconds and rmse; each is printed when it is there."""
    rows, running = [], dict(trainers)
    while running:
        for name, trainer in list(running.items()):
            goes_on = train_for(trainer, every)
            row = {"recipe": name, "steps": trainer.iteration, "seconds": trainer.seconds}
            rows.append(row | {"rmse": judge.rmse(trainer.average)})
            print("{recipe:10} {steps:6d} steps {seconds:7.0f} s   RMSE {rmse:.3f}".format(**rows[-1]), flush=True)
            if rows[-1]["rmse"] <= target or trainer.seconds >= limit or not goes_on:
                del running[name]
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame, target: float) -> str:
    """Return when each recipe came to the target, and the ratio."""
    last = table.groupby("recipe", sort=False).last()
    lines = []
    for name, row in last.iterrows():
        when = "after" if row.rmse <= target else f"not reached (but {row.rmse:.3f}) in"
        lines.append(f"{name}: RMSE {target:g} {when} {row.seconds:.0f} s")
    ours, theirs = last.loc["ours"], last.loc["the paper's"]
    if ours.rmse <= target:
        at_least = "" if theirs.rmse <= target else "at least "
        lines.append(f"ours is there {at_least}{theirs.seconds / ours.seconds:.1f} times as soon")
    return "\n".join(lines)


@click.command()
@click.option("--target", default=1.1, show_default=True, help="analysis RMSE with 10 members")
@click.option("--filters", default=64, show_default=True, help="of the network, the same in both")
@click.option("--dropout", default=0.2, show_default=True, help="the same in both")
@click.option("--steps", default=4000, show_default=True, help="of our schedule")
@click.option("--every", default=30.0, show_default=True, help="seconds of training between judgements")
@click.option("--limit", default=3600.0, show_default=True, help="seconds of training")
@click.option("--trajectories", default=8, show_default=True, help="that a filter is judged on")
@click.option("--cycles", default=300, show_default=True, help="of each of them, scored")
@click.option("--threads", default=2, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/time_to_accuracy.csv")
def main(
    target: float,
    filters: int,
    dropout: float,
    steps: int,
    every: float,
    limit: float,
    trajectories: int,
    cycles: int,
    threads: int,
    keep: bool,
) -> None:
    """Print every judgement and who was first."""
    torch.set_num_threads(threads)
    recipe = FilterRecipe(filters=filters, dropout=dropout, training=our_training(steps))
    trainers = {"ours": new_trainer(recipe), "the paper's": paper_trainer(recipe)}
    table = race(trainers, Judge(recipe, trajectories, cycles), target, every, limit)
    print(summary(table, target))
    if keep:
        network = {"filters": filters, "dropout": dropout, "threads": threads, "target": target, "limit": limit}
        settings = {name: asdict(trainer.config) for name, trainer in trainers.items()}
        store("time_to_accuracy", table, network | settings, sum(trainer.seconds for trainer in trainers.values()))


if __name__ == "__main__":
    main()
