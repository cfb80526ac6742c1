"""Published scores of filters beside ours, and what the AmEnF's paper says in words beside our numbers."""

from dataclasses import dataclass

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import Interval, repeat_interval
from sparseobs_book.filter_comparison.published import NOISES, PLACES, published_scores
from sparseobs_book.filter_comparison.summary import on_all_seeds
from sparseobs_book.reproduced import verdict

CASE = ["system", "obs_error_std", "method", "ensemble_size"]


@dataclass(frozen=True)
class Shown:
    """Which cases the page shows.

    Args:
        system: one of which anything was published, or `all`.
        obs_error_std: a noise of the comparison; 0 for all.
    """

    system: str = "all"
    obs_error_std: float = 0.0

    def __post_init__(self) -> None:
        require_choice("system", self.system, ["all", *PLACES])
        if self.obs_error_std not in (0, *NOISES):
            known = " or ".join(map(str, NOISES))
            raise InputError("obs_error_std", self.obs_error_std, f"{known}, or 0 for both", "obs_error_std=1.0")

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table that are shown."""
        rows = rows if self.system == "all" else rows[rows["system"] == self.system]
        return rows[rows["obs_error_std"] == self.obs_error_std] if self.obs_error_std else rows


PRESETS = dict.fromkeys(("smoke", "lesson", "paper"), Shown())  # it reads tables, and costs the same at any size


def beside_published(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every case of which the AmEnF's authors left a number that can stand beside ours.

    The two numbers of their own filter cannot: its observations rotate the other way, which is another problem.

    Args:
        table: of the grid `filter_comparison`; the stored one if not given.

    Returns:
        Columns of `CASE`; published; mean, low, high, our RMSE and its 95 % interval over the seeds that did not
        diverge (NaN where ours was not run); runs, of which diverged; verdict, `reproduced` if the published number
        lies in the interval.
    """
    measured = on_all_seeds(read_result("filter_comparison").table if table is None else table)
    groups = dict(list(measured.groupby(CASE)["rmse"]))
    rows = []
    published = published_scores().dropna(subset="published").query("method != 'AmEnF'")
    for row in published[[*CASE, "published"]].itertuples():
        every = groups.get(row[1:5], pd.Series(dtype=float))
        ours = repeat_interval(every.dropna()) if every.count() > 1 else Interval(*[float("nan")] * 3, 0)
        found = {"diverged": every.isna().sum(), "runs": len(every), **ours._asdict()}
        word = verdict(ours.low <= row.published <= ours.high) if ours.n else "not run here"
        rows.append(row._asdict() | found | {"verdict": word})
    return pd.DataFrame(rows).drop(columns=["Index", "n"])


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
