"""What the table of the open questions says: means over worlds, and differences within each of them."""

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.scores.intervals import repeat_interval
from sparseobs.stations.geography import Points
from sparseobs.stations.splits import StationSplit
from sparseobs_book.open_questions.settings import CASES, REFERENCE, WIND
from sparseobs_book.temperature.run import INTERPOLATION

AHEAD = "Sim2Real"  # whose lead is told


def pick(table: pd.DataFrame, score: str, case: str, shown: str | None = None) -> pd.DataFrame:
    """Return a score, seeds down and methods across.

    With daily means, methods that never see the reanalysis have the score that they have in the reference.

    Args:
        table: `open_questions`.
        score: column.
        case: of `CASES`.
        shown: layout of the stations shown; None is that of the case.

    Raises:
        InputError: no such case or rows, or a method without a score in one of the seeds.
    """
    change = CASES[require_choice("case", case, CASES)]
    rows = table[(table["case"] == case) & (table["shown"] == (shown or change.layout))]
    wide = rows.pivot(index="seed", columns="method", values=score)
    if wide.empty or wide.isna().any(axis=None):
        given = f"{len(rows)} rows of {case!r}"
        raise InputError("table", given, "every method in every seed", "running the whole grid")
    if change.daily:
        others = pick(table, score, REFERENCE)
        wide = wide.join(others[others.columns.difference(wide.columns)])
    return wide[[method for method in CASES[REFERENCE].methods if method in wide]]


def lead(scores: pd.DataFrame) -> pd.DataFrame:
    """Return by how much Sim2Real's score is below each other method's: positive is Sim2Real ahead."""
    return scores.drop(columns=AHEAD).sub(scores[AHEAD], axis=0)


def relative_lead(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the lead in per cent of each other method's score, for scores whose zero is perfect."""
    return 100 * lead(scores) / scores.drop(columns=AHEAD)


def told(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return means with 95 % intervals over the seeds.

    Args:
        frames: seeds down and methods across, by the name of each.

    Returns:
        `name`, `method`, `mean`, `low`, `high`, `n`.
    """
    return pd.DataFrame(
        {"name": name, "method": method, **repeat_interval(frame[method])._asdict()}
        for name, frame in frames.items()
        for method in frame
    )


def verdict(low: float, high: float) -> str:
    """Return what an interval says of its mean."""
    return "above zero" if low > 0 else "below zero" if high < 0 else "open"


def text(values: pd.Series, unit: str = "") -> str:
    """Return the mean of one value a seed with its 95 % interval, its unit and what the interval says."""
    found = repeat_interval(values)
    return f"{found:+.2f}{unit and ' ' + unit}, {verdict(found.low, found.high)}"


def answers(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return `text` of each method, methods down and names across; empty where a frame lacks the method."""
    return pd.DataFrame({name: frame.apply(text) for name, frame in frames.items()}).fillna("")


def questions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's open questions beside what the table answers, in words that follow from its numbers."""
    mae = {case: pick(table, "mae", case) for case in CASES}
    nll = {case: pick(table, "nll", case) for case in CASES}
    same = pick(table, "mae", "clustered", REFERENCE)
    shares = (100 * (mae["clustered"] / mae[REFERENCE] - 1)).mean()
    leads = {case: lead(scores)[INTERPOLATION] for case, scores in mae.items()}
    daily = {name: part["daily means"][AHEAD] - part[REFERENCE][AHEAD] for name, part in (("mae", mae), ("nll", nll))}
    rows = [
        (
            "Stations clustered, not dispersed, at equal number",
            f"{AHEAD}'s MAE {text(mae['clustered'][AHEAD] - mae[REFERENCE][AHEAD], '°C')}",
            f"of which learnt: {text(same[AHEAD] - mae[REFERENCE][AHEAD], '°C')}",
            f"its lead over {INTERPOLATION} changes by {text(leads['clustered'] - leads[REFERENCE], '°C')}",
            f"hurt most: {shares.idxmax()} ({shares.max():+.0f} %), least: {shares.idxmin()} ({shares.min():+.0f} %)",
        ),
        (
            "Pre-training on daily means, not hours",
            f"{AHEAD}'s MAE {text(daily['mae'], '°C')}; NLL {text(daily['nll'], 'nats')}",
            f"before adapting MAE {text(mae['daily means']['sim-only'] - mae[REFERENCE]['sim-only'], '°C')}; "
            f"NLL {text(nll['daily means']['sim-only'] - nll[REFERENCE]['sim-only'], 'nats')}",
        ),
        (
            "Another variable: wind speed",
            f"{AHEAD}'s lead in MAE over {INTERPOLATION}: {text(leads[WIND], 'm/s')}",
            f"over real-only: {text(lead(mae[WIND])['real-only'], 'm/s')}",
            f"for temperature over {INTERPOLATION}: {text(leads[REFERENCE], '°C')}",
            f"over real-only: {text(lead(mae[REFERENCE])['real-only'], '°C')}",
        ),
    ]
    return pd.DataFrame([(row[0], "<br>".join(row[1:])) for row in rows], columns=["question", "answer"])


def by_role(places: Points, splits: dict[str, StationSplit]) -> dict[str, dict[str, tuple]]:
    """Return latitudes and longitudes of the stations of each part, by the split's name, then by the part's."""
    return {
        name: {role: (places[part].latitude, places[part].longitude) for role, part in vars(split).items()}
        for name, split in splits.items()
    }
