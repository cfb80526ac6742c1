"""Who wins where in the Gaussian-process laboratory: gaps to the exact prediction, and FiLM against all weights."""

import pandas as pd

from sparseobs.runs.results import Statement
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.laboratory.settings import GAPS, UNLIMITED

WHERE = ["gap", "length_scale", "noise_variance", "n_tasks"]
WAYS = {"Sim2Real": "all weights", "Sim2Real (FiLM)": "FiLM"}
SIMULATED_NOISE = GAPS["noise"].simulator.noise_variance
# [scholz2023] as far as it is known to us; the sign is that of FiLM's log-likelihood less that of all weights'.
FINDINGS = (
    ("FiLM can win where length scales grow", "growing", 1),
    ("FiLM can win where the noise changes a little (by a factor of two)", "noise", 1),
    ("FiLM loses where length scales shrink", "shrinking", -1),
    ("the same, from mixed scales", "mixed", -1),
)


def gap_to_exact(table: pd.DataFrame) -> pd.DataFrame:
    """Return how far each method stays below the exact prediction, nats a target.

    Args:
        table: the stored table, a row a repeat.

    Returns:
        Columns of `WHERE`, method, mean, low, high (95 % interval over the seeds), n.
    """
    return _intervals(table.assign(score=table["loglik_exact"] - table["loglik"]), [*WHERE, "method"])


def film_less_global(table: pd.DataFrame) -> pd.DataFrame:
    """Return FiLM's log-likelihood less that of tuning all weights, nats a target, seed by seed.

    Returns:
        Columns of `WHERE`, mean, low, high (95 % interval over the seeds), n; positive is FiLM ahead.
    """
    return _intervals(paired(table), WHERE)


