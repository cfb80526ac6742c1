"""What the grid of stations by hours says of Sim2Real and each other method, as numbers."""

import pandas as pd

from sparseobs_book.temperature.verdicts import AHEAD, BEHIND, EQUAL, FILM, MARGIN, OPEN
from sparseobs_book.temperature.verdicts import verdicts as verdicts_by

__all__ = ["AHEAD", "BEHIND", "EQUAL", "FILM", "MARGIN", "OPEN", "over_the_better", "pooled", "verdicts"]
BASELINES = ("sim-only", "real-only")
CELL = ["n_stations", "n_times"]  # what tells the cells of one seed apart


def verdicts(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return how far Sim2Real is ahead of each other method, a row a cell and method, see `temperature.verdicts`."""
    return verdicts_by(table, score, CELL)


def over_the_better(found: pd.DataFrame) -> pd.DataFrame:
    """Return of `verdicts`, for each cell, the row of the better of `BASELINES`, by its mean over the seeds."""
    rows = found[found["method"].isin(BASELINES)]
    return rows.loc[rows.groupby(CELL)["gap"].idxmax()]


def pooled(found: pd.DataFrame) -> pd.DataFrame:
    """Return the means of `gap`, `low` and `high` over the cells with so many stations, by method and `n_stations`.

    For the same reason as over the seeds, the mean of the cells' intervals is no narrower than one of the mean gap.
    """
    return found.groupby(["method", "n_stations"], sort=False)[["gap", "low", "high"]].mean()
