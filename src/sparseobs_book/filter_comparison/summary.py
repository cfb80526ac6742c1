"""What the stored comparison of filters says: who is ahead, whether implementations agree, what it all cost."""

from itertools import product

import pandas as pd

from sparseobs.dynamics.catalogue import SYSTEMS
from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.filter_comparison.published import published_scores
from sparseobs_book.trained_filters.recipes import NOISES
from sparseobs_book.trained_filters.stored import stored_filter
from sparseobs_book.trained_filters.tuning import RESULT as TUNING

CASE = ["system", "obs_error_std", "ensemble_size"]
# What is harder than, or only other than, the standard experiment on Lorenz-96: F = 8, every fourth site, rotating.
HARDER = {
    "fixed_long_gap": "same sites always, every 0.15",
    "double_gap": "rotating, every 0.2",
    "all_sites": "every site, every 0.05",
    "forcing_7.5": "model with F = 7.5",
    "forcing_8.5": "model with F = 8.5",
}


def on_all_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a comparison that every seed has: not DAPPER's own, which ran on some of them only."""
    return table[table["implementation"] != "DAPPER"]


def beside_letkf(table: pd.DataFrame, method: str = "AmEnF", rival: str = "LETKF", score: str = "rmse") -> pd.DataFrame:
    """Return a row a system, noise and ensemble size: both methods' scores and their difference, seed by seed.

    Args:
        table: of the grid `filter_comparison`.
        method: of the table.
        rival: of the table.
        score: rmse or crps.

    Returns:
        Columns of `CASE`; the mean score of both; `difference`, its mean with the 95 % interval over the seeds that
        have both; `ahead`, the better one, or `neither` if the interval holds zero.
    """
    rows = []
    for case, part in on_all_seeds(table).groupby(CASE, sort=False):
        scores = part.pivot_table(index="seed", columns="method", values=score, dropna=False)
        if {method, rival} <= set(scores) and len(both := scores[[method, rival]].dropna()) > 1:
            interval = repeat_interval(both[method] - both[rival])
            ahead = method if interval.high < 0 else rival if interval.low > 0 else "neither"
            means = {name: scores[name].mean() for name in (method, rival)}
            rows.append(dict(zip(CASE, case, strict=True)) | means | {"difference": str(interval), "ahead": ahead})
    return pd.DataFrame(rows, columns=[*CASE, method, rival, "difference", "ahead"])


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a case that DAPPER ran too.

    Returns:
        Columns of `CASE`; method, seed; DAPPER and batched, both RMSE on that seed, NaN where a run was not finite;
        between_seeds, the standard deviation of the batched form's RMSE over all seeds.
    """
    keys = [*CASE, "method"]
    dappers = table[table["implementation"] == "DAPPER"].set_index([*keys, "seed"])["rmse"]
    ours = on_all_seeds(table).set_index([*keys, "seed"])["rmse"]
    both = pd.DataFrame({"DAPPER": dappers, "batched": ours.reindex(dappers.index)}).reset_index()
    return both.merge(ours.groupby(keys).std().rename("between_seeds").reset_index(), on=keys)


def beside_published(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the cases of which the authors' repository has a score, with ours.

    Theirs is the score of one seed (Kuramoto-Sivashinsky) or the mean over a number that is not stated (Lorenz-96). It
    is held against where one more seed of ours would fall, the 95 % prediction interval.

    Args:
        table: of the grid `filter_comparison`; the stored one if not given.

    Returns:
        Columns of `CASE`; method; published; ours, the mean RMSE over the seeds; low and high, of the interval; lost,
        how many of the `seeds` lost the truth; reproduced, whether the published score lies in the interval.
    """
    keys = [*CASE, "method", "published"]
    table = on_all_seeds(read_result("filter_comparison").table if table is None else table)
    rows = []
    for case, part in table.merge(published_scores(), on=keys[:-1]).groupby(keys, sort=False):
        mean, _, high, seeds = repeat_interval(part["rmse"].dropna())
        half = (high - mean) * (seeds + 1) ** 0.5
        rows.append((*case, mean, mean - half, mean + half, part["lost"].sum(), len(part)))
    both = pd.DataFrame(rows, columns=[*keys, "ours", "low", "high", "lost", "seeds"])
    return both.assign(reproduced=both["published"].between(both["low"], both["high"]))


def costs() -> pd.DataFrame:
    """Return what the filters of each system and noise cost before they could be used, in minutes of computing.

    Returns:
        Columns system, obs_error_std; training, of the AmEnF, that of the filter it began with included; a column for
        the tuning of each classical method, over all ensemble sizes tuned.
    """
    tunings = read_result(TUNING).record["parameters"]["tunings"]
    rows = []
    for system, noise in product(SYSTEMS, NOISES):
        stored = stored_filter(system, noise)
        before = stored.recipe.start_from
        minutes = stored.minutes + (stored_filter(system, before).minutes if before is not None else 0)
        row = {"system": system, "obs_error_std": noise, "training": minutes}
        for one in tunings:
            name, method, std, *_ = one["case"]
            if (name, std) == (system, noise):
                row[method] = row.get(method, 0) + one["wall_seconds"] / 60
        rows.append(row)
    return pd.DataFrame(rows)
