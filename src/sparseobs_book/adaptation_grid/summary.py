"""What the grid of stations by hours says about the paper's claims, in words that follow from its table."""

import pandas as pd

from sparseobs.neural_process.adaptation import FROZEN
from sparseobs_book.temperature.run import INTERPOLATION

AHEAD, BEHIND, OPEN = "ahead", "behind", "open"
FILM = "Sim2Real (FiLM)"
AXES = {"stations": "n_stations", "hours": "n_times"}
CELL = (*AXES.values(), "lengthening")  # what tells the cells of one seed apart, in one grid or another


def verdicts(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return whether Sim2Real is ahead of each other method, a row a cell and method.

    `ahead` and `behind` need every seed's 95 % interval on one side of zero; all else is `open`.

    Args:
        table: of the grid `adaptation` or `adaptation_length`.
        score: `mae` or `nll`.

    Returns:
        The columns of `CELL` that the table has, `method`, `gap` (a mean over the seeds), `verdict`, `seeds`.
    """
    rows, names = [], [*(name for name in CELL if name in table), "method"]
    for key, part in table[table["method"] != "Sim2Real"].groupby(names, sort=False):
        ahead, behind = (part[f"{score}_high"] < 0).all(), (part[f"{score}_low"] > 0).all()
        verdict = AHEAD if ahead else BEHIND if behind else OPEN
        found = dict(zip(names, key, strict=True)) | {"gap": part[f"{score}_gap"].mean()}
        rows.append(found | {"verdict": verdict, "seeds": len(part)})
    return pd.DataFrame(rows)


def in_words(found: pd.DataFrame, decimals: int = 2) -> pd.Series:
    """Return the gap and the verdict of each row of `verdicts`."""
    return found["gap"].map(f"{{:+.{decimals}f}} ".format) + found["verdict"]


def counts(found: pd.DataFrame, score: str, **where: object) -> str:
    """Return in words how often Sim2Real is ahead among some rows of `verdicts`, and by how much on average."""
    for name, value in where.items():
        found = found[found[name] == value]
    if found.empty:
        return "not run yet"
    unit = "K" if score == "mae" else "nats"
    numbers = found["verdict"].value_counts()
    told = ", ".join(f"{name} in {numbers.get(name, 0)}" for name in (AHEAD, BEHIND, OPEN))
    return f"{score.upper()} {found['gap'].mean():+.2f} {unit}; {told} of {len(found)} cells"


def beside_the_paper(table: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's claims beside what the table says: `claim`, `ours`."""
    found = {score: verdicts(table, score) for score in ("mae", "nll")}
    least, most = table["n_times"].min(), table["n_times"].max()

    def told(**where) -> str:
        return "<br>".join(counts(rows, score, **where) for score, rows in found.items())

    rows = [
        ("Fine-tuning beats the simulator alone", told(method="sim-only")),
        ("... but not with 20 stations", told(method="sim-only", n_stations=20)),
        ("Fine-tuning beats stations alone", told(method="real-only")),
        (f"... most with few hours ({least:g})", told(method="real-only", n_times=least)),
        (f"... and hardly with very many ({most:g})", told(method="real-only", n_times=most)),
        ("Fine-tuning all weights beats FiLM", told(method=FILM)),
        ("(not in the paper) ... beats frozen high frequencies", told(method=FROZEN)),
        ("(not in the paper) ... beats interpolation with a lapse rate", told(method=INTERPOLATION)),
    ]
    return pd.DataFrame(rows, columns=["claim", "ours: Sim2Real less the other"])


def mean_scores(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return means over the seeds, methods down, and hours within stations across."""
    return table.pivot_table(index="method", columns=["n_stations", "n_times"], values=score, sort=False).sort_index(
        axis=1
    )


def headline(table: pd.DataFrame) -> str:
    """Return in words in how many cells Sim2Real errs less, and in how many more, than each other method."""
    found, parts = verdicts(table, "mae"), []
    for method, rows in found.groupby("method", sort=False):
        numbers = rows["verdict"].value_counts()
        less, more = (numbers.get(name, 0) for name in (AHEAD, BEHIND))
        parts.append(f"less than *{method}* in {less} and more in {more}")
    n_cells = len(found[["n_stations", "n_times"]].drop_duplicates())
    return f"Of {n_cells} cells, *Sim2Real* (fine-tuning all weights) errs {'; '.join(parts)}. All else is open."


def cells_in_words(table: pd.DataFrame, score: str, method: str) -> pd.DataFrame:
    """Return how far Sim2Real is ahead of one method and the verdict, stations down and hours across.

    Args:
        table: of the grid `adaptation`.
        score: `mae` or `nll`.
        method: any but Sim2Real.
    """
    found = verdicts(table, score)
    found = found[found["method"] == method]
    return (
        found.assign(words=in_words(found))
        .pivot(index="n_stations", columns="n_times", values="words")
        .fillna("not run")
    )


def returns(table: pd.DataFrame, score: str) -> pd.DataFrame:
    """Return what more stations, or more hours, change in a score when all else stays: a row a method and a step.

    Args:
        table: of the grid `adaptation`.
        score: column.

    Returns:
        `method`, `more` (stations or hours), `start` and `end` of the step to the next larger number, `change` (a mean
        over seeds and the other axis), its `least` and `greatest`, and of how many `cells`.
    """
    parts, methods = [], list(dict.fromkeys(table["method"]))
    for more, axis in AXES.items():
        same = [name for name in ("method", "seed", *AXES.values()) if name != axis]
        wide = table.pivot(index=same, columns=axis, values=score)
        for start, end in zip(wide.columns, wide.columns[1:], strict=False):
            change = (wide[end] - wide[start]).dropna().groupby("method")
            found = change.agg(change="mean", least="min", greatest="max", cells="count").reindex(methods)
            parts.append(found.dropna().reset_index().assign(more=more, start=start, end=end))
    return pd.concat(parts, ignore_index=True)


def same_readings(table: pd.DataFrame, score: str, method: str) -> pd.DataFrame:
    """Return a method's mean score with as many readings (stations times hours) from few stations or from many.

    Args:
        table: of the grid `adaptation`.
        score: column.
        method: whose rows.

    Returns:
        Readings down, stations across; only numbers of readings that two or more numbers of stations reach.
    """
    rows = table[table["method"] == method]
    rows = rows.assign(readings=rows["n_stations"] * rows["n_times"])
    wide = rows.pivot_table(index="readings", columns="n_stations", values=score)
    return wide[wide.count(axis=1) > 1]
