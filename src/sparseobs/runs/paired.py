"""Differences within pairs: what a change does to a score when all else of a repeat is the same."""

import math

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.scores.intervals import repeat_interval


def paired_differences(table: pd.DataFrame, by: str, reference: str, score: str = "rmse") -> pd.DataFrame:
    """Return each variant's score less the reference's, a mean over the seeds that both have.

    Args:
        table: a row a variant and seed; columns `seed`, `by` and the score.
        by: column that names the variants.
        reference: the variant that the others are compared with.
        score: column compared.

    Returns:
        A row a variant but the reference, in the table's order: `by`, difference, low and high (95 % Student-t
        interval over the seeds; NaN for one seed), n (seeds).

    Raises:
        InputError: no such reference, or a variant without a seed of the reference's.
    """
    scores = table.pivot(index="seed", columns=by, values=score)
    require_choice("reference", reference, scores.columns)
    rows = []
    for variant in dict.fromkeys(table[by]):
        if variant != reference:
            differences = (scores[variant] - scores[reference]).dropna()
            if differences.empty:
                raise InputError(by, f"{variant}: no pair", "a seed that the reference has too", "more seeds")
            low, high = repeat_interval(differences)[1:3] if len(differences) > 1 else (math.nan, math.nan)
            found = {"difference": differences.mean(), "low": low, "high": high, "n": len(differences)}
            rows.append({by: variant} | found)
    return pd.DataFrame(rows)
