"""What the table of the open questions says: means over worlds, and differences within each of them."""

from collections.abc import Callable

import pandas as pd

from sparseobs.errors import InputError, require_choice
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.open_questions.settings import CASES, REFERENCE, WIND
from sparseobs_book.temperature.run import INTERPOLATION

AHEAD = "Sim2Real"  # whose lead is told
RIVALS = (INTERPOLATION, "real-only")


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


def told(frames: dict[str, pd.DataFrame], interval: Callable = repeat_interval) -> pd.DataFrame:
    """Return means with 95 % intervals over the seeds: `name`, `method`, `mean`, `low`, `high`, `n`.

    Args:
        frames: seeds down and methods across, by the name of each.
        interval: `repeat_interval`, or `share_interval` for shares.
    """
    return pd.DataFrame(
        {"name": name, "method": method, **interval(frame[method])._asdict()}
        for name, frame in frames.items()
        for method in frame
    )


def answers(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return `mean [low, high]`, methods down and names across; empty where a frame lacks the method."""
    columns = {name: frame.apply(lambda values: f"{repeat_interval(values):+.2f}") for name, frame in frames.items()}
    return pd.DataFrame(columns).fillna("")


def questions(table: pd.DataFrame) -> pd.DataFrame:
    """Return the paper's open questions beside what the table answers: `quantity` and `mean [low, high]`, by change."""
    mae, nll = ({case: pick(table, score, case) for case in CASES} for score in ("mae", "nll"))
    clustered, learnt = mae["clustered"], pick(table, "mae", "clustered", REFERENCE)
    lost = (lead(clustered) - lead(mae[REFERENCE]))[INTERPOLATION]
    rows = [
        ("clustered for dispersed", f"{AHEAD}'s MAE, °C", (clustered - mae[REFERENCE])[AHEAD]),
        ("clustered for dispersed", "of which learnt, °C", (learnt - mae[REFERENCE])[AHEAD]),
        ("clustered for dispersed", f"its lead over {INTERPOLATION}, °C", lost),
    ]
    for unit, scores in (("MAE, °C", mae), ("NLL, nats", nll)):
        change = scores["daily means"] - scores[REFERENCE]
        rows += [("daily for hourly", f"{method}'s {unit}", change[method]) for method in (AHEAD, "sim-only")]
    wind = lead(mae[WIND])
    rows += [("wind for temperature", f"{AHEAD}'s lead over {other}, m/s", wind[other]) for other in RIVALS]
    texts = [(change, quantity, f"{repeat_interval(values):+.2f}") for change, quantity, values in rows]
    return pd.DataFrame(texts, columns=["change", "quantity", "mean [low, high]"]).set_index("change")
