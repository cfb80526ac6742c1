"""What the stored table of heights withheld or given says, as numbers, beside what was predicted."""

import numpy as np
import pandas as pd

from sparseobs_book.heights.run import METHODS, PLACES
from sparseobs_book.temperature.verdicts import FILM
from sparseobs_book.temperature.verdicts import verdicts as verdicts_by

CELL = ["places", "heights", "n_times"]  # what tells the rows of one method and seed apart
NETWORKS = ("sim-only", "real-only", "Sim2Real", FILM)
ORDINARY, VALUE = PLACES
# Of grids/heights.yaml, at ordinary stations: heights, method, and between which numbers Sim2Real's error less the
# method's lies, K. `far behind` has no number there; before the run it was read as the first one's 0.15 K.
PREDICTED = (
    ("withheld", "sim-only", -0.2, -0.15),
    ("given", "sim-only", -0.05, 0.05),
    ("withheld", FILM, -np.inf, -0.15),
)


def verdicts(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return how far Sim2Real is ahead of each other method, a row a cell and method, see `temperature.verdicts`."""
    return verdicts_by(table, score, cell=CELL)


def most_hours(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the most hours to learn from."""
    return table[table["n_times"] == table["n_times"].max()]


def errors(table: pd.DataFrame, score: str = "mae") -> pd.DataFrame:
    """Return a score with the most hours, means over the seeds: a row a method, columns places and heights.

    Args:
        table: of the grid `heights`.
        score: a column of it.
    """
    means = most_hours(table).pivot_table(index="method", columns=["places", "heights"], values=score)
    places = [pair for place in PLACES for pair in means.columns if pair[0] == place]
    return means.reindex(index=[method for method in METHODS if method in means.index], columns=places)


def beside_predicted(table: pd.DataFrame) -> pd.DataFrame:
    """Return each prediction beside what was found, a row a prediction and number of hours.

    `least` and `most` are what was predicted of Sim2Real's error less the method's, K; `gap`, `low` and `high` were
    found, see `temperature.verdicts`; `holds` says whether the gap lies where it was predicted.

    Args:
        table: of the grid `heights`.
    """
    found = verdicts(table, "mae")
    rows = []
    for heights, method, least, most in PREDICTED:
        where = (found["places"] == ORDINARY) & (found["heights"] == heights) & (found["method"] == method)
        rows.append(found[where].assign(least=least, most=most))
    rows = pd.concat(rows, ignore_index=True)
    rows["holds"] = rows["gap"].between(rows["least"], rows["most"])
    return rows[["heights", "method", "n_times", "least", "most", "gap", "low", "high", "holds"]]
