"""What a grid of stations by hours says of one method and each other, as numbers."""

from collections.abc import Sequence

import pandas as pd

AHEAD, BEHIND, EQUAL, OPEN = "ahead", "behind", "equal", "open"
FILM = "Sim2Real (FiLM)"
MARGIN = 0.05  # K or nats: differences below this count as none
BASELINES = ("sim-only", "real-only")
CELL = ["n_stations", "n_times"]  # what tells the cells of one seed apart


def verdicts(
    table: pd.DataFrame, score: str, reference: str = "Sim2Real", between: str = "", cell: Sequence[str] = CELL
) -> pd.DataFrame:
    """Return how far one method is ahead of each other, a row a cell and method.

    The tables keep an interval a seed and no single errors, so the seeds' differences cannot be drawn anew together.
    `low` and `high` are means of the seeds' bounds: as wide as if stations and days had the same luck in all seeds,
    which are judged at the same stations, hence no narrower than an interval of the mean would be. They hold nothing
    of the luck of split and training; for that all seeds must agree on the sign.

    Args:
        table: of the grid `adaptation`, or of one made like it.
        score: `mae` or `nll`.
        reference: the method.
        between: what stands between the score and `gap` in the columns of its differences, see `judged`.
        cell: columns that tell the cells of one seed apart.

    Returns:
        The columns of `cell`, `method`, `gap` (mean over the seeds of the reference's score less
        the method's), `low`, `high`, `seeds`, and `verdict`: `ahead` and `behind`, the interval and every seed's gap on
        one side of zero; else `equal`, the interval within `MARGIN` of zero; else `open`.
    """
    groups = table[table["method"] != reference].groupby([*cell, "method"], sort=False)
    columns = {name: f"{score}_{between}{name}" for name in ("gap", "low", "high")}
    found = groups[list(columns.values())].mean().set_axis(list(columns), axis=1)
    least, greatest, found["seeds"] = (groups[columns["gap"]].agg(how) for how in ("min", "max", "count"))
    found["verdict"] = OPEN
    found.loc[(found["low"] >= -MARGIN) & (found["high"] <= MARGIN), "verdict"] = EQUAL
    found.loc[(found["high"] < 0) & (greatest < 0), "verdict"] = AHEAD
    found.loc[(found["low"] > 0) & (least > 0), "verdict"] = BEHIND
    return found.reset_index()


def over_the_better(found: pd.DataFrame, baselines: tuple[str, ...] = BASELINES) -> pd.DataFrame:
    """Return of `verdicts`, for each cell, the row of the better of the baselines, by its mean over the seeds."""
    rows = found[found["method"].isin(baselines)]
    return rows.loc[rows.groupby(CELL)["gap"].idxmax()]


def pooled(found: pd.DataFrame) -> pd.DataFrame:
    """Return the means of `gap`, `low` and `high` over the cells with so many stations, by method and `n_stations`.

    For the same reason as over the seeds, the mean of the cells' intervals is no narrower than one of the mean gap.
    """
    return found.groupby(["method", "n_stations"], sort=False)[["gap", "low", "high"]].mean()
