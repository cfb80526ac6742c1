"""What the half on temperature set out to reach besides the paper's claims; an aim that was missed keeps its row."""

from functools import partial

import pandas as pd

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.real_data.midas import PLAIN
from sparseobs_book.reproduced.aims import MET, MISSED, NOT_RUN, Aim, Judged
from sparseobs_book.reproduced.sim2real_judges import UNITS
from sparseobs_book.temperature.summary import by_split

PEER, OURS, OWN_GRID = "deepsensor", "ours", "ours, its own grid"
DAILY = {"rmse": 0.66, "bias": 0.0}  # K: of ERA5's daily means at MIDAS stations, as first measured by hand
TOLERANCE = 0.02  # K


def as_fast(job: str, least: float, table: pd.DataFrame) -> Judged:
    """Return how many times as fast as the peer a job is done."""
    times = table[table["job"] == job].set_index("contestant")["times_as_fast"]
    ours = f"{times[OURS]:.2f} times; {times[OWN_GRID]:.2f} on the grid that this package would choose"
    return ours, MET if times[OURS] >= least else MISSED


def as_small(job: str, table: pd.DataFrame) -> Judged:
    """Return whether a job takes no more memory than the peer's."""
    memory = table[table["job"] == job].set_index("contestant")["memory_mb"]
    ours = f"{memory[OURS]:.0f} MB beside {memory[PEER]:.0f}; {memory[OWN_GRID]:.0f} on its own grid"
    return ours, MET if memory[OURS] <= memory[PEER] else MISSED


def lowest(score: str, table: pd.DataFrame) -> Judged:
    """Return the best kind of Sim2Real at Irish stations beside the best of all else, split by split."""
    scores = by_split(table)[score].unstack("split_seed")
    own = scores.index.str.startswith("Sim2Real")
    first, second = (scores[part].mean(axis=1).idxmin() for part in (own, ~own))
    gap = repeat_interval(scores.loc[first] - scores.loc[second])
    ours = f"{first} {scores.loc[first].mean():.3f}, {second} {scores.loc[second].mean():.3f} {UNITS[score]}; "
    ours += f"difference {gap:+.3f}"
    return ours, MISSED if gap.mean >= 0 else MET if gap.high < 0 else "met in the mean only"


def below_idw(table: pd.DataFrame) -> Judged:
    """Return by how much kriging with an elevation drift errs less than IDW."""
    row = table.set_index("method").loc["kriging + elevation drift"]
    ours = f"MAE {row['mae']:.2f} °C, {row['less']:.2f} [{row['less_low']:.2f}, {row['less_high']:.2f}] less"
    return ours, MET if row["less_low"] > 0 else MISSED


def as_measured(table: pd.DataFrame) -> Judged:
    """Return how far ERA5's daily means are from MIDAS's."""
    row = table[table["method"] == PLAIN].iloc[0]
    near = all(abs(row[score] - value) <= TOLERANCE for score, value in DAILY.items())
    return f"RMSE {row['rmse']:.2f} K, bias {row['bias']:+.2f} K, n = {row['n']:g}", MET if near else MISSED


def like_reality(table: pd.DataFrame) -> Judged:
    """Return the daily error of the twin's reanalysis beside ERA5's."""
    errors = table[table["quantity"] == "daily error"].set_index("source")["value"]
    twin, real = errors["twin, stations below 200 m"], errors["ERA5 at ten MIDAS stations"]
    return f"{twin:.2f} K in the twin, {real:.2f} K of ERA5", "no target was set"


_SPEED, _IRELAND = ("convcnp_speed",), ("uk_ireland",)
AIMS = (
    Aim("Train the paper's network 1.3 times as fast as deepsensor, two cores", _SPEED, partial(as_fast, "train", 1.3)),
    Aim("... with no more memory", _SPEED, partial(as_small, "train")),
    Aim("Map Germany at 1 km three times as fast as deepsensor, two cores", _SPEED, partial(as_fast, "predict", 3.0)),
    Aim("... with no more memory", _SPEED, partial(as_small, "predict")),
    Aim("Train ten times as fast on a GPU; pre-train at the paper's size in half an hour", (), lambda: NOT_RUN),
    Aim("Lowest MAE of all at Irish stations, kriging included", _IRELAND, partial(lowest, "mae")),
    Aim("Lowest NLL of all at Irish stations, kriging included", _IRELAND, partial(lowest, "nll")),
    Aim("One hour of Germany: kriging with an elevation drift errs less than IDW", ("germany_snapshot",), below_idw),
    Aim("ERA5's daily means at ten MIDAS stations: RMSE 0.66 K, bias 0.00 K, to 0.02", ("midas_daily",), as_measured),
    Aim("The twin's reanalysis errs as ERA5 does: daily means, stations below 200 m", ("twin",), like_reality),
)
