"""Who wins where in the Gaussian-process laboratory: gaps to the exact prediction, and FiLM against all weights."""

import pandas as pd

from sparseobs.runs.gp_laboratory_settings import GAPS
from sparseobs.scores.intervals import repeat_interval

WHERE = ["gap", "length_scale", "noise_variance", "n_tasks"]
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
