"""Scores of filters in the AmEnF authors' repository beside ours, and what their paper says beside our numbers."""

from dataclasses import dataclass

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.filter_comparison.published import published_scores
from sparseobs_book.filter_comparison.summary import on_all_seeds
from sparseobs_book.reproduced import verdict

CASE = ["system", "obs_error_std", "method", "ensemble_size"]


@dataclass(frozen=True)
class Shown:
    """Which cases the page shows.

    Args:
        system: one of which the authors' repository has scores, or `all`.
        obs_error_std: a noise of theirs; 0 for all.
    """

    system: str = "all"
    obs_error_std: float = 0.0

    def __post_init__(self) -> None:
        theirs = published_scores()
        require_choice("system", self.system, ["all", *sorted(set(theirs["system"]))])
        noises = sorted(set(theirs["obs_error_std"]))
        if self.obs_error_std not in (0, *noises):
            known = " or ".join(map(str, noises))
            raise InputError("obs_error_std", self.obs_error_std, f"{known}, or 0 for both", "obs_error_std=1.0")

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table that are shown."""
        rows = rows if self.system == "all" else rows[rows["system"] == self.system]
        return rows[rows["obs_error_std"] == self.obs_error_std] if self.obs_error_std else rows


PRESETS = dict.fromkeys(("smoke", "lesson", "paper"), Shown())  # it reads tables, and costs the same at any size


def beside_published(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every case of which the authors' repository has a score, with ours.

    Args:
        table: of the grid `filter_comparison`; the stored one if not given.

    Returns:
        Columns of `CASE`; published; mean, low, high, our RMSE and its 95 % interval over the seeds (NaN where ours was
        not run); runs, of which lost (diverged, or the truth lost where the table counts that); verdict, `reproduced`
        if the published score lies where one more seed of ours would fall (95 % prediction interval).
    """
    measured = on_all_seeds(read_result("filter_comparison").table if table is None else table)
    groups = dict(list(measured.groupby(CASE)))
    rows = []
    for row in published_scores().drop(columns="source").itertuples(index=False):
        every = groups.get(row[:4], measured[:0])
        scores = every["rmse"].dropna()
        found = {"runs": len(every), "lost": int(every.get("lost", every["rmse"].isna()).sum())}
        ours, word = Interval(*[float("nan")] * 3, 0), "not run here"
        if len(scores) > 1:
            ours = repeat_interval(scores)
            one_more = (ours.high - ours.mean) * (ours.n + 1) ** 0.5
            word = verdict(abs(row.published - ours.mean) <= one_more)
        rows.append(row._asdict() | ours._asdict() | found | {"verdict": word})
    return pd.DataFrame(rows).drop(columns="n")


def claims() -> pd.DataFrame:
    """Return what the paper says in words, where, and our number: `claim`, `place`, `ours`, `verdict`."""
    objectives, ensembles = read_result("objectives").table, read_result("ensembles").table
    learned = objectives.query("stride == 1 and objective == 'analysis'")["rmse"]
    copied = repeat_interval(learned)
    forecast = ensembles[ensembles["objective"] == "forecast"].pivot(index="seed", columns="dropout", values="spread")
    apart = repeat_interval(forecast[0.1] - forecast[0.0])
    unknown = read_result("unknown_instrument").table.query("channel_error_std == 0.3 and n_channels == 10")
    errors = unknown.pivot(index="seed", columns="method", values="rmse_between")
    read = repeat_interval(errors["AmEnF + instrument"] - errors["AmEnF"])
    rows = [
        (
            "Taught to match what it was given, a network repeats it: its error is the noise, 1",
            "figure 6",
            f"RMSE {copied:.2f}",
            verdict(abs(copied.mean - 1) < 0.05),
        ),
        (
            "Dropout keeps the members apart; without it they become one",
            "figure 5",
            f"spread {apart:+.2f} by dropout, {forecast[0.0].max():.2f} without",
            verdict(apart.low > 0 and forecast[0.0].max() < 0.01),
        ),
        (
            "A network learns to read an instrument by weights that nobody tells it",
            "appendix D.2",
            f"RMSE {read:+.2f}",
            verdict(read.high < 0),
        ),
    ]
    return pd.DataFrame(rows, columns=["claim", "place", "ours", "verdict"])
