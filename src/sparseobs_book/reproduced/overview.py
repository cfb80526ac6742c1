"""Published and ours, side by side, for the page on what was reproduced; every number is read from a stored table."""

from dataclasses import dataclass

import pandas as pd

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.errors import require_choice, require_number
from sparseobs.runs.results import read_result
from sparseobs_book.filter_comparison.published import published_scores

CASE = ["system", "obs_error_std", "method", "ensemble_size"]
CLOSE = 0.06  # state units: how far from the published number still counts as reproduced


@dataclass(frozen=True)
class Overview:
    """Which rows the page shows.

    Args:
        system: of `sparseobs.dynamics.catalogue`, or `all`.
        obs_error_std: noise; 0 for every noise.
    """

    system: str = "all"
    obs_error_std: float = 0.0

    def __post_init__(self) -> None:
        require_choice("system", self.system, ["all", *SYSTEMS])
        require_number("obs_error_std", self.obs_error_std, least=0)

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that are shown."""
        rows = rows if self.system == "all" else rows[rows["system"] == self.system]
        return rows[rows["obs_error_std"] == self.obs_error_std] if self.obs_error_std else rows


PRESETS = {name: Overview() for name in ("smoke", "lesson", "paper")}  # it reads tables, and costs the same at any size


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


def by_ensemble_size(both: pd.DataFrame) -> pd.DataFrame:
    """Return `published | ours` of a row a system, noise and method, a column an ensemble size, dashes for none.

    Args:
        both: rows of `filters_beside_published`; where runs of ours diverged, their count follows in brackets.
    """
    entries = both.assign(entry=[_entry(row) for row in both.itertuples()])
    return entries.pivot(index=CASE[:3], columns="ensemble_size", values="entry").fillna("")


def _entry(row: object) -> str:
    published, ours = (f"{value:.3g}" if value == value else "–" for value in (row.published, row.ours))
    lost = f" ({row.lost})" if row.lost and not row.lost.startswith("0") else ""
    return f"{published} | {ours}{lost}"
