"""What the half on filters set out to reach besides the paper's figures; an aim that was missed keeps its row."""

from functools import partial

import pandas as pd

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.filter_comparison.summary import beside_letkf, on_all_seeds
from sparseobs_book.reproduced.aims import MET, MISSED, NOT_RUN, Aim, Judged

OURS, PAPERS = "ours", "the paper's"


def faster_step(least: float, table: pd.DataFrame) -> Judged:
    """Return how many times as fast as the paper's our training step is, by their medians."""
    seconds = table.set_index("step")["seconds"]
    times = seconds[PAPERS] / seconds[OURS]
    ours = f"{times:.2f} times: {seconds[OURS]:.2f} s beside {seconds[PAPERS]:.2f} s"
    return ours, MET if times >= least else MISSED


def smaller_step(table: pd.DataFrame) -> Judged:
    """Return whether our step takes no more memory than the paper's."""
    memory = table.set_index("step")["memory_mb"] / 1000
    return f"{memory[OURS]:.2f} GB beside {memory[PAPERS]:.2f} GB", MET if memory[OURS] <= memory[PAPERS] else MISSED


def sooner(target: float, least: float, table: pd.DataFrame) -> Judged:
    """Return how many times as soon as the paper's recipe ours trains a filter to an analysis RMSE."""
    last = table.groupby("recipe").last()
    times = last.loc[PAPERS, "seconds"] / last.loc[OURS, "seconds"]
    if last.loc[OURS, "rmse"] > target:
        return f"not there after {last.loc[OURS, 'seconds']:.0f} s", MISSED
    there = "" if last.loc[PAPERS, "rmse"] <= target else "at least "
    ours = f"{there}{times:.1f} times: {last.loc[OURS, 'seconds']:.0f} s beside {last.loc[PAPERS, 'seconds']:.0f} s"
    return ours, MET if times >= least else MISSED


def faster_filter(batch: int, least: float, table: pd.DataFrame) -> Judged:
    """Return how many times as fast as DAPPER's LETKF the AmEnF assimilates so many trajectories."""
    row = table.set_index("batch").loc[batch]
    ours = f"{row['ratio']:.1f} times (at least {row['least_ratio']:.1f}): {row['amenf']:.0f} cycles a second"
    return f"{ours} beside {row['letkf']:.0f}", MET if row["ratio"] >= least else MISSED


def faster_tuning(least: float, table: pd.DataFrame) -> Judged:
    """Return how many times as fast as DAPPER's the batched LETKF tries settings, whatever the members."""
    ours = ", ".join(f"{row.ratio:.0f} times with {row.members} members" for row in table.itertuples())
    return ours, MET if table["ratio"].min() >= least else MISSED


def low_error(most: float, table: pd.DataFrame) -> Judged:
    """Return the AmEnF's error on Lorenz-96 at noise 1 with ten members."""
    case = "system == 'lorenz96' and obs_error_std == 1 and ensemble_size == 10 and method == 'AmEnF'"
    scores = repeat_interval(on_all_seeds(table).query(case)["rmse"])
    return str(scores), MET if scores.mean <= most else MISSED


def no_worse(system: str, table: pd.DataFrame) -> Judged:
    """Return where the AmEnF's error is surely above the tuned LETKF's, with five and ten members."""
    pairs = beside_letkf(table).query("system == @system and ensemble_size in (5, 10)")
    behind = [f"{row.obs_error_std:g}/{row.ensemble_size}" for row in pairs.itertuples() if row.ahead == "LETKF"]
    if behind:
        return f"behind at noise/members {', '.join(behind)} of {len(pairs)} cases", MISSED
    return f"ahead in {(pairs['ahead'] == 'AmEnF').sum()} of {len(pairs)} cases, behind in none", MET


_STEP, _SPEED, _ALL = ("training_step",), ("assimilation_speed",), ("filter_comparison",)
AIMS = (
    Aim("Train 1.3 times as fast as the paper's step plainly done, two cores", _STEP, partial(faster_step, 1.3)),
    Aim("... with no more memory", _STEP, smaller_step),
    Aim("Reach RMSE 1.1 on Lorenz-96 three times as soon", ("time_to_accuracy",), partial(sooner, 1.1, 3.0)),
    Aim("Assimilate one trajectory five times as fast as DAPPER's LETKF", _SPEED, partial(faster_filter, 1, 5.0)),
    Aim("Assimilate 64 trajectories nine times as fast", _SPEED, partial(faster_filter, 64, 9.0)),
    Aim("Tune LETKF 20 times as fast as by DAPPER's", ("letkf_tuning",), partial(faster_tuning, 20.0)),
    Aim("Train ten times, assimilate 1,000 times as fast on a GPU", (), lambda: NOT_RUN),
    Aim("Lorenz-96, noise 1, ten members: RMSE at most 0.79, trained on CPU", _ALL, partial(low_error, 0.79)),
    Aim("Kuramoto-Sivashinsky: no worse than LETKF", _ALL, partial(no_worse, "kuramoto_sivashinsky")),
    Aim("Vissio-Lucarini 20: no worse than LETKF", _ALL, partial(no_worse, "vissio_lucarini")),
)
