"""Repeats of the temperature experiment as means with 95 % intervals."""

import pandas as pd

from sparseobs.scores.intervals import Interval, repeat_interval

SCORES = {"mae": "MAE (°C)", "nll": "NLL", "crps": "CRPS (°C)"}


def intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row a method and score: `method`, `score`, `mean`, `low`, `high`, `n` (over seeds)."""
    return score_intervals({name: rows for name, rows in table.groupby("method", sort=False)})


def difference_to(table: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return each method's scores less the reference's on the same seed, as `summary` does.

    Seeds differ in their stations far more than methods do on one seed, hence the pairing.
    """
    scores = table.set_index(["method", "seed"])[list(SCORES)]
    gaps = {
        method: scores.loc[method] - scores.loc[reference] for method in table["method"].unique() if method != reference
    }
    return _wide(score_intervals(gaps))


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return `mean [low, high]` as text, methods down and scores across."""
    return _wide(intervals(table))


def score_intervals(rows_of: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return `method`, `score`, `mean`, `low`, `high`, `n`: over the rows of each method, whatever was repeated."""
    return pd.DataFrame(
        {"method": method, "score": score, **repeat_interval(rows[score])._asdict()}
        for method, rows in rows_of.items()
        for score in SCORES
    )


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    texts = [str(Interval(*row)) for row in rows[["mean", "low", "high", "n"]].itertuples(index=False)]
    wide = rows.assign(text=texts).pivot(index="method", columns="score", values="text")
    return wide.loc[rows["method"].unique(), list(SCORES)].rename(columns=SCORES)
