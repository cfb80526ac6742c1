"""From nothing to an analysis RMSE of 0.65 and of 0.60 on Lorenz-96, every fourth site, noise 1, ten members.

    python benchmarks/race.py                    # tunes the smoother, then trains what starts from it; ten minutes
    python benchmarks/race.py --limit 0          # tunes only

The clock runs while settings are searched on validation truths and while the network is trained; it stands while five
test truths, which neither has met, judge the filter. Whoever wants to beat the stored record changes recipe or code and
runs it again.
"""

import time

import click
import pandas as pd
import torch
from storing import store
from time_to_accuracy import train_for

from sparseobs.dynamics.catalogue import named_system
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.run import assimilate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import spatial_rmse, time_mean
from sparseobs_book.trained_filters.experiments import TEST_STREAM, climate_ensemble, observed
from sparseobs_book.trained_filters.recipes import SmootherRecipe, smoother_recipe, with_training
from sparseobs_book.trained_filters.training import new_trainer
from sparseobs_book.trained_filters.tuning import Case, choice, how_to_tune, tune_case

METHOD, MEMBERS, TRUTHS, BURN_IN = "fixed-lag smoother", 10, 5, 200
SEED = TEST_STREAM + 900
TARGETS = (0.65, 0.60)


def judged(network: AmEnS, recipe: SmootherRecipe, n_cycles: int) -> float:
    """Return the analysis RMSE on the test truths, from members of the climate."""
    system = named_system(recipe.system)
    experiment = observed(recipe, n_cycles=BURN_IN + n_cycles, batch=TRUTHS, seed=SEED)
    ensemble = climate_ensemble(system, (TRUTHS, MEMBERS), SEED).float()
    run = assimilate(network, system, experiment.observations, ensemble, torch_stream(SEED, "rotations"))
    return time_mean(spatial_rmse(run.mean.double(), experiment.truth), BURN_IN).mean().item()


def race(size: str, every: float, limit: float, n_cycles: int) -> pd.DataFrame:
    """Return a row a judgement: stage, steps of training, seconds since the start and rmse."""
    start = time.perf_counter()
    case = Case.of("lorenz96", METHOD, 1.0, MEMBERS)
    tuned = choice(tune_case(how_to_tune(size, case.system, METHOD), case), METHOD)
    numbers = {"lags": tuned.lag, "radii": tuned.radius, "shifts": tuned.shift}
    numbers |= {"inflations": tuned.inflation, "reductions": tuned.reduction}
    recipe = smoother_recipe("lorenz96", sizes=(MEMBERS,), **{name: (value,) for name, value in numbers.items()})
    recipe = with_training(recipe, other_sizes=())
    trainer = new_trainer(recipe)
    seconds, rows, goes_on = time.perf_counter() - start, [], limit > 0
    rows.append({"stage": "tuned", "steps": 0, "seconds": seconds, "rmse": judged(trainer.average, recipe, n_cycles)})
    while goes_on and trainer.seconds < limit:
        goes_on = train_for(trainer, every)
        row = {"stage": "trained", "steps": trainer.iteration, "seconds": seconds + trainer.seconds}
        rows.append(row | {"rmse": judged(trainer.average, recipe, n_cycles)})
        print("{steps:6d} steps {seconds:7.0f} s   RMSE {rmse:.3f}".format(**rows[-1]), flush=True)
    return pd.DataFrame(rows)


def records(table: pd.DataFrame) -> str:
    """Return when each target was first met."""
    met = {target: table.loc[table["rmse"] <= target, "seconds"] for target in TARGETS}
    return "\n".join(
        f"RMSE {target:.2f} after {seconds.iloc[0]:.0f} s" if len(seconds) else f"RMSE {target:.2f} not reached"
        for target, seconds in met.items()
    )


@click.command()
@click.option("--size", default="lesson", show_default=True, help="of the tuning: smoke, lesson or paper")
@click.option("--every", default=60.0, show_default=True, help="seconds of training between judgements")
@click.option("--limit", default=600.0, show_default=True, help="seconds of training")
@click.option("--cycles", default=1000, show_default=True, help="that a filter is judged on")
@click.option("--threads", default=2, show_default=True)
@click.option("--keep", is_flag=True, help="also write results/race.csv")
def main(size: str, every: float, limit: float, cycles: int, threads: int, keep: bool) -> None:
    """Print every judgement and the records."""
    torch.set_num_threads(threads)
    table = race(size, every, limit, cycles)
    print(table.round(3).to_string(index=False))
    print(records(table))
    if keep:
        parameters = {"size": size, "limit": limit, "cycles": cycles, "threads": threads, "truths": TRUTHS}
        store("race", table, parameters, table["seconds"].max())


if __name__ == "__main__":
    main()
