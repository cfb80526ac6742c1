"""Who wins where in the Gaussian-process laboratory, as numbers: gaps to the exact prediction, FiLM and all weights."""

import pandas as pd

from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.laboratory.settings import GAPS

REALITY = ["gap", "length_scale", "noise_variance"]
WHERE = [*REALITY, "n_tasks"]
SIMULATED_NOISE = GAPS["noise"].simulator.noise_variance
# [scholz2023] as far as it is known to us.
FINDINGS = {
    "FiLM can win where length scales grow": "growing",
    "FiLM can win where the noise changes a little (by a factor of two)": "noise",
    "FiLM loses where length scales shrink": "shrinking",
    "the same, from mixed scales": "mixed",
}


def gap_to_exact(table: pd.DataFrame) -> pd.DataFrame:
    """Return how far each method stays below the exact prediction, nats a target.

    Args:
        table: the stored table, a row a repeat.

    Returns:
        Columns of `WHERE`, method, mean, low, high (95 % interval over the seeds), n.
    """
    return _intervals(table.assign(score=table["loglik_exact"] - table["loglik"]), [*WHERE, "method"])


def film_lead(table: pd.DataFrame, by: list[str] | None = None) -> pd.DataFrame:
    """Return FiLM's lead over tuning all weights, nats a target, averaged seed by seed over what `by` leaves out.

    The lead is FiLM's log-likelihood less all weights'; positive is FiLM ahead.

    Args:
        table: the stored table.
        by: some of `WHERE`; None is all, a row a place.

    Returns:
        Columns of `by`, mean, low, high (95 % interval over the seeds), n.
    """
    by = WHERE if by is None else by
    scores = table.pivot_table(index=[*WHERE, "seed"], columns="method", values="loglik", sort=False)
    leads = (scores["Sim2Real (FiLM)"] - scores["Sim2Real"]).dropna().rename("score")
    return _intervals(leads.groupby([*by, "seed"], sort=False).mean().reset_index(), by)


def _intervals(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    groups = rows.groupby(by, sort=False)["score"]
    return pd.DataFrame(
        [dict(zip(by, where, strict=True)) | repeat_interval(scores)._asdict() for where, scores in groups]
    )


def findings(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the table says of each published finding.

    Returns:
        A row each of `FINDINGS`: finding; ahead, behind and open, the numbers of realities and task counts at which
        FiLM's interval lies above, below or on both sides of zero; mean, low, high, n of its lead, averaged over all
        of them seed by seed.
    """
    rows = []
    for finding, gap in FINDINGS.items():
        part = table[table["gap"] == gap]
        if gap == "noise":
            part = part[(part["noise_variance"] / SIMULATED_NOISE).between(0.45, 2.2)]
        places, average = film_lead(part), film_lead(part, ["gap"]).iloc[0].drop("gap")
        ahead, behind = int((places["low"] > 0).sum()), int((places["high"] < 0).sum())
        counts = {"ahead": ahead, "behind": behind, "open": len(places) - ahead - behind}
        rows.append({"finding": finding, **counts, **average})
    return pd.DataFrame(rows)