def paired(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a place and seed with `score`, FiLM's log-likelihood less all weights'."""
    scores = table.pivot_table(index=[*WHERE, "seed"], columns="method", values="loglik", sort=False)
    return (scores["Sim2Real (FiLM)"] - scores["Sim2Real"]).dropna().rename("score").reset_index()


def _intervals(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    groups = rows.groupby(by, sort=False)["score"]
    return pd.DataFrame(
        [dict(zip(by, where, strict=True)) | repeat_interval(scores)._asdict() for where, scores in groups]
    )


def findings(table: pd.DataFrame) -> pd.DataFrame:
    """Return what became of each published finding.

    Returns:
        A row each of `FINDINGS`: finding; ahead, behind and open, the numbers of realities and task counts at which
        FiLM's interval lies above, below or on both sides of zero; mean, low, high of its lead, averaged over all of
        them seed by seed; verdict. `can win` is confirmed by one place ahead, `loses` by an average below zero, and
        refuted by the opposite.
    """
    rows = []
    for finding, gap, sign in FINDINGS:
        part = table[table["gap"] == gap]
        if gap == "noise":
            part = part[(part["noise_variance"] / SIMULATED_NOISE).between(0.45, 2.2)]
        places = film_less_global(part)
        ahead, behind = int((places["low"] > 0).sum()), int((places["high"] < 0).sum())
        average = repeat_interval(paired(part).groupby("seed")["score"].mean())
        counts = {"ahead": ahead, "behind": behind, "open": len(places) - ahead - behind}
        row = {"finding": finding, **counts, **average._asdict()}
        rows.append(row | {"verdict": _verdict(sign, ahead, average.low, average.high)})
    return pd.DataFrame(rows)


def _verdict(sign: int, ahead: int, low: float, high: float) -> str:
    if sign > 0:
        return "confirmed" if ahead else "refuted" if high < 0 else "open"
    return "confirmed" if high < 0 else "refuted" if low > 0 else "open"


def headline(table: pd.DataFrame) -> Statement:
    """Return in words what became of the findings, and where FiLM is ahead of tuning all weights and where behind."""
    counted = findings(table)["verdict"].value_counts()
    verdicts = ", ".join(f"{counted.get(word, 0)} {word}" for word in ("confirmed", "refuted", "open"))
    places = film_less_global(table)
    ahead, behind = (places["low"] > 0).sum(), (places["high"] < 0).sum()
    return Statement(
        f"Of {len(FINDINGS)} published findings: **{verdicts}**. FiLM is ahead at {ahead} of {len(places)} places, "
        f"all weights at {behind}; at {len(places) - ahead - behind} the interval contains zero. "
        f"FiLM's largest lead is {_at(places.loc[places['mean'].idxmax()])}, "
        f"its largest lag {_at(places.loc[places['mean'].idxmin()])}."
    )


def _at(place: pd.Series) -> str:
    """Return a mean with where it was found."""
    return f"{abs(place['mean']):.3f} nats ({reality_name(*place[WHERE[:3]])}, {tasks(place['n_tasks'])})"


def reality_name(gap: str, length_scale: float, noise_variance: float) -> str:
    """Return a reality in words: its gap, and what sets it apart from the simulator."""
    return f"{gap}, {f'variance {noise_variance:g}' if gap == 'noise' else f'length scale {length_scale:g}'}"


def _reality_names(rows: pd.DataFrame) -> list[str]:
    return [reality_name(*where) for where in rows[WHERE[:3]].itertuples(index=False)]


def told_findings(table: pd.DataFrame) -> pd.DataFrame:
    """Return `findings` for a page: the finding, where FiLM is ahead, behind or level, its mean lead, the verdict."""
    found = findings(table)
    return pd.DataFrame(
        {
            "the paper": found["finding"],
            "FiLM ahead": found["ahead"],
            "behind": found["behind"],
            "open": found["open"],
            "its mean lead (nats)": _lead_texts(found),
            "here": found["verdict"],
        }
    )


def _lead_texts(rows: pd.DataFrame) -> list[str]:
    """Return the interval of each row, with a sign."""
    return [f"{Interval(*row):+.3f}" for row in rows[list(Interval._fields)].itertuples(index=False)]


def lead_by_tasks(table: pd.DataFrame) -> pd.DataFrame:
    """Return FiLM's lead averaged over a gap's realities seed by seed, as text with its interval.

    Returns:
        Gaps down, numbers of tasks across; empty where a number was not tried.
    """
    means = paired(table).groupby(["gap", "n_tasks", "seed"], sort=False)["score"].mean().reset_index()
    rows = _intervals(means, ["gap", "n_tasks"])
    wide = rows.assign(text=_lead_texts(rows)).pivot(index="gap", columns="n_tasks", values="text")
    return wide.reindex(rows["gap"].unique()).rename(columns=tasks).rename_axis(None, axis=1).fillna("")


def lead_words(table: pd.DataFrame) -> Statement:
    """Return in words in which gaps FiLM is ahead with least and with most tasks, and in which fewer tasks help it."""
    means = paired(table).groupby(["gap", "n_tasks", "seed"], sort=False)["score"].mean().unstack("n_tasks")
    least, most = means.columns.min(), means.columns.max()
    few, many = tasks(least), tasks(most)
    return Statement(
        f"Averaged over a gap's realities, with {few}: {_by_side(means[least])}. With {many}: {_by_side(means[most])}. "
        f"From {many} to {few}: {_by_side(means[least] - means[most], ('FiLM gains', 'FiLM loses'))}."
    )


def _by_side(scores: pd.Series, words: tuple[str, str] = ("FiLM ahead", "all weights ahead")) -> str:
    """Return which gaps' intervals lie above zero, below it, or contain it, for a score a gap and seed."""
    found = {words[0]: [], words[1]: [], "open": []}
    for gap, values in scores.groupby("gap", sort=False):
        interval = repeat_interval(values)
        found[words[0] if interval.low > 0 else words[1] if interval.high < 0 else "open"].append(gap)
    return "; ".join(f"{word} in {', '.join(gaps)}" for word, gaps in found.items() if gaps)


def below_exact(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean distances below the exact prediction, nats a target, before adapting and with least and most tasks.

    Returns:
        A row a reality; columns `before`, then by method and number of tasks.
    """
    rows = gap_to_exact(table)
    least, most = rows.loc[rows["n_tasks"] > 0, "n_tasks"].agg(["min", "max"])
    rows = rows[rows["n_tasks"].isin([0, least, most])]
    labels = rows.assign(
        reality=_reality_names(rows),
        column=[_column(*each) for each in rows[["method", "n_tasks"]].itertuples(index=False)],
    )
    wide = labels.pivot(index="reality", columns="column", values="mean")
    ordered = labels.sort_values("n_tasks", kind="stable")["column"]
    return wide.reindex(labels["reality"].unique())[list(dict.fromkeys(ordered))].rename_axis(None, axis=1)


def _column(method: str, n_tasks: float) -> str:
    return f"{WAYS[method]}, {tasks(n_tasks)}" if n_tasks else "before"


def tasks(n_tasks: float) -> str:
    """Return a number of tasks in words."""
    return "unlimited tasks" if n_tasks == UNLIMITED else f"{n_tasks:g} tasks"


def left_alone(table: pd.DataFrame) -> pd.Series:
    """Return by reality the share of adaptations that keep epoch 0: none was better on the validation tasks."""
    rows = table[table["n_tasks"] > 0]
    return (rows["best_epoch"] == 0).groupby(_reality_names(rows), sort=False).mean()
