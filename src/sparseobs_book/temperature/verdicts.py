"""What a stored grid says of Sim2Real and each other method, as numbers: gaps pooled over seeds, and a verdict."""

from collections.abc import Sequence

import pandas as pd

AHEAD, BEHIND, EQUAL, OPEN = "ahead", "behind", "equal", "open"
FILM = "Sim2Real (FiLM)"
MARGIN = 0.05  # K or nats: differences below this count as none


def verdicts(table: pd.DataFrame, score: str, cell: Sequence[str]) -> pd.DataFrame:
    """Return how far Sim2Real is ahead of each other method, a row a cell and method.

    The tables keep an interval a seed and no single errors, so the seeds' differences cannot be drawn anew together.
    `low` and `high` are means of the seeds' bounds: as wide as if stations and days had the same luck in all seeds,
    which are judged at the same stations, hence no narrower than an interval of the mean would be. They hold nothing
    of the luck of split and training; for that all seeds must agree on the sign.

    Args:
        table: of a grid with columns of gaps to Sim2Real, see `temperature.scores.gap_columns`.
        score: `mae` or `nll`.
        cell: columns that tell the cells of one seed apart.

    Returns:
        The columns of `cell`, `method`, `gap` (mean over the seeds of Sim2Real's score less the
        method's), `low`, `high`, `seeds`, and `verdict`: `ahead` and `behind`, the interval and every seed's gap on
        one side of zero; else `equal`, the interval within `MARGIN` of zero; else `open`.
    """
    groups = table[table["method"] != "Sim2Real"].groupby([*cell, "method"], sort=False)
    columns = {"gap": f"{score}_gap", "low": f"{score}_low", "high": f"{score}_high"}
    found = groups[list(columns.values())].mean().set_axis(list(columns), axis=1)
    least, greatest, found["seeds"] = (groups[f"{score}_gap"].agg(how) for how in ("min", "max", "count"))
    found["verdict"] = OPEN
    found.loc[(found["low"] >= -MARGIN) & (found["high"] <= MARGIN), "verdict"] = EQUAL
    found.loc[(found["high"] < 0) & (greatest < 0), "verdict"] = AHEAD
    found.loc[(found["low"] > 0) & (least > 0), "verdict"] = BEHIND
    return found.reset_index()
