"""Published and ours, side by side, for the page on what was reproduced; every number is read from a stored table."""

import pandas as pd

from sparseobs.runs.published_filters import published_scores
from sparseobs.runs.results import read_result

CASE = ["system", "obs_error_std", "method", "ensemble_size"]
CLOSE = 0.06  # state units: how far from the published number still counts as reproduced


def filters_beside_published(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every case of the paper's comparison that was published or measured here.

    Args:
        table: of the grid `filter_comparison`; the stored one if not given.

    Returns:
        Columns of `CASE`; published; ours, the mean RMSE over the seeds that did not diverge; lost, the seeds that did,
        of how many; verdict.
    """
    table = read_result("filter_comparison").table if table is None else table
    counted = table.sort_values("implementation").drop_duplicates([*CASE, "seed"], keep="last")  # batched: all seeds
    measured = counted.groupby(CASE)["rmse"].agg(ours="mean", kept="count", of="size").reset_index()
    both = published_scores().merge(measured, how="outer", on=CASE)
    both = both[both[["published", "ours"]].notna().any(axis=1)]
    lost = (both["of"] - both["kept"]).fillna(0).astype(int)
    both["lost"] = [f"{some} of {of:.0f}" if of == of else "" for some, of in zip(lost, both["of"], strict=True)]
    both["verdict"] = [verdict(*row) for row in both[["published", "ours"]].itertuples(index=False)]
    return both[[*CASE, "published", "ours", "lost", "verdict"]].reset_index(drop=True)


def verdict(published: float, ours: float) -> str:
    """Return in words how our number stands to the published one; both are RMSE, NaN where there is none."""
    if pd.isna(ours):
        return "not run here"
    if pd.isna(published):
        return "no published number"
    if abs(ours - published) <= CLOSE:
        return "reproduced"
    return "lower here" if ours < published else "higher here"
