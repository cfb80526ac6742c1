"""What the grid of stations by hours says of Sim2Real and each other method, as numbers."""

import pandas as pd

AHEAD, BEHIND, EQUAL, OPEN = "ahead", "behind", "equal", "open"
VERDICTS = (AHEAD, EQUAL, BEHIND, OPEN)
FILM = "Sim2Real (FiLM)"
MARGIN = 0.05  # K or nats: differences below this count as none
CELL = ("n_stations", "n_times", "lengthening")  # what tells the cells of one seed apart, in one grid or another


def verdicts(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return how far Sim2Real is ahead of each other method, a row a cell and method.

    The tables keep an interval a seed and no single errors, so the seeds' differences cannot be drawn anew together.
    `low` and `high` are means of the seeds' bounds: as wide as if stations and days had the same luck in all seeds,
    which are judged at the same stations, hence no narrower than an interval of the mean would be. They hold nothing
    of the luck of split and training; for that all seeds must agree on the sign.

    Args:
        table: of the grid `adaptation` or `adaptation_length`.
        score: `mae` or `nll`.

    Returns:
        The columns of `CELL` that the table has, `method`, `gap` (mean over the seeds of Sim2Real's score less the
        method's), `low`, `high`, `seeds`, and `verdict`: `ahead` and `behind`, the interval and every seed's gap on
        one side of zero; else `equal`, the interval within `MARGIN` of zero; else `open`.
    """
    names = [*(name for name in CELL if name in table), "method"]
    groups = table[table["method"] != "Sim2Real"].groupby(names, sort=False)
    columns = {"gap": f"{score}_gap", "low": f"{score}_low", "high": f"{score}_high"}
    found = groups[list(columns.values())].mean().set_axis(list(columns), axis=1)
    least, greatest, found["seeds"] = (groups[f"{score}_gap"].agg(how) for how in ("min", "max", "count"))
    found["verdict"] = OPEN
    found.loc[(found["low"] >= -MARGIN) & (found["high"] <= MARGIN), "verdict"] = EQUAL
    found.loc[(found["high"] < 0) & (greatest < 0), "verdict"] = AHEAD
    found.loc[(found["low"] > 0) & (least > 0), "verdict"] = BEHIND
    return found.reset_index()


def counts(found: pd.DataFrame, by: str = "method") -> pd.DataFrame:
    """Return of `verdicts` the mean `gap` and the number of cells with each verdict, a row a value of `by`."""
    numbers = pd.crosstab(found[by], found["verdict"]).reindex(columns=list(VERDICTS), fill_value=0)
    return found.groupby(by, sort=False)["gap"].mean().to_frame().join(numbers)
